"""A change stream whose history or collection is gone: the relay goes by the outbox, listeners are told to read anew."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.errors import OperationFailure

from services.applications.schema import INDEXES
from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.conftest import BROKER_ROOTS
from tests.fault.applications import database_of, environment_of, insert_drafts
from tests.fault.forked import ForkedService, forks
from tests.integration.applications_client import Headers, act
from tests.support.faults import Counts, Tap, approved, key_of, tapped
from tests.support.places import Place, new_place
from tests.support.servers import Servers, servers_of_their_own
from tests.support.serving import eventually
from tests.support.tokens import TestTokens

OPLOG_KEEPS = 100
INTERNAL_ERROR = 1
IN_ONE = 50
HISTORY_LOST = 286


@pytest.fixture(scope="module", params=list(BROKER_ROOTS.values()), ids=list(BROKER_ROOTS))
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A database that forgets what happened more than a hundred writes ago."""
    with servers_of_their_own(
        tmp_path_factory.mktemp("forgetful"), Path(request.param), database_options=("--oplog-max-entries", str(OPLOG_KEEPS))
    ) as own:
        yield own


@pytest.fixture
async def place(servers: Servers) -> Place:
    """Never cleared: its servers end with the module."""
    return await new_place(servers)


@dataclass
class Listener:
    """A page of an officer that is open: what it was told, as server-sent events."""

    told: list[str] = field(default_factory=list)

    @property
    def resets(self) -> int:
        return self.told.count("reset")

    async def listen(self, api: httpx.AsyncClient, who: Headers) -> None:
        async with api.stream("GET", "/api/officer/changes", headers=who, timeout=None) as answer:
            assert answer.status_code == 200
            async for line in answer.aiter_lines():
                if line.startswith("event: "):
                    self.told.append(line.removeprefix("event: "))


@dataclass
class Watched:
    """The real applications service, an officer who listens, and a tap at the exchange."""

    service: ForkedService
    api: httpx.AsyncClient
    database: Database
    tap: Tap
    listener: Listener
    officer: Headers
    keys: set[str] = field(default_factory=set)

    async def publish(self, count: int) -> None:
        """So many events, committed by another process of the service (this one)."""
        transactions = Transactions(self.database, SystemClock())

        async def publish_some(first: int, uow: UnitOfWork) -> None:
            for number in range(first, first + IN_ONE):
                uow.publish(approved(number))

        first = len(self.keys)
        for start in range(first, first + count, IN_ONE):
            try:
                await transactions.run(publish_some, start)
            except OperationFailure as error:  # SecantusDB at times fails the first commit after a drop, as no error of ours
                if error.code != INTERNAL_ERROR:
                    raise
                await transactions.run(publish_some, start)
        self.keys |= {key_of(approved(number)) for number in range(first, first + count)}

    async def all_published(self) -> bool:
        return self.keys == set(self.tap.keys) and not await self.database.db.outbox.count_documents({})

    async def hears_a_claim(self) -> bool:
        """Whether the officer is told of a change that is made now."""
        (case,) = await insert_drafts(self.database.db, 1, submitted=True)
        heard = len(self.listener.told)
        assert (await act(self.api, self.officer, case, "claim")).status_code == 200
        await eventually(lambda: _longer(self.listener.told, heard), within_s=20)
        return True

    def check(self, counts: Counts) -> None:
        distinct = dict(zip(self.tap.event_ids, self.tap.keys, strict=True))
        counts.compare(self.keys, self.keys, Counter(distinct.values()))
        counts.redelivered += self.tap.repeated
        counts.check()


async def _longer(told: list[str], than: int) -> bool:
    return len(told) > than


@pytest.fixture
async def watched(place: Place, tokens: TestTokens, tmp_path: Path) -> AsyncIterator[Watched]:
    async with AsyncExitStack() as stack:
        environment = await stack.enter_async_context(environment_of(place, tokens))
        database = await stack.enter_async_context(database_of(place))
        tap = await stack.enter_async_context(tapped(place, ApplicationApproved))
        parent = await stack.enter_async_context(forks("applications", environment, log=tmp_path / "applications.log"))
        service = ForkedService(parent)
        await service.start()
        api = await stack.enter_async_context(httpx.AsyncClient(base_url=service.address, trust_env=False, timeout=30))
        found = Watched(service, api, database, tap, Listener(), tokens.officer("nurlan", "intake"))
        await stack.enter_async_context(_listening(found))
        await found.publish(IN_ONE)
        await eventually(found.all_published)
        await eventually(lambda: _reset_since(found.listener, 0))  # its stream is open
        await eventually(lambda: _claim_is_heard(found))
        yield found
        await service.kill9()


async def _claim_is_heard(found: Watched) -> bool:
    return await found.hears_a_claim()


@asynccontextmanager
async def _listening(found: Watched) -> AsyncIterator[None]:
    listening = asyncio.create_task(found.listener.listen(found.api, found.officer))
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def test_a_relay_whose_place_in_the_history_is_lost_publishes_everything_and_listeners_are_told_to_read_anew(
    watched: Watched, place: Place, counts: Counts
) -> None:
    for _ in range(counts.pick(1, 5)):
        resets, token = watched.listener.resets, await place_in_history(watched.database)
        os.kill(watched.service.pid, signal.SIGSTOP)
        await watched.publish(1_000)
        await watched.database.client.admin.command("secantusAdmin.pruneOplog")
        assert await is_lost(watched.database, token), "the history still reaches back: nothing is tried"
        await asyncio.to_thread(restart, place)  # its cursors are gone, so that the streams must take up where they were
        os.kill(watched.service.pid, signal.SIGCONT)
        await eventually(watched.all_published, within_s=90)
        await eventually(lambda resets=resets: _reset_since(watched.listener, resets))  # type: ignore[misc]
        assert await watched.hears_a_claim()
    watched.check(counts)


async def test_a_collection_that_is_dropped_and_made_anew_under_a_running_relay_costs_no_event_and_listeners_are_told(
    watched: Watched, counts: Counts
) -> None:
    for _ in range(counts.pick(3, 50)):
        resets, db = watched.listener.resets, watched.database.db
        await asyncio.gather(db.drop_collection("outbox"), db.drop_collection("applications"))
        await watched.database.ensure_indexes({**KERNEL_INDEXES, **INDEXES})
        await watched.publish(100)
        await eventually(watched.all_published, within_s=60)
        await eventually(lambda resets=resets: _reset_since(watched.listener, resets))  # type: ignore[misc]
        assert await watched.hears_a_claim()
    watched.check(counts)


async def _reset_since(listener: Listener, before: int) -> bool:
    return listener.resets > before


def restart(place: Place) -> None:
    place.servers.database.stop()
    place.servers.database.start()
    place.servers.database.wait_ready()


async def place_in_history(database: Database) -> Any:
    async with await database.db.outbox.watch() as stream:
        await stream.try_next()
        return stream.resume_token


async def is_lost(database: Database, token: Any) -> bool:
    try:
        async with await database.db.outbox.watch(resume_after=token) as stream:
            await stream.try_next()
    except OperationFailure as error:
        return error.code == HISTORY_LOST
    return False
