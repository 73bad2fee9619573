"""A person is erased: their account here, and by an event what every other service keeps about them."""

from services.identity.contacts import release_contacts
from services.identity.domain.erasure import Erasure
from services.identity.domain.session import EndedBecause
from services.identity.repository import Erasures, People
from services.identity.schema import SEALED
from services.identity.ways_in import end_credentials, end_ways_in
from shared.errors import NotFound
from shared.mongo.erasure import ErasePerson, erase_or_hold
from shared.mongo.transactions import UnitOfWork


async def erase_person(command: ErasePerson, uow: UnitOfWork) -> None:
    """Idempotent. A hold here keeps the account's data, by which nobody signs in any more; the other services are told all the
    same, and hold what they must.

    Raises NotFound.
    """
    if await People(uow).find({"_id": command.person_id}) is None:
        raise NotFound
    erasures = Erasures(uow)
    if await erasures.find({"_id": command.person_id}) is None:
        erasure, event = Erasure.ask(command.person_id, at=uow.at)
        await erasures.add(erasure)
        uow.publish(event)
    await erase_or_hold(command, uow, sealed=SEALED)
    await release_contacts(command.person_id, uow)
    await end_ways_in(command.person_id, uow)
    await end_credentials(command.person_id, uow)
    await _end_sessions(command.person_id, uow)


async def _end_sessions(person_id: str, uow: UnitOfWork) -> None:
    await uow.db.sessions.update_many(
        {"person_id": person_id, "ended_at": None},
        {"$set": {"ended_at": uow.at, "ended_because": EndedBecause.ERASED.value}, "$inc": {"version": 1}},
        session=uow.session,
    )
