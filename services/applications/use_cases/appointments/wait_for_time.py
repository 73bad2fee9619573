"""A citizen waits for a time that becomes free in days where all are taken, or does not want to wait any more."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from services.applications.appointments.free_times import times_free
from services.applications.appointments.repository import Waits
from services.applications.appointments.timetables import day_elsewhere, the_policy
from services.applications.appointments.visited_cases import must_be_visited_for
from services.applications.catalogue import the_catalogue
from services.applications.domain import appointment_errors as errors
from services.applications.domain.form import today
from services.applications.domain.waiting import Wait
from services.applications.queue.closures import must_be_open
from shared.actors import Citizen
from shared.errors import FieldError, InvalidInput
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_

_NOT_AHEAD = N_("Choose days from today on, within the {days} days for which times can be booked.")


@dataclass(frozen=True, slots=True)
class JoinWaitingList:
    """application_id: a case of theirs, without which nobody waits for a service that is not offered any more."""

    wait_id: str
    post_id: str
    service_id: str
    from_day: date
    until_day: date
    by: Citizen
    place: str | None = None
    application_id: str | None = None
    offered: bool = True


@dataclass(frozen=True, slots=True)
class LeaveWaitingList:
    wait_id: str
    by: Citizen


async def join_waiting_list(command: JoinWaitingList, uow: UnitOfWork) -> Wait:
    """Raises UnknownPost, UnknownService, ApplicationNotFound, NoVisitNow, NoSuchDay, InvalidInput, StillFree, AlreadyWaiting,
    PostIsClosed."""
    post, service = the_catalogue().post(command.post_id), the_catalogue().service(command.service_id)
    await must_be_open(post.id, uow)
    await must_be_visited_for(service.id, command.application_id, command.by, uow, offered=command.offered)
    first, horizon = today(post, uow.at), the_policy().horizon_days
    there = day_elsewhere(post.id, command.place) if command.place else None
    begin, end = (there.day, there.day) if there else (command.from_day, command.until_day)
    if not first <= begin <= end <= first + timedelta(days=horizon):
        raise InvalidInput([FieldError("/from_day", _NOT_AHEAD, {"days": horizon})])
    if await times_free(uow.db, post.id, service.id, begin, end, uow.at, uow.session, command.place):
        raise errors.StillFree
    wait = Wait.join(
        command.wait_id,
        citizen_id=command.by.id,
        post_id=post.id,
        service_id=service.id,
        days=(begin.isoformat(), end.isoformat()),
        ends_at=end_of(end, there.time_zone if there else post.time_zone),
        at=uow.at,
        place=command.place,
    )
    await add_wait(wait, uow)
    return wait


async def add_wait(wait: Wait, uow: UnitOfWork) -> None:
    """Raises AlreadyWaiting."""
    waits = Waits(uow)
    if await waits.find({"live_key": wait.live_key}):
        raise errors.AlreadyWaiting
    try:
        await waits.add(wait)
    except DuplicateKeyError:
        raise errors.AlreadyWaiting from None


async def leave_waiting_list(command: LeaveWaitingList, uow: UnitOfWork) -> Wait:
    """Raises AppointmentNotFound, WaitOver."""
    waits = Waits(uow)
    wait = await waits.find({"_id": command.wait_id, "citizen_id": command.by.id})
    if wait is None:
        raise errors.AppointmentNotFound
    wait.leave()
    await waits.save(wait)
    return wait


def end_of(day: date, zone: str) -> datetime:
    """Midnight there."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
