"""Works jobs: claims by lease, renews while working, finishes in one transaction, retries with jitter, alarms at the end."""

import asyncio
import random
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import structlog
from opentelemetry.trace import SpanKind

from shared.clock import Clock
from shared.errors import Unavailable
from shared.jobs.job import Alarm, Finish, GiveUp, Job, JobKind, JobKinds, JobState, RetryLater
from shared.metrics import metrics, timed
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Collection, Database, Document, within
from shared.mongo.insert_watch import watch_inserts
from shared.mongo.leases import is_over, until
from shared.mongo.operation import Operation
from shared.mongo.transactions import Transactions, UnitOfWork
from shared.spans import entered
from shared.tracing import trace
from shared.waiting import told_to_end, woken_or_after

log = structlog.get_logger(__name__)

POLL_S = 2.0  # how late a due job may start when no change woke us
CLAIM = 32  # due jobs read at once
CLAIM_TIMEOUT_S = 2.0
AT_ONCE = 4  # jobs of one process; a provider that hangs costs no more than so many connections and messages in memory
DRAIN_S = 8.0  # shorter than what a supervisor or orchestrator waits before it kills


class LeaseLost(Exception):
    """Another worker has the job now: what this one did is not written."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The transaction's guard: mark the job in it, or fail where the lease went to someone else."""

    job: Job
    change: Document

    async def enter(self, uow: UnitOfWork) -> None:
        mine = {"_id": self.job.id, "fence": self.job.fence, "state": JobState.LEASED}
        if not (await uow.db.jobs.update_one(mine, {"$set": self.change}, session=uow.session)).matched_count:
            raise LeaseLost(self.job.id)


class Worker:
    """Runs the due jobs of one service, at most `concurrency` at a time."""

    def __init__(
        self, database: Database, transactions: Transactions, clock: Clock, kinds: JobKinds, *, concurrency: int = AT_ONCE
    ) -> None:
        self._database, self._transactions, self._clock, self._kinds = database, transactions, clock, kinds
        self._owner = str(uuid4())
        self._free = asyncio.Semaphore(concurrency)
        self._wake = asyncio.Event()
        self._running: dict[asyncio.Task[None], str] = {}  # with the job's id

    @property
    def _jobs(self) -> Collection:
        return self._database.db.jobs

    async def run(self) -> None:
        """Until cancelled. Jobs in hand may then finish, for DRAIN_S; what is left comes back when its lease ends."""
        watcher = asyncio.create_task(watch_inserts(self._database, "jobs", self._wake))
        try:
            while not told_to_end():
                started = 0
                try:
                    started = await self._start_due()
                except Unavailable:
                    log.warning("jobs_wait_for_database")
                except Exception as error:
                    log.exception("jobs_round_failed", error=type(error).__name__)
                if not started:
                    await woken_or_after(self._wake, POLL_S)
                self._wake.clear()
        finally:
            watcher.cancel()
            if self._running:  # a message cut off between the call and its outcome would count as unknown
                await asyncio.wait(self._running, timeout=DRAIN_S)
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _start_due(self) -> int:
        started = 0
        for candidate in await self._due():
            await self._free.acquire()
            job = None
            try:
                job = await self._claim(candidate)
            except Unavailable:
                # a transaction of a killed process may still hold this one: the others need not wait for it
                log.warning("job_claim_timed_out", job_id=candidate["_id"])
            finally:
                if job is None:
                    self._free.release()
            if job is not None:
                task = asyncio.create_task(self._work(job))
                self._running[task] = job.id
                task.add_done_callback(self._done)
                started += 1
        return started

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._free.release()
        if not task.cancelled() and (error := task.exception()):
            log.error("job_outcome_failed", error=type(error).__name__, exc_info=error)  # its lease brings it back
        self._wake.set()

    async def _due(self) -> Sequence[Document]:
        with within(BACKGROUND_TIMEOUT_S):
            waiting = {"state": JobState.WAITING, "due_at": {"$lte": self._clock.now()}}
            rows = await self._jobs.find(waiting).limit(CLAIM).to_list()
            abandoned = {"state": JobState.LEASED, "$expr": is_over("leased_until_ms")}
            rows += await self._jobs.find(abandoned).limit(CLAIM).to_list()
        in_hand = set(self._running.values())  # its lease may end while the database is away and we are still at work
        rows = [row for row in rows if row["_id"] not in in_hand]
        random.shuffle(rows)  # several workers: do not all reach for the same first job
        return rows

    async def _claim(self, row: Document) -> Job | None:
        kind = self._kinds.get(row["kind"])
        if kind is None:
            log.error("job_kind_unknown", job_id=row["_id"], kind=row["kind"])
            return None
        with within(CLAIM_TIMEOUT_S):
            claimed = await self._jobs.update_one(
                {"_id": row["_id"], "fence": row["fence"], "state": row["state"]},
                [
                    {
                        "$set": {
                            "state": JobState.LEASED,
                            "owner": self._owner,
                            "fence": row["fence"] + 1,
                            "leased_until_ms": until(kind.lease_s),
                        }
                    }
                ],
            )
        if not claimed.matched_count:
            return None
        known = {name: row[name] for name in ("kind", "key", "data", "attempts", "due_at")}
        traced = {name: row[name] for name in ("correlation_id", "traceparent", "causation_id")}
        return Job(id=row["_id"], fence=row["fence"] + 1, **known, **traced)

    async def _work(self, job: Job) -> None:
        with (
            entered(
                f"job {job.kind}", kind=SpanKind.CONSUMER, correlation_id=job.correlation_id, traceparent=job.traceparent
            ) as span,
            timed(metrics().job_duration, job.kind),
        ):
            renewal = asyncio.create_task(self._renew(job, self._kinds[job.kind]))
            try:
                outcome = await self._worked(job, self._kinds[job.kind])
            finally:
                renewal.cancel()
            span.set_attribute("eshik.job.outcome", outcome)
        metrics().job_runs.labels(job.kind, outcome).inc()

    async def _worked(self, job: Job, kind: JobKind) -> str:
        """Out: how it ended, one of JOB_OUTCOMES."""
        try:
            await self._finish(job, await kind.run(job))
        except LeaseLost:
            log.warning("job_lease_lost", job_id=job.id, fence=job.fence)
            return "lease_lost"
        except GiveUp as error:
            return await self._settle(job, "alarmed", self._alarm(job, kind, error.reason))
        except Unavailable as error:
            # what we stand on is away: that is not the job's fault and costs it no attempt
            reason = error.args[0] if error.args else "unavailable"
            return await self._settle(job, "put_back", self._put_back(job, reason, failed=False))
        except Exception as error:
            reason = error.reason if isinstance(error, RetryLater) else type(error).__name__
            if not isinstance(error, RetryLater):
                log.exception("job_failed", job_id=job.id, error=type(error).__name__)
            if job.attempts + 1 >= kind.max_attempts:
                return await self._settle(job, "alarmed", self._alarm(job, kind, reason))
            return await self._settle(job, "put_back", self._put_back(job, reason, failed=True))
        return "done"

    async def _finish(self, job: Job, finish: Finish | None) -> None:
        done = _Held(job, {"state": JobState.DONE, "done_at": self._clock.now(), "reason": None})
        use_case, command = (finish.use_case, finish.command) if finish else (_nothing, None)
        await self._transactions.run(use_case, command, operation=self._operation(job), guard=done)
        log.info("job_done", job_id=job.id, kind=job.kind, attempts=job.attempts)

    async def _alarm(self, job: Job, kind: JobKind, reason: str) -> None:
        now = self._clock.now()
        given_up = _Held(job, {"state": JobState.ALARMED, "reason": reason, "alarmed_at": now})
        alarm = Alarm(job, reason, now)
        await self._transactions.run(kind.on_alarm or _nothing, alarm, operation=self._operation(job), guard=given_up)
        log.error("job_alarmed", job_id=job.id, kind=job.kind, reason=reason)

    async def _put_back(self, job: Job, reason: str, *, failed: bool) -> None:
        kind = self._kinds[job.kind]
        delay = min(kind.retry_s * 2**job.attempts, kind.retry_max_s) if failed else kind.retry_s
        due_at = self._clock.now() + timedelta(seconds=delay * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
        back = {"state": JobState.WAITING, "due_at": due_at, "attempts": job.attempts + failed, "reason": reason}
        with within(BACKGROUND_TIMEOUT_S):
            await self._jobs.update_one({"_id": job.id, "fence": job.fence, "state": JobState.LEASED}, {"$set": back})
        log.warning("job_put_back", job_id=job.id, kind=job.kind, reason=reason, attempts=job.attempts + failed)

    async def _settle(self, job: Job, outcome: str, step: Awaitable[None]) -> str:
        """Write a failure's outcome; when even that fails the lease runs out and the job comes back by itself."""
        try:
            await step
        except (Unavailable, LeaseLost) as error:
            log.warning("job_outcome_not_written", job_id=job.id, error=type(error).__name__)
            return "not_written"
        return outcome

    async def _renew(self, job: Job, kind: JobKind) -> None:
        while not told_to_end():
            await asyncio.sleep(kind.lease_s / 3)
            try:
                with within(kind.lease_s / 3):
                    mine = {"_id": job.id, "fence": job.fence, "state": JobState.LEASED}
                    renewed = await self._jobs.update_one(mine, [{"$set": {"leased_until_ms": until(kind.lease_s)}}])
            except Unavailable:
                continue
            if not renewed.matched_count:
                log.warning("job_lease_taken", job_id=job.id)
                return  # the guard refuses the outcome

    def _operation(self, job: Job) -> Operation:
        job_of = f"job:{job.id}:{job.fence}"
        return Operation(job_of, self._clock.now(), job.correlation_id, trace().traceparent, job.causation_id)


async def _nothing(_command: object, _uow: UnitOfWork) -> None:
    """The finish of a job whose work was all."""
