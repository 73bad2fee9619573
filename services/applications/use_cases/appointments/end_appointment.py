"""An appointment is given up, by its citizen or by the post, or a hold or offer runs out: its times go to whoever waits."""

from dataclasses import dataclass

from services.applications.appointments.repository import Bookings, Waits
from services.applications.domain.booking import Booking, EndReason
from services.applications.domain.counter import to_serve
from services.applications.use_cases.appointments.offer_times import free_times
from shared.actors import Citizen, Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class CancelAppointment:
    booking_id: str
    by: Citizen | Officer


@dataclass(frozen=True, slots=True)
class LapseHold:
    booking_id: str


@dataclass(frozen=True, slots=True)
class JudgeSilence:
    booking_id: str


async def cancel_appointment(command: CancelAppointment, uow: UnitOfWork) -> Booking:
    """Raises AppointmentNotFound, NotBooked, VisitTookPlace, VisitMissed, VisitorIsHere, TooLateNow, RoleNotAllowed,
    SecondFactorNeeded."""
    by = command.by
    booking = await Bookings(uow).get_for(by, command.booking_id)
    role = to_serve(booking.post_id, by) if isinstance(by, Officer) else None
    await ended(booking, "by-post" if isinstance(by, Officer) else "by-citizen", uow)
    about = {"appointment": booking.id, "person": booking.citizen_id, "post": booking.post_id}
    uow.audit("appointment:cancel", about=about, role=role, post=booking.post_id if role else None)
    return booking


async def lapse_hold(command: LapseHold, uow: UnitOfWork) -> None:
    """Changes nothing where it was booked or given up before."""
    booking = await Bookings(uow).find({"_id": command.booking_id})
    if booking and booking.lapse(at=uow.at):
        await Bookings(uow).save(booking)
        await _freed(booking, uow)


async def judge_silence(command: JudgeSilence, uow: UnitOfWork) -> None:
    """Who was asked, has the question and did not answer loses the time; whoever may not have it is put on the list of calls."""
    bookings = Bookings(uow)
    booking = await bookings.find({"_id": command.booking_id})
    if booking is None:
        return
    before = booking.version
    event = booking.judge_silence(at=uow.at)
    if booking.version == before:
        return
    await bookings.save(booking)
    if event:
        uow.publish(event)
        await _freed(booking, uow)


async def ended(booking: Booking, reason: EndReason, uow: UnitOfWork) -> None:
    """Raises NotBooked, VisitTookPlace, VisitMissed, VisitorIsHere, TooLateNow."""
    event = booking.cancel(reason, at=uow.at)
    await Bookings(uow).save(booking)
    if event:
        uow.publish(event)
    await _freed(booking, uow)


async def _freed(booking: Booking, uow: UnitOfWork) -> None:
    waits = Waits(uow)
    wait = await waits.find({"booking_id": booking.id, "state": "offered"})
    if wait:  # before anybody is offered these times: whoever let an offer go is not offered the same again
        wait.miss()
        await waits.save(wait)
    await free_times(booking.id, uow)
