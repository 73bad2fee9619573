"""Another person than who gave a role confirms it: only then is it in force. Nobody alone makes somebody who decides."""

from dataclasses import dataclass

from services.identity.domain.grants import GrantNotFound, MayNotConfirm
from services.identity.domain.person import Person, PersonKind
from services.identity.grant_queries import may_be_confirmed
from services.identity.repository import People
from services.identity.second_person import second_person_rules
from shared.actors import Officer
from shared.errors import NotFound
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ConfirmRole:
    person_id: str
    grant_id: str
    by: Officer


async def confirm_role(command: ConfirmRole, uow: UnitOfWork) -> Person:
    """Raises NotFound, GrantNotFound, MayNotConfirm, AlreadyWithdrawn, NothingToConfirm."""
    people, by = People(uow), command.by
    person = await people.find({"_id": command.person_id, "kind": PersonKind.OFFICER.value})
    if person is None or not may_be_confirmed(person, by):
        raise NotFound
    grant = next((grant for grant in person.grants if grant.id == command.grant_id), None)
    if grant is None:
        raise GrantNotFound
    if not second_person_rules().may_confirm(by, grant, person_id=person.id):
        raise MayNotConfirm
    confirmed = grant.confirmed_by(by, uow.at)
    person.grants = [confirmed if each.id == grant.id else each for each in person.grants]
    person.version += 1
    await people.save(person)
    about = {
        "person": person.id,
        "grant": grant.id,
        "role": grant.role,
        "posts": list(grant.posts),
        "by": grant.given_by or "nobody",
    }
    uow.audit("grant:confirm", about=about)
    return person
