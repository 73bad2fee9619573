"""The daily purge of one service: a stored job like any other, so that one process works it, and another after a kill.

Each kind is gone through page by page, each page in a transaction of its own. A purge that is begun again begins at the first
page: what was deleted is not there any more. Its report has one line for each kind, written with what it counts.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.clock import Clock
from shared.crash_points import crash_point
from shared.errors import Unavailable
from shared.jobs.job import Alarm, Finish, Job, JobKind, NewJob
from shared.metrics import metrics
from shared.mongo.audit_purging import ACCESS_LOG
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Database, Db, Document, within
from shared.mongo.dead_letters import DeadState
from shared.mongo.erasure import HOLDS
from shared.mongo.purging import NOT_CLOSED, REPORTS, STATE, TURN, BatchOutcome, PurgeBatch, Purged, purge_batch, report_id
from shared.mongo.transactions import Transactions, UnitOfWork
from shared.retention.rules import KindRule, RuleBook, Rules, RulesUnusable
from shared.waiting import told_to_end

log = structlog.get_logger(__name__)

PURGE: Final = "purge"
AT: Final = time_of_day(3)  # in ZONE: few people are at work
ZONE: Final = ZoneInfo("Asia/Bishkek")
LOOK_EVERY_S: Final = 60.0
PAUSE_S: Final = 0.01  # between two transactions: people come first
MOST_COUNTED: Final = 100_000
LAST, BEGAN = "last", "began"
NOT_READABLE: Final = "not-readable"
RUNNING, DONE, FAILED = "running", "done", "failed"

DEAD_LETTER = Purged(
    "dead-letter",
    "dead_letters",
    moment="dead_at",
    closed={"state": {"$in": [DeadState.REPLAYED, DeadState.DISCARDED]}},
    not_closed=("dead_at", {"state": {"$in": [DeadState.PARKED, DeadState.REPLAYING]}}),
    at_least="P90D",  # as long as one may be replayed
)
LEGAL_HOLD = Purged("legal-hold", HOLDS, moment="released_at", person="person_id", case="case")
OF_ALL: Final = (ACCESS_LOG, DEAD_LETTER, LEGAL_HOLD)


@dataclass(frozen=True, slots=True)
class Retention:
    """The rules of a service, and how each kind that the daily purge deletes lies in its database."""

    book: RuleBook
    purged: Sequence[Purged]

    @classmethod
    def of(cls, service: str, folder: Path | None, purged: Sequence[Purged] = ()) -> "Retention":
        """Raises RulesUnusable, where a rule and the code do not fit."""
        found = cls(RuleBook.of(service, folder), (*OF_ALL, *purged))
        for day in found.book.days():
            found._must_fit(found.book.on(day))
        return found

    def _must_fit(self, rules: Rules) -> None:
        told = {kind for kind, of in rules.kinds.items() if of.rule.by == "purge"}
        known = {purged.kind for purged in self.purged}
        if told != known:
            raise RulesUnusable(f"a rule and no code, or code and no rule: {', '.join(sorted(told ^ known))}")
        for purged in self.purged:
            purged.must_suit(rules.kinds[purged.kind])

    def on(self, now: datetime) -> Rules:
        return self.book.on(now.date())


@dataclass(frozen=True, slots=True)
class EndRun:
    run: str


@dataclass(frozen=True, slots=True)
class Schedule:
    day: date


class Purge:
    def __init__(self, database: Database, transactions: Transactions, clock: Clock, retention: Retention) -> None:
        self._database, self._transactions, self._clock, self._retention = database, transactions, clock, retention
        self._scheduled: date | None = None

    @property
    def _db(self) -> Db:
        return self._database.db

    @property
    def kind(self) -> JobKind:
        return JobKind(self.run, max_attempts=6, retry_s=60, retry_max_s=3_600, lease_s=10, on_alarm=note_failure)

    async def keep_scheduled(self) -> None:
        """Until cancelled: the next day's purge is a job that waits. One that was missed is still there, and runs at once."""
        while not told_to_end():
            try:
                await self._schedule_next()
            except (Unavailable, PyMongoError) as error:
                log.warning("purge_not_scheduled", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _schedule_next(self) -> None:
        day = next_day(self._clock.now())
        if day == self._scheduled:
            return
        await self._begin()
        await self._transactions.run(schedule, Schedule(day))
        self._scheduled = day

    async def _begin(self) -> None:
        """Rows that transactions change, made outside of them; since when a purge is due."""
        with within(BACKGROUND_TIMEOUT_S):
            for row in ({"_id": BEGAN, "at": self._clock.now()}, TURN[0] | {"turn": 0}):
                try:
                    await self._db[STATE].insert_one(dict(row))
                except DuplicateKeyError:
                    continue

    async def run(self, job: Job) -> Finish:
        """All kinds, one after the other. Raises Unavailable and what the database raises: the job then comes again."""
        await self._begin()
        rules = self._retention.on(self._clock.now())
        for purged in self._retention.purged:
            await self._purge(purged, rules.kinds[purged.kind], job.key)
        return Finish(end_run, EndRun(job.key))

    async def _purge(self, purged: Purged, rule: KindRule, run: str) -> None:
        began, now = time.monotonic(), self._clock.now()
        key = {"_id": report_id(run, rule.kind)}
        first: Document = {"run": run, "kind": rule.kind, "rule": rule.version, "keep_for": rule.rule.keep_for, "began_at": now}
        first |= {"deleted": 0, "closed_from": None, "closed_to": None, "ended_at": None, "held": {}, "duration_ms": None}
        with within(BACKGROUND_TIMEOUT_S):
            change = {"$setOnInsert": first, "$set": {"state": RUNNING}, "$inc": {"tries": 1}}
            await self._db[REPORTS].update_one(key, change, upsert=True)
        held = await self._pages(purged, rule, run, now)
        with within(BACKGROUND_TIMEOUT_S):
            if left := await purged.count_not_closed(self._db, rule, now, MOST_COUNTED):
                held[NOT_CLOSED] = left
            end = {"state": DONE, "ended_at": self._clock.now(), "held": dict(held)}
            end["duration_ms"] = round((time.monotonic() - began) * 1000)
            await self._db[REPORTS].update_one(key, {"$set": end})
        log.info("purged", kind=rule.kind, rule=rule.version, run=run, held=held.total())

    async def _pages(self, purged: Purged, rule: KindRule, run: str, now: datetime) -> Counter[str]:
        """Out: what was held back, by reason."""
        held: Counter[str] = Counter()
        after: Any = None
        while True:
            with within(BACKGROUND_TIMEOUT_S):
                ids = await purged.next_ids(self._db, rule, now, after)
            if not ids:
                return held
            outcome = await self._batch(PurgeBatch(purged, rule, run, ids))
            crash_point("retention.batch_committed")
            held.update(outcome.held)
            metrics().retention_deleted.labels(rule.kind).inc(outcome.deleted)
            after = ids[-1]
            await asyncio.sleep(PAUSE_S)

    async def _batch(self, batch: PurgeBatch) -> BatchOutcome:
        """One row that cannot be read stays, is counted and logged, and keeps no other from being deleted."""
        try:
            return await self._transactions.run(purge_batch, batch)
        except (Unavailable, PyMongoError):
            raise
        except Exception as error:
            if len(batch.ids) == 1:
                log.error("purge_row_not_readable", kind=batch.rule.kind, record=str(batch.ids[0]), error=type(error).__name__)
                return BatchOutcome(0, {NOT_READABLE: 1})
        outcomes = [await self._batch(replace(batch, ids=[one])) for one in batch.ids]
        held: Counter[str] = Counter()
        for outcome in outcomes:
            held.update(outcome.held)
        return BatchOutcome(sum(outcome.deleted for outcome in outcomes), held)


async def schedule(command: Schedule, uow: UnitOfWork) -> None:
    uow.schedule(NewJob(PURGE, command.day.isoformat(), _moment(command.day)))


async def end_run(command: EndRun, uow: UnitOfWork) -> None:
    row = {"run": command.run, "at": uow.at}
    await uow.db[STATE].update_one({"_id": LAST}, {"$set": row}, upsert=True, session=uow.session)


async def note_failure(alarm: Alarm, uow: UnitOfWork) -> None:
    """The report says so; the next day's purge goes on where this one gave up."""
    left = {"run": alarm.job.key, "state": RUNNING}
    change = {"state": FAILED, "ended_at": uow.at, "reason": alarm.reason}
    await uow.db[REPORTS].update_many(left, {"$set": change}, session=uow.session)


def next_day(now: datetime) -> date:
    """The day of the next purge that is still to come."""
    there = now.astimezone(ZONE)
    return there.date() if there.time() < AT else there.date() + timedelta(days=1)


def next_run(now: datetime) -> datetime:
    return _moment(next_day(now))


def _moment(day: date) -> datetime:
    return datetime.combine(day, AT, ZONE).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a purge at that moment would do with one kind. held: by reason."""

    due: int
    held: Mapping[str, int]


async def preview(db: Db, purged: Purged, rule: KindRule, now: datetime) -> Preview:
    """Reads all of it, page by page, and changes nothing. Raises PyMongoError."""
    held: Counter[str] = Counter()
    due, after = 0, None
    while ids := await purged.next_ids(db, rule, now, after):
        items = await purged.read(db, rule, now, ids, None)
        reasons = await purged.held(items, db, None, rule, now)
        held.update(reasons.values())
        due += len(items) - len(reasons)
        after = ids[-1]
    if left := await purged.count_not_closed(db, rule, now, MOST_COUNTED):
        held[NOT_CLOSED] = left
    return Preview(due, held)
