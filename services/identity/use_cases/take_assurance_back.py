"""A head takes back what an officer said at the counter of who a citizen is: a mistake, or papers that are in doubt."""

from dataclasses import dataclass
from enum import StrEnum

from services.identity.domain.person import Person, PersonKind
from services.identity.officers_ending import end_sessions_of
from services.identity.passkeys_schema import Passkeys
from services.identity.repository import People
from shared.actors import Assurance, Officer
from shared.errors import NotAllowed, NotFound
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_


class DoubtReason(StrEnum):
    GIVEN_BY_MISTAKE = "given-by-mistake"
    PAPERS_DOUBTED = "papers-doubted"
    UNDER_INQUIRY = "under-inquiry"


class AnotherHead(NotAllowed):
    code = "assurance-was-yours"
    message = N_("You said yourself who this is. Another head takes it back.")


@dataclass(frozen=True, slots=True)
class TakeAssuranceBack:
    person_id: str
    reason: DoubtReason
    by: Officer


async def take_assurance_back(command: TakeAssuranceBack, uow: UnitOfWork) -> Person:
    """Their sign-ins end, and passkeys that were added meanwhile say no more than the person does. Raises NotFound for a
    citizen of another head's post, AnotherHead, NothingToTakeBack."""
    people, by = People(uow), command.by
    person = await people.find({"_id": command.person_id, "kind": PersonKind.CITIZEN.value})
    if person is None or person.is_erased or person.post_id is None or "head" not in by.roles_at(person.post_id):
        raise NotFound
    if person.assured_by == by.id:
        raise AnotherHead
    event = person.doubted(at=uow.at)
    await people.save(person)
    uow.publish(event)
    ended = await end_sessions_of(person.id, uow)
    await _doubt_passkeys(person.id, uow)
    about = {"person": person.id, "level": person.assurance.value, "officer": person.assured_by or "nobody", "sessions": ended}
    uow.audit("assurance:take-back", about=about, reason=command.reason.value, role="head", post=person.post_id)
    return person


async def _doubt_passkeys(person_id: str, uow: UnitOfWork) -> None:
    every = Passkeys(uow)
    rows = await uow.db.passkeys.find({"person_id": person_id}, session=uow.session).to_list()
    for passkey in await every.mapper.read_all(uow.db, rows, uow=uow):
        if passkey.assurance is Assurance.COUNTER_SEEN:
            passkey.doubt()
            await every.save(passkey)
