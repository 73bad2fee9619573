"""An officer saw a citizen and their papers at the counter: from now on it is known who stands behind the account."""

from dataclasses import dataclass

from services.identity.domain.person import Person, PersonKind
from services.identity.repository import People
from shared.actors import POST_ROLES, Officer
from shared.errors import NotFound
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class RaiseAssurance:
    person_id: str
    paper: str
    by: Officer


async def raise_assurance(command: RaiseAssurance, uow: UnitOfWork) -> Person:
    """A citizen without a post comes to belong to the officer's. Raises NotFound for one of another post."""
    people, by = People(uow), command.by
    person = await people.find({"_id": command.person_id, "kind": PersonKind.CITIZEN.value})
    post_id = (person.post_id if person else None) or by.post_id
    roles = by.roles_at(post_id) & POST_ROLES
    if person is None or person.is_erased or not roles:
        raise NotFound
    event = person.seen_at_counter(post_id, by.id, at=uow.at)
    await people.save(person)
    uow.publish(event)
    about = {"person": person.id, "level": person.assurance.value}
    uow.audit("assurance:raise", about=about, reason=command.paper, role=min(roles), post=post_id)
    return person
