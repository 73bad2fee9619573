"""What the rules of shared/ledger.py compare, read from a service's database, so that a running system gives no false alarm.

An account is read plainly, one collection after the other, and while it is read the system goes on. Whatever looks like a
fault then is read again by its key in one snapshot transaction, where both sides belong to one moment; only what is a fault
there is reported.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from pymongo import AsyncMongoClient, ReadPreference
from pymongo.read_concern import ReadConcern

from shared.jobs.job import JobState
from shared.ledger import KEPT_FOR, SETTLED_AFTER, JobSeen, Verdict, jobs_verdict
from shared.mongo.database import Db, Document, Session
from shared.mongo.dead_letters import DeadState
from shared.mongo.inbox import inbox_key

AT_ONCE = 200  # suspects of one snapshot, ids of one question
UNTIL_TAKEN_UP_S = 5.0  # a worker that has just come back takes abandoned jobs up in its next round
SUSPECTS = 20_000  # more than that is no false alarm
SETTLED = (JobState.DONE, JobState.WAITING, JobState.ALARMED)
RELAY_LEASE = "outbox-relay"
HEARD = "heard"  # a document of the collection ledger
ACCOUNTED = (DeadState.PARKED, DeadState.REPLAYING, DeadState.DISCARDED)  # one that was replayed must be in the inbox

E = TypeVar("E")
T = TypeVar("T")

HeardSince = Mapping[tuple[str, str], datetime | None]  # by service and type


class Account(Protocol[E]):
    """One or more rules over evidence by key."""

    async def gather(self, session: Session | None, again: Mapping[str, E] | None) -> dict[str, E]:
        """All of it; again: only these keys, with what was read of them before. session: read in its snapshot."""
        ...

    def judge(self, evidence: Mapping[str, E]) -> list[Verdict]: ...


async def settled(client: AsyncMongoClient[Document], account: Account[E], *, wait_s: float = 0.0) -> list[Verdict]:
    """The account's verdicts, with each suspect looked at twice, so much later. Raises PyMongoError."""
    evidence = await account.gather(None, None)
    suspects = {fault.key for verdict in account.judge(evidence) for fault in verdict.faults}
    if suspects:
        await asyncio.sleep(wait_s)
    for keys in in_parts(sorted(suspects)[:SUSPECTS]):
        again = {key: evidence.pop(key) for key in keys if key in evidence}
        evidence |= await _in_snapshot(client, _again(account, again))
    return account.judge(evidence)


def _again(account: Account[E], again: Mapping[str, E]) -> Callable[[Session], Awaitable[dict[str, E]]]:
    async def read(session: Session) -> dict[str, E]:
        return await account.gather(session, again)

    return read


async def _in_snapshot(client: AsyncMongoClient[Document], read: Callable[[Session], Awaitable[T]]) -> T:
    async with client.start_session() as session:
        return await session.with_transaction(read, read_concern=ReadConcern("snapshot"), read_preference=ReadPreference.PRIMARY)


def in_parts(items: Sequence[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), size):
        yield items[first : first + size]


@dataclass(frozen=True, slots=True)
class Span:
    """A part of all ids: from `first` up to and without `end`. An account of one part is small, however big the whole."""

    first: str = ""
    end: str = "~"  # behind all that an id may begin with

    def of(self, field: str = "_id", prefix: str = "") -> Document:
        """A closed range, which an index answers; nothing to choose by where it is everything."""
        return {} if self == ALL and not prefix else {field: {"$gte": prefix + self.first, "$lt": prefix + self.end}}


ALL = Span()


def parts_of_all(count: int) -> list[Span]:
    """count: 16 or 256. Our ids begin with a hexadecimal number; what does not is in the first or last part."""
    digits = len(f"{count - 1:x}")
    ends = [f"{number:0{digits}x}" for number in range(1, count)]
    return [Span(first, end) for first, end in zip(["", *ends], [*ends, ALL.end], strict=True)]


def those(keys: Iterable[str] | None, field: str = "_id", span: Span = ALL) -> Document:
    """A query for these keys, or for all of the span."""
    return span.of(field) if keys is None else {field: {"$in": list(keys)}}


class JobsAccount:
    """jobs = done + waiting + alarmed, in one service. only_suspects: those whose state says by itself that all is well are
    left to the index on it, so that it costs nothing on a big collection."""

    def __init__(self, db: Db, *, only_suspects: bool = False) -> None:
        self._db, self._query = db, {"state": {"$nin": SETTLED}} if only_suspects else {}
        self._now_ms, self._attended = 0, False

    async def gather(self, session: Session | None, again: Mapping[str, JobSeen] | None) -> dict[str, JobSeen]:
        if session is None:
            await self._look_at_clock()
        wanted = {"state": 1, "leased_until_ms": 1}
        rows = self._db.jobs.find(self._query if again is None else those(again), wanted, session=session)
        return {row["_id"]: JobSeen(row.get("state", ""), self._over_for_s(row)) async for row in rows}

    async def _look_at_clock(self) -> None:
        """The database's own time, and whether the service runs: a lease that ended while nobody worked is no fault."""
        self._now_ms = round((await self._db.command("hello"))["localTime"].timestamp() * 1000)
        relay = await self._db.leases.find_one({"_id": RELAY_LEASE})
        self._attended = relay is not None and relay["until_ms"] > self._now_ms

    def _over_for_s(self, row: Document) -> float:
        leased = row.get("state") == JobState.LEASED and self._attended
        return max(0.0, (self._now_ms - row["leased_until_ms"]) / 1000) if leased else 0.0

    def judge(self, evidence: Mapping[str, JobSeen]) -> list[Verdict]:
        return [jobs_verdict(evidence, "jobs as they lie there", "their states, a leased one counts as waiting")]


async def job_states(db: Db, kind: str, keys: Iterable[str] | None, session: Session | None, span: Span = ALL) -> dict[str, str]:
    """State by the job's key, of this kind; these, or all of the span."""
    prefix = f"{kind}:"
    query = span.of(prefix=prefix) if keys is None else those(f"{prefix}{key}" for key in keys)
    rows = db.jobs.find(query, {"state": 1}, session=session)
    return {row["_id"].removeprefix(prefix): row.get("state", "") async for row in rows}


async def published(db: Db, since: datetime, now: datetime, *, limit: int = 0) -> list[tuple[str, str, datetime]]:
    """(id, type, when) of the events that must have arrived, oldest first, by the index on `at`."""
    settled_ones = {"at": {"$gte": max(since, now - KEPT_FOR), "$lte": now - SETTLED_AFTER}}
    rows = db.published_events.find(settled_ones).sort("at", 1).limit(limit)
    return [(row["_id"], row["type"], row["at"]) async for row in rows]


async def too_young(db: Db, now: datetime) -> list[str]:
    """The types of the events that may still be on their way."""
    rows = db.published_events.find({"at": {"$gt": now - SETTLED_AFTER}}, {"type": 1})
    return [row["type"] async for row in rows]


async def in_outbox(db: Db, event_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for part in in_parts(event_ids):
        found |= {row["_id"] async for row in db.outbox.find(those(part), {"_id": 1})}
    return found


async def whereabouts(db: Db, handlers: Mapping[str, str]) -> dict[str, str]:
    """handlers: the name of the handler by event id. Out: `handled` or `parked` of those that this service knows."""
    places: dict[str, str] = {}
    for part in in_parts(list(handlers)):
        letters = db.dead_letters.find({"event_id": {"$in": part}, "state": {"$in": ACCOUNTED}}, {"event_id": 1})
        places |= {row["event_id"]: "parked" async for row in letters}
        keys = {inbox_key(handlers[event_id], event_id): event_id for event_id in part}
        places |= {keys[row["_id"]]: "handled" async for row in db.inbox.find(those(keys), {"_id": 1})}
    return places


async def heard_since(db: Db) -> HeardSince | None:
    """Since when each service is known to hear each type; None: from the first event on, or not written down yet at all.

    A subscription that came with a later release owes nothing of before.
    """
    row = await db.ledger.find_one({"_id": HEARD})
    return None if row is None else {(item["service"], item["type"]): item["since"] for item in row["subscriptions"]}


async def note_heard(db: Db, subscriptions: Iterable[tuple[str, str]], now: datetime) -> HeardSince:
    """Write down what is heard now: what was not before is heard since now. Out: as heard_since() says it from now on."""
    before = await heard_since(db)
    heard = {one: before.get(one, now) if before is not None else None for one in subscriptions}
    if heard != before:
        items = [{"service": service, "type": kind, "since": since} for (service, kind), since in heard.items()]
        await db.ledger.replace_one({"_id": HEARD}, {"subscriptions": items}, upsert=True)
    return heard


def is_due(heard: HeardSince | None, service: str, kind: str, at: datetime) -> bool:
    """Whether an event of that time is due at that service."""
    if heard is None:
        return True
    if (service, kind) not in heard:  # new, and noted within a minute
        return False
    since = heard[service, kind]
    return since is None or at >= since


async def first_published(db: Db) -> datetime | None:
    """Since when published events are written down: what is older cannot be asked for."""
    row = await db.published_events.find_one({}, {"at": 1}, sort=[("at", 1)])
    return row["at"] if row else None
