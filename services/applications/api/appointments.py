"""Appointments of citizens: free times, holding and booking them, saying that one comes, giving them back, waiting for one."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from services.applications.api import appointment_schemas as schemas
from services.applications.api import appointment_views as views
from services.applications.api.offering import Offered
from services.applications.api.wording import Worded
from services.applications.appointments.queries import booking_for, free_times, own_bookings, own_waits
from services.applications.appointments.visited_cases import visited_case
from services.applications.use_cases.appointments.ask_attendance import ConfirmAttendance, confirm_attendance
from services.applications.use_cases.appointments.book_appointment import BookAppointment, book_appointment
from services.applications.use_cases.appointments.end_appointment import CancelAppointment, cancel_appointment
from services.applications.use_cases.appointments.hold_times import HoldTimes, Wanted, hold_times
from services.applications.use_cases.appointments.wait_for_time import (
    JoinWaitingList,
    LeaveWaitingList,
    join_waiting_list,
    leave_waiting_list,
)
from shared.web.auth import CurrentCitizen
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.description import also
from shared.web.moments import Day

router = APIRouter(prefix="/api", tags=["appointments"])


@router.get("/appointments/slots", responses=also(404))
async def slots(
    queries: RequestQueries,
    say: Worded,
    offer: Offered,
    post_id: Annotated[str, Query(pattern="^[a-z]{3}$")],
    service_id: Annotated[str, Query(pattern="^[a-z][a-z0-9-]{1,63}$")],
    first: Annotated[Day | None, Query(alias="from", description="The first day; today where nothing is said")] = None,
    days: Annotated[int, Query(ge=1, le=62)] = 14,
    place: Annotated[schemas.Place | None, Query(description="A day in another town: its times only")] = None,
) -> schemas.FreeTimes:
    """Free times of a post for a service, day by day, in the post's own time; or of a day in another town, in the time there."""
    offer.service(service_id)
    found = await queries.run(free_times, post_id, service_id, first, days, say.now, place)
    return views.free_times(found, post_id, service_id, place, say)


@router.get("/applications/{application_id}/times", responses=also(409))
async def times_of_case(
    application_id: str,
    by: CurrentCitizen,
    queries: RequestQueries,
    say: Worded,
    first: Annotated[Day | None, Query(alias="from", description="The first day; today where nothing is said")] = None,
    days: Annotated[int, Query(ge=1, le=62)] = 14,
    place: Annotated[schemas.Place | None, Query(description="A day in another town: its times only")] = None,
) -> schemas.FreeTimes:
    """Free times at the post of your application, also where its service is not offered any more. 409: it has ended."""
    case = await queries.run(visited_case, by, application_id)
    found = await queries.run(free_times, case.post_id, case.service_id, first, days, say.now, place)
    return views.free_times(found, case.post_id, case.service_id, place, say)


@router.get("/appointments")
async def own(by: CurrentCitizen, queries: RequestQueries, say: Worded) -> schemas.AppointmentList:
    """Yours, the latest first."""
    found = await queries.run(own_bookings, by)
    return schemas.AppointmentList(appointments=[views.appointment_view(booking, say) for booking in found])


@router.post("/appointments", status_code=201, response_model=schemas.AppointmentView, responses=also(404))
async def hold(
    body: schemas.NewAppointment, by: CurrentCitizen, commands: RequestCommands, say: Worded, offer: Offered
) -> JSONResponse:
    """Keep times, one for each person who comes, for a quarter of an hour: then book them, or they are free again. For a service
    that is not offered any more only with your application for it. 409: somebody has one of them, or it cannot be booked, or
    you have as many as one person can have."""
    wanted = tuple(
        Wanted(each.slot_id, each.service_id, each.who, each.visitor, each.application_id, offer.has(each.service_id))
        for each in body.visits
    )
    command = HoldTimes(commands.new_id(), body.post_id, wanted, body.phone, by)
    return await commands.run(hold_times, command, lambda made: views.appointment_view(made, say), status=201)


@router.get("/appointments/{appointment_id}")
async def one(appointment_id: str, by: CurrentCitizen, queries: RequestQueries, say: Worded) -> schemas.AppointmentView:
    return views.appointment_view(await queries.run(booking_for, by, appointment_id), say)


@router.post("/appointments/{appointment_id}/booking", response_model=schemas.AppointmentView)
async def book(
    appointment_id: str, body: schemas.Taking, by: CurrentCitizen, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """Book what is kept for you, or take what was offered. 409: the time for that was up."""
    command = BookAppointment(appointment_id, by, body.visitor, body.phone)
    return await commands.run(book_appointment, command, lambda made: views.appointment_view(made, say))


@router.post("/appointments/{appointment_id}/confirmation", response_model=schemas.AppointmentView)
async def confirm(appointment_id: str, by: CurrentCitizen, commands: RequestCommands, say: Worded) -> JSONResponse:
    """You will come. 409, with its state: it is not booked any more, or over."""
    command = ConfirmAttendance(appointment_id, by)
    return await commands.run(confirm_attendance, command, lambda made: views.appointment_view(made, say))


@router.post("/appointments/{appointment_id}/cancellation", response_model=schemas.AppointmentView)
async def cancel(appointment_id: str, by: CurrentCitizen, commands: RequestCommands, say: Worded) -> JSONResponse:
    """Give the times back: whoever waits for one is offered them at once. 409, with its state: it has begun, was cancelled, or an
    officer wrote down who came."""
    command = CancelAppointment(appointment_id, by)
    return await commands.run(cancel_appointment, command, lambda made: views.appointment_view(made, say))


@router.get("/waiting-list")
async def waits(by: CurrentCitizen, queries: RequestQueries, say: Worded) -> schemas.WaitList:
    """Where you wait, or waited, for a time."""
    return schemas.WaitList(waits=[views.wait_view(wait, say) for wait in await queries.run(own_waits, by)])


@router.post("/waiting-list", status_code=201, response_model=schemas.WaitView, responses=also(404))
async def join(body: schemas.NewWait, by: CurrentCitizen, commands: RequestCommands, say: Worded, offer: Offered) -> JSONResponse:
    """Wait for a time that becomes free in these days. 409: there are free times, or you wait already."""
    command = JoinWaitingList(commands.new_id(), **dict(body), by=by, offered=offer.has(body.service_id))
    return await commands.run(join_waiting_list, command, lambda made: views.wait_view(made, say), status=201)


@router.post("/waiting-list/{wait_id}/end", response_model=schemas.WaitView)
async def leave(wait_id: str, by: CurrentCitizen, commands: RequestCommands, say: Worded) -> JSONResponse:
    """Do not wait any more. 409: a time is offered to you, or you left before."""
    return await commands.run(leave_waiting_list, LeaveWaitingList(wait_id, by), lambda made: views.wait_view(made, say))
