"""A draw is closed, drawn and settled by the clock.

The codes are fixed, then the seed and the rest is published, then each entry gets its time or its place on the waiting list, some
in one transaction.
"""

import json
from dataclasses import dataclass
from datetime import date

from pymongo.asynchronous.cursor import AsyncCursor

from services.applications.appointments.draw_seeds import kept_seed
from services.applications.appointments.repository import Bookings, DrawEntries, Draws, Slots, Waits, through_all_gates
from services.applications.appointments.timetables import timetable_of
from services.applications.catalogue import the_catalogue
from services.applications.domain import appointment_errors as errors
from services.applications.domain.booking import Booking, Visit
from services.applications.domain.draw import Draw, DrawEntry
from services.applications.domain.fair_draw import PublicEntry, codes_digest, day_of, publication
from services.applications.domain.waiting import Wait
from services.applications.queue.closures import is_closed
from services.applications.use_cases.appointments.book_appointment import keep_asking
from services.applications.use_cases.appointments.offer_times import new_reference, offered
from services.applications.use_cases.appointments.wait_for_time import add_wait, end_of
from shared.jobs.job import NewJob
from shared.mongo.database import Document
from shared.mongo.erasure import is_destroyed
from shared.mongo.transactions import UnitOfWork

SETTLE_DRAW = "settle_draw"
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class OfDraw:
    """first: of the entries by place, where it is settled in parts."""

    draw_id: str
    first: int = 0


async def close_draw(command: OfDraw, uow: UnitOfWork) -> None:
    """From now on nobody gets in or out without being seen."""
    draws = Draws(uow)
    draw = await draws.known(command.draw_id)
    if draw.state == "announced":
        await _close(draw, uow)
        await draws.save(draw)


async def run_draw(command: OfDraw, uow: UnitOfWork) -> None:
    draws = Draws(uow)
    draw = await draws.known(command.draw_id)
    if draw.state == "drawn":
        return
    await through_all_gates(uow, draw.id)  # a reason of hardship is judged before this, or not at all
    if draw.state == "announced":  # both fell due at once
        await _close(draw, uow)
        await draws.save(draw)
    entries = [_public(row) async for row in _rows(draw, uow)]
    if codes_digest(entry.code for entry in entries) != draw.codes_digest:
        raise errors.DrawNotOpen  # somebody put an entry in or took one out behind the back of this service: a person must look
    published = publication(await kept_seed(draw.id, uow), entries, draw.slots, _about(draw, uow))
    draw.drawn(json.dumps(published, sort_keys=True, separators=(",", ":")), at=uow.at)
    await draws.save(draw)
    uow.audit("draw:drawn", about={"draw": draw.id, "post": draw.post_id, "entries": len(entries)})
    uow.schedule(_settling(draw.id, 0, uow))


async def settle_draw(command: OfDraw, uow: UnitOfWork) -> None:
    """Some entries by their places; then the next ones, and at the end the times that are left."""
    draw = await Draws(uow).known(command.draw_id)
    result = json.loads(draw.publication or "{}").get("result", [])
    for row in result[command.first : command.first + AT_ONCE]:
        entry = await DrawEntries(uow).find({"draw_id": draw.id, "code": row["code"]})
        if entry and entry.outcome is None:
            await _settle(draw, entry, row, uow)
    if command.first + AT_ONCE < len(result):
        uow.schedule(_settling(draw.id, command.first + AT_ONCE, uow))
        return
    for slot_id in await Slots(uow).give_back(draw.id):
        await offered(slot_id, uow)


async def _settle(draw: Draw, entry: DrawEntry, row: Document, uow: UnitOfWork) -> None:
    if await is_destroyed(entry.citizen_id, uow):  # erased since it was closed: their time is left over
        entry.settle(row["place"], None)
        await DrawEntries(uow).save(entry)
        return
    receives = row["slot"] and not await is_closed(draw.post_id, uow)  # it may have closed since the draw was announced
    booking = await _booked(draw, entry, row["slot"], uow) if receives else None
    entry.settle(row["place"], booking.id if booking else None)
    await DrawEntries(uow).save(entry)
    if booking is None:
        await _wait(draw, entry, row["place"], uow)
        uow.publish(entry.passed_over(draw, entry.code, uow.at))


async def _booked(draw: Draw, entry: DrawEntry, slot_id: str, uow: UnitOfWork) -> Booking:
    post = the_catalogue().post(draw.post_id)
    found = timetable_of(post.id).slot(slot_id)
    if found is None:
        raise errors.SlotNotOpen  # the timetable was changed under a draw: a person must look
    booking = Booking.hold(
        uow.new_id(),
        new_reference(post.code, uow),
        citizen_id=entry.citizen_id,
        post=(post.id, post.time_zone),
        visits=(Visit.of(found[0], draw.service_id),),
        at=uow.at,
        until=found[0].starts_at,
        source="draw",
        visitors=(entry.visitor,) if entry.visitor else None,
        phone=entry.phone,
    )
    await Slots(uow).pass_on(slot_id, of=draw.id, to=booking.id)
    event = booking.book(at=uow.at)
    await Bookings(uow).add(booking)
    uow.publish(event)
    keep_asking(booking, uow)
    return booking


async def _wait(draw: Draw, entry: DrawEntry, place: int, uow: UnitOfWork) -> None:
    days = entry.days or tuple(sorted({day_of(slot) for slot in draw.slots}))
    wait = Wait.join(
        uow.new_id(),
        citizen_id=entry.citizen_id,
        post_id=draw.post_id,
        service_id=draw.service_id,
        days=(days[0], days[-1]),
        ends_at=end_of(date.fromisoformat(days[-1]), draw.post_zone),
        at=uow.at,
        rank=place,
    )
    waits = Waits(uow)
    if (before := await waits.find({"live_key": wait.live_key})) is None:
        await add_wait(wait, uow)
    elif before.note_rank(place):  # they keep the days and the place that they have, and get that of the draw besides
        await waits.save(before)


async def _close(draw: Draw, uow: UnitOfWork) -> None:
    await through_all_gates(uow, draw.id)  # who enters at this moment is in, or finds it closed
    codes = [row["code"] async for row in _rows(draw, uow)]
    draw.close(codes_digest(codes), len(codes))


def _rows(draw: Draw, uow: UnitOfWork) -> AsyncCursor[Document]:
    wanted = {"code": 1, "hardship": 1, "days": 1}
    return uow.db.draw_entries.find({"draw_id": draw.id}, wanted, session=uow.session)


def _public(row: Document) -> PublicEntry:
    return PublicEntry(row["code"], row["hardship"] == "confirmed", tuple(row["days"]))


def _about(draw: Draw, uow: UnitOfWork) -> Document:
    moments = {"announced_at": draw.announced_at, "opens_at": draw.opens_at, "closes_at": draw.closes_at, "drawn_at": uow.at}
    ids = {"draw": draw.id, "post": draw.post_id, "service": draw.service_id}
    return ids | {name: moment.isoformat(timespec="seconds") for name, moment in moments.items()}


def _settling(draw_id: str, first: int, uow: UnitOfWork) -> NewJob:
    return NewJob(SETTLE_DRAW, f"{draw_id}:{first}", uow.at, {"draw_id": draw_id, "first": first})
