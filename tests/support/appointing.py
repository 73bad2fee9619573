"""A post's appointments on a real database with a clock that is set: what falls due is worked off as the jobs' worker does it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from services.applications.appointments.free_times import times_free
from services.applications.appointments.jobs import appointment_job_kinds
from services.applications.appointments.schema import BOOKING_MAPPER, INDEXES, SEALED
from services.applications.domain.booking import Booking
from services.applications.use_cases.appointments.book_appointment import BookAppointment, book_appointment
from services.applications.use_cases.appointments.hold_times import HoldTimes, Wanted, hold_times
from shared.actors import Citizen, Officer
from shared.jobs.job import Job
from shared.mongo.database import Database, Document
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import Transactions, UseCase
from tests.support.keeping import Still
from tests.support.kept import database_with_keys
from tests.support.places import Place

C = TypeVar("C")
R = TypeVar("R")
AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # ten in the morning of a Monday in Yekaterinburg
SERVICE = "return-certificate"
HEAD = Officer.of_post("bakyt", "yek", {"head"})
INTAKE = Officer.of_post("nurlan", "yek", {"intake"})


@dataclass
class Consulate:
    database: Database
    clock: Still = field(default_factory=lambda: Still(AT))

    async def run(self, use_case: UseCase[C, R], command: C) -> R:
        return await Transactions(self.database, self.clock).run(use_case, command)

    async def until(self, moment: datetime) -> None:
        """All jobs that fall due, each at its moment."""
        kinds = appointment_job_kinds()
        while True:
            due = {"state": "waiting", "due_at": {"$lte": moment}, "kind": {"$in": list(kinds)}}
            row = next(iter(await self.database.db.jobs.find(due).sort("due_at", 1).limit(1).to_list()), None)
            if row is None:
                break
            self.clock.at = max(self.clock.at, row["due_at"])
            known = {name: row[name] for name in ("kind", "key", "data", "attempts", "due_at", "correlation_id")}
            finish = await kinds[row["kind"]].run(Job(id=row["_id"], fence=1, traceparent=None, causation_id=None, **known))
            assert finish is not None
            await self.run(finish.use_case, finish.command)
            await self.database.db.jobs.update_one({"_id": row["_id"]}, {"$set": {"state": "done"}})
        self.clock.at = max(self.clock.at, moment)

    async def free(self, day: date, place: str | None = None) -> list[str]:
        return [slot.id for slot in await times_free(self.database.db, "yek", SERVICE, day, day, self.clock.at, place=place)]

    async def hold(self, who: str, *slots: str, phone: str | None = None) -> Booking:
        people = ("self", "child", "spouse", "parent", "other")
        wanted = tuple(Wanted(slot, SERVICE, people[min(index, 4)], f"Үлгү {index}") for index, slot in enumerate(slots))  # type: ignore[arg-type]
        return await self.run(hold_times, HoldTimes(str(uuid4()), "yek", wanted, phone, Citizen(who)))

    async def book(self, who: str, *slots: str) -> Booking:
        held = await self.hold(who, *slots)
        return await self.run(book_appointment, BookAppointment(held.id, Citizen(who)))

    async def booking(self, booking_id: str) -> Booking:
        row = await self.database.db.bookings.find_one({"_id": booking_id})
        assert row is not None
        return await BOOKING_MAPPER.read(self.database.db, row)

    async def told(self, kind: str) -> list[Document]:
        """Events of one type, as published, in their order."""
        rows = await self.database.db.outbox.find({"type": kind}).sort("_id", 1).to_list()
        return [dict(row) for row in rows]

    async def offers_to(self, who: str) -> list[Booking]:
        rows = await self.database.db.bookings.find({"citizen_id": who, "state": "offered"}).to_list()
        return await BOOKING_MAPPER.read_all(self.database.db, rows)


@asynccontextmanager
async def consulate(place: Place) -> AsyncIterator[Consulate]:
    database = database_with_keys(place, "applications")
    sealed = {fields.collection: fields.validator() for fields in SEALED}
    await database.ensure_indexes({**KERNEL_INDEXES, **INDEXES}, sealed)
    try:
        yield Consulate(database)
    finally:
        await database.close()


def days_on(days: int, hours: int = 0) -> datetime:
    return AT + timedelta(days=days, hours=hours)


def all_of(rows: list[Any], name: str) -> list[Any]:
    return [row[name] for row in rows]
