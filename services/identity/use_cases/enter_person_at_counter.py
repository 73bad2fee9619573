"""Somebody without a telephone or e-mail stands at the counter with their papers: an account is made for them there."""

from dataclasses import dataclass

from services.identity.domain.person import Person
from services.identity.repository import People
from shared.actors import POST_ROLES, Officer
from shared.errors import NotAllowed
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class EnterPersonAtCounter:
    """paper: the kind that the officer saw. name: as it stands in it."""

    person_id: str
    name: str
    language: str
    paper: str
    by: Officer


async def enter_person_at_counter(command: EnterPersonAtCounter, uow: UnitOfWork) -> Person:
    """Nobody can sign in to it before a contact is proven for it. Raises NotAllowed, InvalidInput."""
    post_id, roles = command.by.post_id, command.by.roles_at(command.by.post_id) & POST_ROLES
    if not roles:
        raise NotAllowed
    person = Person.citizen(
        id=command.person_id, login=command.person_id, name=command.name, language=command.language, email=None, phone=None
    )
    event = person.seen_at_counter(post_id, command.by.id, at=uow.at)
    await People(uow).add(person)
    uow.publish(event)
    about = {"person": person.id, "level": person.assurance.value}
    uow.audit("person:enter_at_counter", about=about, reason=command.paper, role=min(roles), post=post_id)
    return person
