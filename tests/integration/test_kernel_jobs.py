"""Jobs: stored with the change, worked once, retried, alarmed, and moved by the clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from shared.clock import FileClock, SystemClock
from shared.errors import Unavailable
from shared.jobs.job import Alarm, Finish, GiveUp, Job, JobKind, JobState, NewJob, RetryLater
from shared.jobs.worker import Worker
from shared.mongo.database import Database, Document
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.support.places import Place
from tests.support.serving import eventually


async def add(job: NewJob, uow: UnitOfWork) -> None:
    uow.schedule(job)


async def note(text: str, uow: UnitOfWork) -> None:
    await uow.db.notes.insert_one({"_id": uow.new_id(), "text": text}, session=uow.session)


async def note_alarm(alarm: Alarm, uow: UnitOfWork) -> None:
    await uow.db.notes.insert_one({"_id": alarm.job.id, "text": alarm.reason}, session=uow.session)


@asynccontextmanager
async def database_of(place: Place) -> AsyncIterator[Database]:
    database = Database(place.mongo_url, f"{place.database_prefix}jobs")
    await database.ensure_indexes({**KERNEL_INDEXES, "notes": []})
    yield database
    await database.close()


@asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def job_in(database: Database, state: JobState) -> Document | None:
    return await database.db.jobs.find_one({"state": state})


async def test_a_job_scheduled_with_a_change_is_worked_and_its_finish_and_done_mark_are_one_transaction(place: Place) -> None:
    async def run(job: Job) -> Finish:
        return Finish(note, f"worked {job.data['n']}")

    async with database_of(place) as database:
        transactions = Transactions(database, SystemClock())
        worker = Worker(database, transactions, SystemClock(), {"count": JobKind(run)})
        async with working(worker):
            for n in range(20):
                await transactions.run(add, NewJob("count", str(n), SystemClock().now(), {"n": n}))
            await eventually(lambda: _done(database, 20))
        assert await database.db.notes.count_documents({}) == 20


async def test_the_same_job_scheduled_twice_is_one(place: Place) -> None:
    async with database_of(place) as database:
        transactions = Transactions(database, SystemClock())
        for _ in range(2):
            await transactions.run(add, NewJob("count", "same", SystemClock().now()))
        assert await database.db.jobs.count_documents({}) == 1


async def test_three_workers_work_each_job_once(place: Place) -> None:
    async def run(_job: Job) -> Finish:
        await asyncio.sleep(0.05)
        return Finish(note, "x")

    async with database_of(place) as database:
        transactions = Transactions(database, SystemClock())
        workers = [Worker(database, transactions, SystemClock(), {"count": JobKind(run)}) for _ in range(3)]
        async with working(*workers):
            for n in range(30):
                await transactions.run(add, NewJob("count", str(n), SystemClock().now()))
            await eventually(lambda: _done(database, 30))
        assert await database.db.notes.count_documents({}) == 30


async def test_a_job_waits_for_its_time_and_the_moved_clock_brings_it(place: Place, tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")

    async def run(_job: Job) -> None:
        return None

    async with database_of(place) as database:
        transactions = Transactions(database, clock)
        async with working(Worker(database, transactions, clock, {"later": JobKind(run)})):
            await transactions.run(add, NewJob("later", "1", clock.now() + timedelta(days=90)))
            with suppress(AssertionError):
                await eventually(lambda: job_in(database, JobState.DONE), within_s=3)
            assert await job_in(database, JobState.WAITING)
            (tmp_path / "clock").write_text(str(91 * 86_400))
            assert await eventually(lambda: job_in(database, JobState.DONE))


@pytest.mark.parametrize(
    ("failing", "state", "attempts"),
    [
        (lambda: RetryLater("gateway-busy"), JobState.ALARMED, 2),
        (lambda: GiveUp("unprintable-text"), JobState.ALARMED, 0),
        (lambda: ValueError("a secret name"), JobState.ALARMED, 2),
    ],
)
async def test_a_job_that_keeps_failing_is_alarmed_with_a_reason_that_quotes_nothing(
    place: Place, failing: Callable[[], Exception], state: JobState, attempts: int
) -> None:
    async def run(_job: Job) -> None:
        raise failing()

    async with database_of(place) as database:
        transactions = Transactions(database, SystemClock())
        kind = JobKind(run, max_attempts=3, retry_s=0.1, on_alarm=note_alarm)
        async with working(Worker(database, transactions, SystemClock(), {"bad": kind})):
            await transactions.run(add, NewJob("bad", "1", SystemClock().now()))
            row = await eventually(lambda: job_in(database, state))
        assert row["attempts"] == attempts
        assert "secret" not in row["reason"]
        told = await database.db.notes.find_one({"_id": "bad:1"})
        assert told is not None
        assert told["text"] == row["reason"]


async def test_what_is_away_costs_a_job_no_attempt(place: Place) -> None:
    tries = 0

    async def run(_job: Job) -> None:
        nonlocal tries
        tries += 1
        if tries < 6:
            raise Unavailable("other-service")

    async with database_of(place) as database:
        transactions = Transactions(database, SystemClock())
        kind = JobKind(run, max_attempts=2, retry_s=0.05)
        async with working(Worker(database, transactions, SystemClock(), {"patient": kind})):
            await transactions.run(add, NewJob("patient", "1", SystemClock().now()))
            row = await eventually(lambda: job_in(database, JobState.DONE))
        assert row["attempts"] == 0


async def test_a_worker_that_lost_its_lease_writes_nothing(place: Place) -> None:
    holding, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_job: Job) -> Finish:
        holding.set()
        await go_on.wait()
        return Finish(note, "from the slow one")

    async def quick(_job: Job) -> Finish:
        return Finish(note, "from the quick one")

    async with database_of(place) as database:
        transactions = Transactions(database, SystemClock())
        slow_worker = Worker(database, transactions, SystemClock(), {"j": JobKind(slow)}, concurrency=1)
        async with working(slow_worker):
            await transactions.run(add, NewJob("j", "1", SystemClock().now()))
            await holding.wait()
            # as if this process had been frozen past its lease
            await database.db.jobs.update_one({}, {"$set": {"leased_until_ms": 0}})
            async with working(Worker(database, transactions, SystemClock(), {"j": JobKind(quick)})):
                await eventually(lambda: job_in(database, JobState.DONE))
            go_on.set()
            await asyncio.sleep(0.5)
        notes = [row["text"] async for row in database.db.notes.find()]
    assert notes == ["from the quick one"]


async def _done(database: Database, expected: int) -> bool:
    return await database.db.jobs.count_documents({"state": JobState.DONE}) == expected
