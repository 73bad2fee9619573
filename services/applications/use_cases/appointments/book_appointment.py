"""Times that are kept or offered become an appointment. From now on its citizen is asked, ahead of it, whether they come."""

from dataclasses import dataclass
from datetime import timedelta

from services.applications.appointments.repository import Bookings, Waits
from services.applications.appointments.timetables import the_policy
from services.applications.domain.booking import Booking, BookingState, asks_of
from shared.actors import Citizen
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

ASK_ATTENDANCE, JUDGE_SILENCE = "ask_attendance", "judge_silence"


@dataclass(frozen=True, slots=True)
class BookAppointment:
    """visitor, phone: of an offer, which was made before anybody said who comes."""

    booking_id: str
    by: Citizen
    visitor: str | None = None
    phone: str | None = None


async def book_appointment(command: BookAppointment, uow: UnitOfWork) -> Booking:
    """Raises AppointmentNotFound, HoldOver, NotBooked."""
    bookings = Bookings(uow)
    booking = await bookings.get_for(command.by, command.booking_id)
    from_list = booking.state is BookingState.OFFERED
    event = booking.book(at=uow.at)
    if command.visitor and booking.visitors is None:
        booking.visitors = (command.visitor,)
    booking.phone = booking.phone or command.phone
    await bookings.save(booking)
    if from_list:
        await _taken(booking, uow)
    uow.publish(event)
    keep_asking(booking, uow)
    return booking


def keep_asking(booking: Booking, uow: UnitOfWork) -> None:
    """Jobs for the questions, and for who stays silent."""
    policy = the_policy()
    asks = asks_of(booking, policy.ask_days, uow.at)
    for days, moment in asks:
        data: dict[str, str | int] = {"booking_id": booking.id, "days": days}
        uow.schedule(NewJob(ASK_ATTENDANCE, f"{booking.id}:{days}", moment, data))
    if asks:
        due = booking.starts_at - timedelta(hours=policy.silence_hours)
        uow.schedule(NewJob(JUDGE_SILENCE, booking.id, due, {"booking_id": booking.id}))


async def _taken(booking: Booking, uow: UnitOfWork) -> None:
    waits = Waits(uow)
    wait = await waits.find({"booking_id": booking.id, "state": "offered"})
    if wait:
        wait.take()
        await waits.save(wait)
