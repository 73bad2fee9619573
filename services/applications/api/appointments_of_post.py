"""Appointments at the counter: the list of a day, who came, who has to be called, tickets of those who came without one."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.applications.api import appointment_schemas as schemas
from services.applications.api import appointment_views as views
from services.applications.api.offering import Offered
from services.applications.api.wording import Worded
from services.applications.appointments.queries import booking_for, day_of_post
from services.applications.appointments.timetables import day_elsewhere
from services.applications.catalogue import the_catalogue
from services.applications.domain.form import today
from services.applications.queries import posts_seen_by
from services.applications.use_cases.appointments.ask_attendance import (
    NoteAttendance,
    NoteCall,
    note_attendance,
    note_call,
)
from services.applications.use_cases.appointments.end_appointment import CancelAppointment, cancel_appointment
from services.applications.use_cases.appointments.serve_walk_ins import (
    CallNext,
    EndTicket,
    GiveTicket,
    call_next,
    end_ticket,
    give_ticket,
)
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks
from shared.web.moments import Day

router = APIRouter(prefix="/api/officer", tags=["officer"])
DAY_LIST = "queue-of-the-post"


@router.get("/appointments", responses=also(404))
async def day(
    by: CurrentOfficer,
    queries: RequestQueries,
    say: Worded,
    looks: RequestLooks,
    post_id: Annotated[str, Query(pattern="^[a-z]{3}$")],
    day: Annotated[Day | None, Query(description="Today at the post where nothing is said")] = None,
    place: Annotated[schemas.Place | None, Query(description="A day in another town: its list, whatever the day says")] = None,
) -> schemas.DayView:
    """Who comes that day, the tickets of who came without an appointment, and who has to be called about any day. Of a day in
    another town: who comes there, and its own tickets."""
    posts_seen_by(by, post_id, the_catalogue().posts)
    wanted = day_elsewhere(post_id, place).day if place else day or today(the_catalogue().post(post_id), say.now)
    found = await queries.run(day_of_post, post_id, wanted.isoformat(), say.now, place)
    if found.bookings or found.calls:
        await looks("post:view_day", about={"posts": [post_id]}, reason=DAY_LIST)
    return views.day_view(found, post_id, wanted, place, say)


@router.get("/appointments/{appointment_id}", responses=also(404))
async def one(
    appointment_id: str, by: CurrentOfficer, queries: RequestQueries, say: Worded, looks: RequestLooks
) -> schemas.OfficerAppointment:
    booking = await queries.run(booking_for, by, appointment_id)
    about = {"appointment": booking.id, "person": booking.citizen_id, "post": booking.post_id}
    await looks("post:view_day", about=about, reason=DAY_LIST)
    return views.officer_view(booking, say)


@router.post("/appointments/{appointment_id}/attendance", response_model=schemas.OfficerAppointment)
async def attendance(
    appointment_id: str, body: schemas.AttendanceNote, by: CurrentOfficer, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """Who of them came, was served or stayed away. 409: it is another day's."""
    command = NoteAttendance(appointment_id, body.slot_id, body.attendance, by)
    return await commands.run(note_attendance, command, lambda made: views.officer_view(made, say))


@router.post("/appointments/{appointment_id}/call", response_model=schemas.OfficerAppointment)
async def call(
    appointment_id: str, body: schemas.CallNote, by: CurrentOfficer, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """What a call brought. Who is not reached keeps the time: no receipt says that they were asked. 409: no call waits."""
    command = NoteCall(appointment_id, body.outcome, by)
    return await commands.run(note_call, command, lambda made: views.officer_view(made, say))


@router.post("/appointments/{appointment_id}/cancellation", response_model=schemas.OfficerAppointment)
async def cancel(appointment_id: str, by: CurrentOfficer, commands: RequestCommands, say: Worded) -> JSONResponse:
    """The post cannot receive them: they are told, and choose another time. 409, with its state: it has begun, was cancelled, or
    somebody wrote down that it took place or that nobody came."""
    command = CancelAppointment(appointment_id, by)
    return await commands.run(cancel_appointment, command, lambda made: views.officer_view(made, say))


@router.post("/walk-ins", status_code=201, response_model=schemas.TicketView, responses=also(404))
async def ticket(
    body: schemas.NewTicket, by: CurrentOfficer, commands: RequestCommands, say: Worded, offer: Offered
) -> JSONResponse:
    """A number for somebody who came without an appointment. Nothing is kept of who it is. 409: it is another day in
    that town."""
    if body.service_id:
        offer.service(body.service_id)
    command = GiveTicket(body.post_id, body.service_id, by, body.place)
    return await commands.run(give_ticket, command, lambda made: views.ticket_view(made, say), status=201)


@router.post("/walk-ins/calls", response_model=schemas.TicketView, responses=also(404))
async def next_ticket(body: schemas.NextTicket, by: CurrentOfficer, commands: RequestCommands, say: Worded) -> JSONResponse:
    """Call the lowest number that waits. 409: nobody waits."""
    command = CallNext(body.post_id, body.window, by, body.place)
    return await commands.run(call_next, command, lambda made: views.ticket_view(made, say))


@router.post("/walk-ins/{ticket_id}/end", response_model=schemas.TicketView)
async def ticket_end(
    ticket_id: str, body: schemas.TicketEnd, by: CurrentOfficer, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """They were served, or left. 409: it was settled before."""
    command = EndTicket(ticket_id, body.outcome, by)
    return await commands.run(end_ticket, command, lambda made: views.ticket_view(made, say))
