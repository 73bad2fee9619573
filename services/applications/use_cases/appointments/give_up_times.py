"""A person is erased: their times to come are free, they wait for none, and they are in no draw that is open."""

from services.applications.appointments.repository import Bookings, DrawEntries, Draws, Waits, through_gate
from services.applications.domain.booking import KEPT
from services.applications.use_cases.appointments.end_appointment import ended
from shared.mongo.database import Document
from shared.mongo.transactions import UnitOfWork


async def give_up_times(person_id: str, uow: UnitOfWork) -> None:
    """What is past, or written down as a visit, stays until its rule deletes it: only ids are left in it. Idempotent."""
    await _leave_lists(person_id, uow)  # before times are free: they are not offered to who is erased
    await _leave_draws(person_id, uow)
    to_come = {"starts_at": {"$gt": uow.at}, "state": {"$in": [state.value for state in KEPT]}}
    for booking_id in await _ids("bookings", {"citizen_id": person_id} | to_come, uow):
        booking = await Bookings(uow).find({"_id": booking_id})
        if booking and booking.why_kept("by-citizen", at=uow.at) is None:
            await ended(booking, "by-citizen", uow)


async def _leave_lists(person_id: str, uow: UnitOfWork) -> None:
    waits = Waits(uow)
    for wait_id in await _ids("waits", {"citizen_id": person_id, "state": "waiting"}, uow):
        if wait := await waits.find({"_id": wait_id}):
            wait.leave()
            await waits.save(wait)


async def _leave_draws(person_id: str, uow: UnitOfWork) -> None:
    """An entry in a draw that is closed stays, as its code is published; it gets no time when the draw is settled."""
    for entry_id in await _ids("draw_entries", {"citizen_id": person_id, "outcome": None}, uow):
        entry = await DrawEntries(uow).find({"_id": entry_id})
        if entry is None or (await Draws(uow).known(entry.draw_id)).state != "announced":
            continue
        await through_gate(uow, entry.draw_id, person_id)
        await uow.db.draw_entries.delete_one({"_id": entry_id}, session=uow.session)


async def _ids(collection: str, wanted: Document, uow: UnitOfWork) -> list[str]:
    return [str(row["_id"]) async for row in uow.db[collection].find(wanted, {"_id": 1}, session=uow.session)]
