"""Reads of appointments, tickets, waiting lists and draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.applications.appointments.free_times import times_free
from services.applications.appointments.repository import scope_of
from services.applications.appointments.schema import BOOKING_MAPPER, DRAW_MAPPER, ENTRY_MAPPER, TICKET_MAPPER, WAIT_MAPPER
from services.applications.appointments.timetables import day_elsewhere, the_policy
from services.applications.catalogue import the_catalogue
from services.applications.domain import appointment_errors as errors
from services.applications.domain.booking import Booking, BookingState
from services.applications.domain.draw import Draw, DrawEntry
from services.applications.domain.form import today
from services.applications.domain.timetable import Slot
from services.applications.domain.waiting import Ticket, Wait
from shared.actors import Citizen, Officer
from shared.mongo.database import Db

SHOWN = 100
CALLS_SHOWN = 100
_OF_A_DAY = [BookingState.BOOKED.value]


@dataclass(frozen=True, slots=True)
class Day:
    """bookings: that are booked, in the order of their times. calls: who has to be called, of any day, the next first."""

    bookings: Sequence[Booking]
    tickets: Sequence[Ticket]
    calls: Sequence[Booking]


async def free_times(
    db: Db, post_id: str, service_id: str, first: date | None, days: int, now: datetime, place: str | None = None
) -> Sequence[Slot]:
    """From that day on, or from today; place: of that day elsewhere. Raises UnknownPost, UnknownService, NoSuchDay."""
    post, service = the_catalogue().post(post_id), the_catalogue().service(service_id)
    here = today(post, now)
    last = here + timedelta(days=the_policy().horizon_days)
    if place:
        on = day_elsewhere(post.id, place).day
        return await times_free(db, post.id, service.id, on, min(on, last), now, place=place)
    begin = min(max(first or here, here), last + timedelta(days=1))  # a day of the year 9999 has no days after it
    end = min(begin + timedelta(days=days - 1), last)
    return await times_free(db, post.id, service.id, begin, end, now)


async def own_bookings(db: Db, citizen: Citizen) -> list[Booking]:
    """The latest first."""
    rows = await db.bookings.find({"citizen_id": citizen.id}).sort([("starts_at", -1), ("_id", 1)]).limit(SHOWN).to_list()
    return await BOOKING_MAPPER.read_all(db, rows)


async def booking_for(db: Db, actor: Citizen | Officer, booking_id: str) -> Booking:
    """Raises AppointmentNotFound."""
    row = await db.bookings.find_one({"_id": booking_id} | scope_of(actor))
    if row is None:
        raise errors.AppointmentNotFound
    return await BOOKING_MAPPER.read(db, row)


async def own_waits(db: Db, citizen: Citizen) -> list[Wait]:
    """The newest first."""
    rows = await db.waits.find({"citizen_id": citizen.id}).sort("joined_at", -1).limit(SHOWN).to_list()
    return [WAIT_MAPPER.from_document(row) for row in rows]


async def day_of_post(db: Db, post_id: str, day: str, now: datetime, place: str | None = None) -> Day:
    """post_id: one that the officer sees. Nobody is called about a time that is past. place: a day elsewhere: who comes
    there, with an appointment or without."""
    that_day = {"post_id": post_id, "day": day, "state": {"$in": _OF_A_DAY}}
    bookings = await db.bookings.find(that_day).sort("starts_at", 1).to_list()
    tickets = await db.walk_ins.find({"post_id": post_id, "day": day, "place": place}).sort("number", 1).to_list()
    waiting = {"post_id": post_id, "call": {"$in": ["waits", "not-reached"]}, "starts_at": {"$gt": now}}
    calls = await db.bookings.find(waiting).sort("starts_at", 1).limit(CALLS_SHOWN).to_list()
    return Day(
        await BOOKING_MAPPER.read_all(db, [row for row in bookings if row.get("place") == place]),
        [TICKET_MAPPER.from_document(row) for row in tickets],
        await BOOKING_MAPPER.read_all(db, calls),
    )


async def draws_known(db: Db, post_id: str) -> list[Draw]:
    """The newest first."""
    rows = await db.draws.find({"post_id": post_id}, {"publication": 0}).sort("announced_at", -1).limit(SHOWN).to_list()
    return [DRAW_MAPPER.from_document(row) for row in rows]


async def draw_known(db: Db, draw_id: str) -> Draw:
    """Raises DrawNotFound."""
    row = await db.draws.find_one({"_id": draw_id})
    if row is None:
        raise errors.DrawNotFound
    return DRAW_MAPPER.from_document(row)


async def own_entry(db: Db, citizen: Citizen, draw_id: str) -> DrawEntry:
    """Raises NotEntered."""
    row = await db.draw_entries.find_one({"draw_id": draw_id, "citizen_id": citizen.id})
    if row is None:
        raise errors.NotEntered
    return await ENTRY_MAPPER.read(db, row)


async def claims_of(db: Db, draw_id: str) -> list[DrawEntry]:
    """Those that say something of hardship."""
    wanted = {"draw_id": draw_id, "hardship": {"$in": ["claimed", "confirmed", "declined"]}}
    return await ENTRY_MAPPER.read_all(db, await db.draw_entries.find(wanted).limit(SHOWN * 5).to_list())
