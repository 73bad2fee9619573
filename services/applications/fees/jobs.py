"""The daily comparison with the provider: a word that was lost on its way is heard the day after, from the provider's list."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from services.applications.catalogue import the_catalogue
from services.applications.domain.status import Status
from services.applications.fees.provider import Provider, Word
from services.applications.fees.term import WATCH_FEE
from services.applications.scopes import any_of
from services.applications.use_cases.fees.reconcile import RECONCILE as RECONCILE
from services.applications.use_cases.fees.reconcile import Reconcile, reconcile
from services.applications.use_cases.fees.take_provider_word import payment_id
from services.applications.use_cases.fees.watch_fee import WatchFee, WatchOlder, look_at_fee, watch_older
from shared.clock import Clock
from shared.errors import Unavailable
from shared.jobs.job import Finish, GiveUp, Job, JobKind, JobKinds, NewJob
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Db, within
from shared.mongo.ledger import in_parts
from shared.mongo.transactions import Transactions, UnitOfWork
from shared.waiting import told_to_end

log = structlog.get_logger(__name__)

AT: Final = time(1)  # UTC: the provider's day has ended, and what was on its way has arrived
DAYS_BACK: Final = 7  # a day that was missed is made up for so long
PAID_WITHIN: Final = timedelta(days=37)  # of going to the provider, a month and the days that are made up for
MOST_AT_ONCE: Final = 50  # of what was not heard, in one transaction
LOOK_EVERY_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class ScheduleReconciliations:
    days: Sequence[date]


async def schedule_reconciliations(command: ScheduleReconciliations, uow: UnitOfWork) -> None:
    for day in command.days:
        uow.schedule(NewJob(RECONCILE, day.isoformat(), _due(day), {"day": day.isoformat()}))


class DailyReconciliation:
    """Until cancelled: each day that ended is a job, and one that is there already stays as it is. Where nobody went to the
    provider for weeks, there is nothing to compare, and no job."""

    def __init__(self, db: Callable[[], Db], transactions: Callable[[], Transactions], clock: Clock) -> None:
        self._db, self._transactions, self._clock = db, transactions, clock
        self._scheduled: date | None = None

    async def keep_scheduled(self) -> None:
        while not told_to_end():
            today = self._clock.now().astimezone(UTC).date()
            if today != self._scheduled:
                try:
                    await self._schedule(today)
                except (Unavailable, PyMongoError) as error:
                    log.warning("reconciliation_not_scheduled", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _schedule(self, today: date) -> None:
        since = self._clock.now() - PAID_WITHIN
        with within(BACKGROUND_TIMEOUT_S):
            if await self._db().checkouts.find_one({"opened_at": {"$gte": since}}, {"_id": 1}) is None:
                return
        days = [today - timedelta(days=back) for back in range(DAYS_BACK, 0, -1)]
        await self._transactions().run(schedule_reconciliations, ScheduleReconciliations(days))
        self._scheduled = today


async def watch_all(db: Db, transactions: Transactions) -> None:
    """Once, as the service starts: what waits for its fee since before there was a last day has no job that looks at it. There
    come no more of these."""
    older = {"post_id": any_of(the_catalogue().posts), "status": Status.FEE_DUE.value, "pay_by": None}
    with within(BACKGROUND_TIMEOUT_S):
        rows = await db.applications.find(older, {"post_id": 1, "submitted_at": 1}).to_list()
    for part in in_parts([(row["_id"], row["post_id"], row["submitted_at"]) for row in rows]):
        await transactions.run(watch_older, WatchOlder(tuple(part)))


def fee_job_kinds(db: Callable[[], Db], provider: Provider | None) -> JobKinds:
    async def compare(job: Job) -> Finish:
        if provider is None:
            raise GiveUp("payments-not-configured")
        day = date.fromisoformat(job.data["day"])
        words = await provider.words_of(day)
        with within(BACKGROUND_TIMEOUT_S):
            found = await compared(db(), day, words)
        return Finish(reconcile, replace(found, round=int(job.data.get("round", 1))))

    async def look(job: Job) -> Finish:
        return Finish(look_at_fee, WatchFee(job.data["application_id"]))

    return {
        WATCH_FEE: JobKind(look),
        RECONCILE: JobKind(compare, max_attempts=20, retry_s=60, retry_max_s=3_600, lease_s=60),
    }


async def compared(db: Db, day: date, words: Sequence[Word]) -> Reconcile:
    """What of the list is news to us, what is of no checkout of ours, and what of ours is not in it."""
    known: dict[str, int] = {}
    for part in in_parts([payment_id(word.payment) for word in words]):
        async for row in db.payments.find({"_id": {"$in": list(part)}}, {"sequence": 1}):
            known[row["_id"]] = row["sequence"]
    new = [word for word in words if _is_new(word, known.get(payment_id(word.payment)))]
    ours_too = await _checkouts(db, new)
    news = [word.as_command() for word in new if word.checkout in ours_too]
    unknown = [word.payment for word in new if word.checkout not in ours_too]
    listed = {payment_id(word.payment) for word in words}
    ours = db.payments.find({"provider_day": day.isoformat()}, {"_id": 1})
    unlisted = sorted([str(row["_id"]) async for row in ours if row["_id"] not in listed])
    return Reconcile(day, len(words), news[:MOST_AT_ONCE], unlisted, unknown, max(0, len(news) - MOST_AT_ONCE))


def _is_new(word: Word, known: int | None) -> bool:
    """What failed is news only where we took it for paid."""
    return word.state != "failed" if known is None else known < word.sequence


async def _checkouts(db: Db, words: Sequence[Word]) -> set[str]:
    """Those of ours: a word of another's would be news in every round, and the rounds would never end."""
    found: set[str] = set()
    for part in in_parts([word.checkout for word in words]):
        found |= {str(row["_id"]) async for row in db.checkouts.find({"_id": {"$in": list(part)}}, {"_id": 1})}
    return found


def _due(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), AT, tzinfo=UTC)
