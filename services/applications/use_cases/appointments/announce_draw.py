"""The head of a post announces a draw: which times, when requests are taken, and the seed's hash, before anybody can enter."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.applications.appointments.draw_seeds import keep_seed
from services.applications.appointments.repository import Draws, Slots, through_all_gates
from services.applications.appointments.timetables import timetable_of
from services.applications.catalogue import the_catalogue
from services.applications.domain import appointment_errors as errors
from services.applications.domain.counter import to_head
from services.applications.domain.draw import Draw
from services.applications.domain.fair_draw import commitment
from services.applications.domain.timetable import Slot
from services.applications.queue.closures import must_be_open
from shared.actors import Officer
from shared.errors import FieldError, InvalidInput
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_

CLOSE_DRAW, RUN_DRAW = "close_draw", "run_draw"
MOST_DAYS, MOST_TIMES = 92, 5_000
_ORDER = N_("A draw opens now or later, closes after that, is drawn after that, and all its times lie later still.")
_DAYS = N_("Choose at most {most} days, the first one first.")


@dataclass(frozen=True, slots=True)
class AnnounceDraw:
    """seed: random, made before the transaction."""

    draw_id: str
    seed: bytes
    post_id: str
    service_id: str
    from_day: date
    until_day: date
    opens_at: datetime
    closes_at: datetime
    draws_at: datetime
    by: Officer


async def announce_draw(command: AnnounceDraw, uow: UnitOfWork) -> Draw:
    """Raises UnknownPost, UnknownService, RoleNotAllowed, SecondFactorNeeded, InvalidInput, NothingToDraw, SlotTaken,
    PostIsClosed."""
    role = to_head(command.post_id, command.by)
    post, service = the_catalogue().post(command.post_id), the_catalogue().service(command.service_id)
    await must_be_open(post.id, uow)
    _must_be_in_order(command, uow.at)
    slots = await _free_to_draw(command, service.id, uow)
    draw = Draw(
        command.draw_id,
        post.id,
        post.time_zone,
        service.id,
        slots=tuple(slot.id for slot in slots),
        commitment=commitment(command.seed),
        announced_by=command.by.id,
        announced_at=uow.at,
        opens_at=max(command.opens_at, uow.at),
        closes_at=command.closes_at,
        draws_at=command.draws_at,
        ends_at=slots[-1].ends_at,
    )
    await Slots(uow).take(slots, draw.id)
    await Draws(uow).add(draw)
    await keep_seed(draw.id, command.seed, uow)
    await through_all_gates(uow, draw.id)  # they are there before anybody comes
    uow.schedule(NewJob(CLOSE_DRAW, draw.id, draw.closes_at, {"draw_id": draw.id}))
    uow.schedule(NewJob(RUN_DRAW, draw.id, draw.draws_at, {"draw_id": draw.id}))
    uow.audit("draw:announce", about={"draw": draw.id, "post": post.id, "commitment": draw.commitment}, role=role, post=post.id)
    return draw


async def _free_to_draw(command: AnnounceDraw, service_id: str, uow: UnitOfWork) -> list[Slot]:
    """Times of windows that are given out by draws, that nobody has. Raises NothingToDraw."""
    timetable = timetable_of(command.post_id)
    days = [command.from_day + timedelta(days=number) for number in range((command.until_day - command.from_day).days + 1)]
    found = [slot for day in days for slot in timetable.slots_on(day, service_id, "draw")]
    span = {"$gte": command.from_day.isoformat(), "$lte": command.until_day.isoformat()}
    wanted = {"post_id": command.post_id, "day": span}
    taken = {row["_id"] async for row in uow.db.slots.find(wanted, {"_id": 1}, session=uow.session)}
    free = [slot for slot in found if slot.id not in taken and slot.starts_at > command.draws_at][:MOST_TIMES]
    if not free:
        raise errors.NothingToDraw
    return free


def _must_be_in_order(command: AnnounceDraw, now: datetime) -> None:
    faults = []
    if not timedelta() <= command.until_day - command.from_day <= timedelta(days=MOST_DAYS):
        faults.append(FieldError("/until_day", _DAYS, {"most": MOST_DAYS}))
    if not max(now, command.opens_at) < command.closes_at <= command.draws_at:
        faults.append(FieldError("/closes_at", _ORDER))
    if faults:
        raise InvalidInput(faults)
