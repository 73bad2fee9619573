"""Who works in a collection is woken by what is inserted there: at once by its own process, by a change stream for others."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import uuid4

import pytest

from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved
from shared.errors import NotAllowedNow
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.insert_watch import watch_inserts
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.support.faults import approved
from tests.support.places import Place
from tests.support.serving import eventually

ELSEWHERE = 300


class Counted(asyncio.Event):
    """Counts how often it was set."""

    times = 0

    def set(self) -> None:
        self.times += 1
        super().set()


async def publish(event: ApplicationApproved, uow: UnitOfWork) -> str:
    return uow.publish(event)


async def publish_and_fail(event: ApplicationApproved, uow: UnitOfWork) -> None:
    uow.publish(event)
    await uow.written("outbox")
    raise NotAllowedNow


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[Database]:
    database = Database(place.mongo_url, f"{place.database_prefix}documents")
    await database.ensure_indexes({**KERNEL_INDEXES, "elsewhere": []})
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def ours(place: Place) -> AsyncIterator[Database]:
    async with opened(place) as database:
        yield database


@pytest.fixture
async def another_process(place: Place) -> AsyncIterator[Database]:
    async with opened(place) as database:  # a client of its own, which is all that processes share
        yield database


@contextmanager
def watching(database: Database, wake: asyncio.Event) -> Iterator[None]:
    watch = asyncio.create_task(watch_inserts(database, "outbox", wake))
    try:
        yield
    finally:
        watch.cancel()


async def told(database: Database, wake: Counted) -> None:
    """Returns once the stream is open: it told something that was inserted outside of any transaction."""

    async def heard() -> bool:
        await database.db.outbox.insert_one({"_id": f"probe-{uuid4()}"})
        return wake.is_set()

    await eventually(heard)


async def test_a_commit_wakes_who_works_in_the_same_process_without_a_stream(ours: Database) -> None:
    wake = Counted()
    with ours.signs.listener("outbox", wake):
        await Transactions(ours, SystemClock()).run(publish, approved(1))
    assert wake.times == 1


async def test_a_transaction_that_fails_and_one_that_writes_elsewhere_wake_nobody(ours: Database) -> None:
    wake, transactions = Counted(), Transactions(ours, SystemClock())
    with ours.signs.listener("jobs", wake):
        await transactions.run(publish, approved(1))
    with ours.signs.listener("outbox", wake), pytest.raises(NotAllowedNow):
        await transactions.run(publish_and_fail, approved(2))
    assert wake.times == 0


async def test_what_another_process_inserts_wakes_too(ours: Database, another_process: Database) -> None:
    wake = Counted()
    with watching(ours, wake):
        await told(another_process, wake)
        wake.clear()
        await Transactions(another_process, SystemClock()).run(publish, approved(1))
        await eventually(lambda: _is_set(wake))


async def test_what_the_process_committed_itself_wakes_once_and_not_again_when_the_stream_tells_it(
    ours: Database, another_process: Database
) -> None:
    wake, transactions = Counted(), Transactions(ours, SystemClock())
    with watching(ours, wake):
        await told(another_process, wake)
        await _still(wake)
        before = wake.times
        for number in range(5):
            await transactions.run(publish, approved(number))
        assert wake.times == before + 5
        wake.clear()
        await another_process.db.outbox.insert_one({"_id": "the last"})  # told after the five
        await eventually(lambda: _is_set(wake))
        assert wake.times == before + 6


async def test_a_stream_with_nothing_to_tell_is_not_asked_again_at_each_write_elsewhere(ours: Database) -> None:
    wake = Counted()
    with watching(ours, wake):
        await told(ours, wake)
        before = await _streams_asked(ours)
        for number in range(ELSEWHERE):  # one by one: the server answers the stream once for all that was written meanwhile
            await ours.db.elsewhere.insert_one({"_id": number})
        assert await _streams_asked(ours) - before < ELSEWHERE / 2


async def _is_set(wake: asyncio.Event) -> bool:
    return wake.is_set()


async def _still(wake: Counted) -> None:
    """Returns when all probes are told."""

    async def quiet() -> bool:
        before = wake.times
        await asyncio.sleep(1)
        return wake.times == before

    await eventually(quiet)


async def _streams_asked(database: Database) -> int:
    return int((await database.client.admin.command("serverStatus"))["opcounters"]["getmore"])
