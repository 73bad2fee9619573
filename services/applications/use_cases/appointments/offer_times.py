"""Times that became free are offered to whoever waits for one, in the transaction that freed them: nobody is quicker."""

from datetime import datetime, timedelta
from uuid import UUID

from services.applications.appointments.repository import Bookings, Slots, Waits
from services.applications.appointments.timetables import the_policy, timetable_of
from services.applications.catalogue import the_catalogue
from services.applications.domain.booking import Booking, Visit
from services.applications.domain.references import reference
from services.applications.domain.timetable import Slot, Window, post_of
from services.applications.queue.closures import is_closed
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

LAPSE_HOLD = "lapse_hold"


async def free_times(holder: str, uow: UnitOfWork) -> list[str]:
    """The holder keeps none any more. Out: those that are free for everybody now."""
    return [slot_id for slot_id in await Slots(uow).give_back(holder) if not await offered(slot_id, uow)]


async def offered(slot_id: str, uow: UnitOfWork) -> bool:
    """Whether somebody on the waiting list has it now, until they say yes or their time is up. At a closed post nobody."""
    found = timetable_of(post_of(slot_id)).slot(slot_id)
    if found is None:
        return False
    slot, window = found
    policy = the_policy()
    until = min(uow.at + timedelta(hours=policy.offer_hours), slot.starts_at - timedelta(hours=policy.offer_lead_hours))
    if until <= uow.at or await is_closed(slot.post_id, uow):
        return False
    return await _offer(slot, window, until, uow)


async def _offer(slot: Slot, window: Window, until: datetime, uow: UnitOfWork) -> bool:
    waits = Waits(uow)
    wait = await waits.next_for(slot, window)
    if wait is None:
        return False
    post = the_catalogue().post(slot.post_id)
    booking = Booking.hold(
        uow.new_id(),
        new_reference(post.code, uow),
        citizen_id=wait.citizen_id,
        post=(post.id, slot.zone),
        elsewhere=slot.elsewhere,
        visits=(Visit.of(slot, wait.service_id),),
        at=uow.at,
        until=until,
        source="waiting-list",
    )
    await Slots(uow).take([slot], booking.id)
    await Bookings(uow).add(booking)
    wait.offer(booking.id)
    await waits.save(wait)
    uow.publish(booking.offered(uow.at))
    uow.schedule(lapsing(booking))
    return True


def lapsing(booking: Booking) -> NewJob:
    assert booking.held_until is not None  # noqa: S101 (it is held)
    return NewJob(LAPSE_HOLD, booking.id, booking.held_until, {"booking_id": booking.id})


def new_reference(post_code: str, uow: UnitOfWork) -> str:
    """The same when the transaction runs again."""
    return reference(post_code, uow.at, UUID(uow.new_id()).bytes)
