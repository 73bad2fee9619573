"""Whether they will come: asked ahead by the clock, answered by the citizen, by a receipt, or by an officer's call."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.applications.appointments.repository import Bookings
from services.applications.appointments.timetables import the_policy
from services.applications.domain.booking import Attendance, Booking
from services.applications.domain.counter import to_serve
from services.applications.use_cases.appointments.end_appointment import ended
from shared.actors import Citizen, Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AskAttendance:
    booking_id: str
    days: int


@dataclass(frozen=True, slots=True)
class ConfirmAttendance:
    booking_id: str
    by: Citizen


@dataclass(frozen=True, slots=True)
class NoteDelivered:
    """event_id: of the event that the message was about."""

    event_id: str


@dataclass(frozen=True, slots=True)
class NoteCall:
    booking_id: str
    outcome: Literal["confirmed", "not-reached", "cannot-come"]
    by: Officer


@dataclass(frozen=True, slots=True)
class NoteAttendance:
    booking_id: str
    slot_id: str
    attendance: Attendance
    by: Officer


async def ask_attendance(command: AskAttendance, uow: UnitOfWork) -> None:
    """Where a later question is due as well, as after an outage, only that one is asked."""
    bookings = Bookings(uow)
    booking = await bookings.find({"_id": command.booking_id})
    if booking is None or any(
        days < command.days and booking.starts_at - timedelta(days=days) <= uow.at for days in the_policy().ask_days
    ):
        return
    event = booking.ask(command.days, at=uow.at)
    if event:
        booking.note_asked(command.days, uow.publish(event), at=uow.at)
        await bookings.save(booking)


async def confirm_attendance(command: ConfirmAttendance, uow: UnitOfWork) -> Booking:
    """Raises AppointmentNotFound, NotBooked, VisitTookPlace, VisitMissed, VisitorIsHere, TooLateNow."""
    bookings = Bookings(uow)
    booking = await bookings.get_for(command.by, command.booking_id)
    before = booking.version
    booking.confirm(at=uow.at)
    if booking.version != before:
        await bookings.save(booking)
    return booking


async def note_delivered(command: NoteDelivered, uow: UnitOfWork) -> None:
    """Of messages about anything else nothing is known here."""
    bookings = Bookings(uow)
    booking = await bookings.find({"asked.event_id": command.event_id})
    if booking and booking.note_delivered(command.event_id, at=uow.at):
        await bookings.save(booking)


async def note_call(command: NoteCall, uow: UnitOfWork) -> Booking:
    """Raises AppointmentNotFound, NoCallWaits, NotBooked, VisitTookPlace, VisitMissed, VisitorIsHere, TooLateNow, RoleNotAllowed,
    SecondFactorNeeded."""
    bookings, by = Bookings(uow), command.by
    booking = await bookings.get_for(by, command.booking_id)
    role = to_serve(booking.post_id, by)
    if command.outcome == "cannot-come":
        await ended(booking, "by-citizen", uow)
    else:
        booking.note_call(command.outcome, by=by.id, at=uow.at)
        await bookings.save(booking)
    _write_down("appointment:call", booking, role, uow, reason=command.outcome)
    return booking


async def note_attendance(command: NoteAttendance, uow: UnitOfWork) -> Booking:
    """Raises AppointmentNotFound, NotBooked, NotThatDay, RoleNotAllowed, SecondFactorNeeded."""
    bookings = Bookings(uow)
    booking = await bookings.get_for(command.by, command.booking_id)
    role = to_serve(booking.post_id, command.by)
    day = uow.at.astimezone(ZoneInfo(booking.post_zone)).date().isoformat()
    booking.attend(command.slot_id, command.attendance, at=uow.at, today=day)
    await bookings.save(booking)
    _write_down("appointment:attend", booking, role, uow, reason=command.attendance)
    return booking


def _write_down(act: str, booking: Booking, role: str, uow: UnitOfWork, *, reason: str) -> None:
    about = {"appointment": booking.id, "person": booking.citizen_id, "post": booking.post_id}
    uow.audit(act, about=about, reason=reason, role=role, post=booking.post_id)
