"""How this service is doing, for the person who runs the system: counts and ages, and nothing of what anybody wrote.

What is away is said to be away: the page that shows this is looked at when things are.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from shared.errors import DatabaseUnavailable
from shared.jobs.job import JobState
from shared.messaging.depths import DepthsUnknown, queue_depths
from shared.mongo.database import Db, Document, bounded
from shared.runtime import Runtime
from shared.web.auth import CurrentAdministrator

WITHIN_S = 1.5
COUNTED = 10_000  # what is more than that is told as that
LOOKED_AT = 1_000  # outbox rows whose age is compared
NEWEST = 20
LATE_AFTER = timedelta(seconds=60)
NO_BODY = {"event_type": 1, "reason": 1, "dead_at": 1}


class Outbox(BaseModel):
    """Events that are committed and that the broker has not confirmed."""

    waiting: int
    oldest_s: float | None


class Queue(BaseModel):
    name: str
    messages: int
    consumers: int


class DeadLetter(BaseModel):
    """Without its content, which may name people."""

    id: str
    event_type: str | None
    reason: str
    died_at: datetime


class DeadLettersView(BaseModel):
    count: int
    newest: list[DeadLetter]


class Jobs(BaseModel):
    """due: to be worked now, of which late have waited a minute; later: timers and retries; given_up: a person must look."""

    due: int
    late: int
    later: int
    given_up: int
    oldest_late_s: float | None


class OperatorState(BaseModel):
    """What could not be asked is null, and parts says why."""

    service: str
    at: datetime
    ready: bool
    parts: dict[str, str] = Field(description="Each part with ok, or a word for what is missing, as away")
    outbox: Outbox | None
    queues: list[Queue] | None
    dead_letters: DeadLettersView | None
    jobs: Jobs | None


def routes(runtime: Runtime) -> APIRouter:
    router = APIRouter(prefix="/api/operator", tags=["operator"])

    @router.get("/state")
    async def state(_who: CurrentAdministrator) -> OperatorState:
        """Health, unsent events, queues, dead letters and jobs of this service. 403: needs the role administrator."""
        now = runtime.clock.now()
        parts, stored, queues = await asyncio.gather(runtime.parts(), _stored(runtime, now), _queues(runtime))
        if stored is None:
            parts["database"] = "away"
        if queues is None:
            parts["broker"] = "away"
        outbox, dead_letters, jobs = stored or (None, None, None)
        return OperatorState(
            service=runtime.name,
            at=now,
            ready=all(word == "ok" for word in parts.values()),
            parts=parts,
            outbox=outbox,
            queues=queues,
            dead_letters=dead_letters,
            jobs=jobs,
        )

    return router


async def _stored(runtime: Runtime, now: datetime) -> tuple[Outbox, DeadLettersView, Jobs] | None:
    db = runtime.database.db
    try:
        return await bounded(_read(db, now), WITHIN_S)
    except DatabaseUnavailable:
        return None


async def _read(db: Db, now: datetime) -> tuple[Outbox, DeadLettersView, Jobs]:
    return await outbox_of(db, now), await _dead_letters(db), await _jobs(db, now)


async def outbox_of(db: Db, now: datetime) -> Outbox:
    """Counts and compares within bounds, however much waits."""
    rows = await db.outbox.find({}, {"occurred_at": 1}).limit(LOOKED_AT).to_list()
    waiting = len(rows) if len(rows) < LOOKED_AT else await db.outbox.count_documents({}, limit=COUNTED)
    return Outbox(waiting=waiting, oldest_s=age(min((row["occurred_at"] for row in rows), default=None), now))


async def _dead_letters(db: Db) -> DeadLettersView:
    parked = {"state": "parked"}
    rows = await db.dead_letters.find(parked, NO_BODY).sort("dead_at", -1).limit(NEWEST).to_list()
    count = len(rows) if len(rows) < NEWEST else await db.dead_letters.count_documents(parked, limit=COUNTED)
    return DeadLettersView(
        count=count,
        newest=[
            DeadLetter(id=str(row["_id"]), event_type=row["event_type"], reason=row["reason"], died_at=row["dead_at"])
            for row in rows
        ],
    )


async def _jobs(db: Db, now: datetime) -> Jobs:
    waiting: Document = {"state": JobState.WAITING}
    late = waiting | {"due_at": {"$lte": now - LATE_AFTER}}
    groups: dict[str, Document] = {
        "due": waiting | {"due_at": {"$lte": now}},
        "late": late,
        "later": waiting | {"due_at": {"$gt": now}},
        "given_up": {"state": JobState.ALARMED},
    }
    counts: dict[str, Any] = {name: await db.jobs.count_documents(group, limit=COUNTED) for name, group in groups.items()}
    oldest = await db.jobs.find_one(late, {"due_at": 1}, sort=[("due_at", 1)]) if counts["late"] else None
    return Jobs(**counts, oldest_late_s=age(oldest["due_at"] if oldest else None, now))


async def _queues(runtime: Runtime) -> list[Queue] | None:
    try:
        found = await queue_depths(runtime.broker, runtime.name)
    except DepthsUnknown:
        return None
    return [Queue(name=queue.name, messages=queue.messages, consumers=queue.consumers) for queue in found]


def age(since: datetime | None, now: datetime) -> float | None:
    """In seconds."""
    return round((now - since).total_seconds(), 1) if since else None
