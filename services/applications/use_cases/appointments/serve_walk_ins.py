"""Who comes without an appointment gets a number at the door, and is called by it. Nothing is kept of the person."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.applications.appointments.repository import Tickets, through_turnstile
from services.applications.appointments.timetables import day_at, day_elsewhere
from services.applications.catalogue import the_catalogue
from services.applications.domain import appointment_errors as errors
from services.applications.domain.counter import to_serve
from services.applications.domain.waiting import Ticket
from services.applications.use_cases.appointments.wait_for_time import end_of
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class GiveTicket:
    post_id: str
    service_id: str | None
    by: Officer
    place: str | None = None


@dataclass(frozen=True, slots=True)
class CallNext:
    post_id: str
    window: str
    by: Officer
    place: str | None = None


@dataclass(frozen=True, slots=True)
class EndTicket:
    ticket_id: str
    outcome: Literal["served", "left"]
    by: Officer


async def give_ticket(command: GiveTicket, uow: UnitOfWork) -> Ticket:
    """Raises UnknownPost, UnknownService, NoSuchDay, NoTicketsThatDay, RoleNotAllowed, SecondFactorNeeded."""
    role = to_serve(command.post_id, command.by)
    post = the_catalogue().post(command.post_id)
    if command.service_id:
        the_catalogue().service(command.service_id)
    day, zone = _today(post.id, command.place, uow)
    at = f"{post.id}.{command.place}" if command.place else post.id
    number = await through_turnstile(uow, f"tickets:{at}:{day}")
    ticket = Ticket(
        f"{at}.{day}.{number}",
        post.id,
        day.isoformat(),
        number,
        command.service_id,
        taken_at=uow.at,
        ends_at=end_of(day, zone),
        place=command.place,
    )
    await Tickets(uow).add(ticket)
    _write_down("walk_in:ticket", ticket, role, uow)
    return ticket


async def call_next(command: CallNext, uow: UnitOfWork) -> Ticket:
    """The lowest number of today. Raises UnknownPost, NoSuchDay, NoTicketsThatDay, NobodyWaits, RoleNotAllowed,
    SecondFactorNeeded, ConcurrentUpdate."""
    role = to_serve(command.post_id, command.by)
    tickets, post = Tickets(uow), the_catalogue().post(command.post_id)
    day, _ = _today(post.id, command.place, uow)
    waiting = {"post_id": post.id, "day": day.isoformat(), "place": command.place, "state": "waiting"}
    found = uow.db.walk_ins.find(waiting, {"_id": 1}, session=uow.session).sort("number", 1).limit(1)
    first = next(iter(await found.to_list()), None)
    ticket = await tickets.find({"_id": first["_id"]}) if first else None
    if ticket is None:
        raise errors.NobodyWaits
    ticket.call(command.window, at=uow.at)
    await tickets.save(ticket)
    _write_down("walk_in:call", ticket, role, uow)
    return ticket


async def end_ticket(command: EndTicket, uow: UnitOfWork) -> Ticket:
    """Raises AppointmentNotFound, TicketNotWaiting, RoleNotAllowed, SecondFactorNeeded."""
    tickets, by = Tickets(uow), command.by
    ticket = await tickets.find({"_id": command.ticket_id})
    if ticket is None:
        raise errors.AppointmentNotFound
    role = to_serve(ticket.post_id, by)
    ticket.end(command.outcome, at=uow.at)
    await tickets.save(ticket)
    _write_down("walk_in:end", ticket, role, uow)
    return ticket


def _today(post_id: str, place: str | None, uow: UnitOfWork) -> tuple[date, str]:
    """There, and the zone there. Raises UnknownPost, NoSuchDay, NoTicketsThatDay."""
    day, zone = day_at(post_id, place, uow.at)
    if place and day_elsewhere(post_id, place).day != day:
        raise errors.NoTicketsThatDay
    return day, zone


def _write_down(act: str, ticket: Ticket, role: str, uow: UnitOfWork) -> None:
    uow.audit(act, about={"ticket": ticket.id, "post": ticket.post_id}, role=role, post=ticket.post_id)
