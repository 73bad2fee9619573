"""The broker is off for a while, and the real applications service goes on: a request publishes nothing by itself."""

import asyncio
import json
import statistics
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import aio_pika
import httpx
import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared.messaging import topology
from shared.mongo.database import Db
from tests.conftest import BROKER_ROOTS
from tests.fault.applications import Caller, database_of, environment_of, insert_drafts, submitted_cases, unsent_events
from tests.support.faults import Counts
from tests.support.killing import ServiceProcess
from tests.support.notifying import free_port
from tests.support.places import Place, new_place
from tests.support.servers import Servers
from tests.support.serving import eventually
from tests.support.stalls import stopwatch
from tests.support.tokens import TestTokens

HEARS = topology.inbox("notifications")
WARM_UP = 10
MOST_SLOWER = 20  # at its p99, on a machine that others use; a request that waits for the broker is hundreds of times slower
MOST_SLOWER_MEDIAN = 3


@pytest.fixture(scope="module", params=list(BROKER_ROOTS.values()), ids=list(BROKER_ROOTS))
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """This module's own: others would miss them."""
    own = Servers(tmp_path_factory.mktemp("absent-broker"), root=Path(request.param))
    own.start()
    yield own
    own.stop()


@pytest.fixture
async def place(servers: Servers) -> Place:
    """Never cleared: its servers end with the module."""
    return await new_place(servers)


@pytest.fixture
async def applications(place: Place, tokens: TestTokens) -> AsyncIterator[ServiceProcess]:
    async with environment_of(place, tokens) as environment:
        service = ServiceProcess("applications", free_port(), environment)
        await service.start()
        yield service
        await service.stop()


async def test_submits_are_as_fast_without_a_broker_as_with_one_and_their_events_are_sent_once_it_is_back(
    place: Place, applications: ServiceProcess, tokens: TestTokens, counts: Counts
) -> None:
    broker, away_s, submits = place.servers.broker, counts.pick(8, 300), counts.pick(40, 300)
    async with database_of(place) as database, client_of(applications) as api:
        caller, db = Caller(api, tokens.citizen("aigerim")), database.db
        drafts = await insert_drafts(db, WARM_UP + 2 * submits)
        await submit_for(caller, drafts[:WARM_UP], 0)
        present = await submit_for(caller, drafts[WARM_UP : WARM_UP + submits], counts.pick(2, 60))
        await eventually(lambda: nothing_unsent(db))
        await asyncio.to_thread(broker.kill9)
        absent = await submit_for(caller, drafts[WARM_UP + submits :], away_s)
        waiting = sum((await unsent_events(db)).values())
        broker.start()
        await asyncio.to_thread(broker.wait_ready)
        await eventually(lambda: nothing_unsent(db), within_s=120)
        counts.compare(set(drafts), caller.acknowledged, Counter(await submitted_cases(db, drafts)))
    sent = await all_heard(place, len(drafts))
    counts.compare(set(drafts), caller.acknowledged, Counter(subject for _, subject in set(sent)))
    counts.redelivered = len(sent) - len(set(sent))
    counts.notes.append(
        f"broker off for {away_s} s; events that waited: {waiting}; p99 of a submit {p99(present) * 1000:.0f} ms with it, "
        f"{p99(absent) * 1000:.0f} ms without"
    )
    assert caller.broken_off == 0
    assert waiting == submits
    assert p99(absent) < MOST_SLOWER * p99(present)
    assert statistics.median(absent) < MOST_SLOWER_MEDIAN * statistics.median(present)
    counts.check()


def client_of(service: ServiceProcess) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}", trust_env=False, timeout=30)


async def submit_for(caller: Caller, application_ids: Sequence[str], over_s: float) -> list[float]:
    """One after the other, spread over that time. Out: how long each took, a machine's own stalls not counted."""
    took = []
    for application_id in application_ids:
        async with stopwatch() as watch:
            await caller.submit(application_id)
        took.append(watch.seconds)
        await asyncio.sleep(over_s / len(application_ids))
    return took


def p99(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[-1]


async def nothing_unsent(db: Db) -> bool:
    return not await unsent_events(db)


async def all_heard(place: Place, count: int) -> list[tuple[str, str]]:
    """The event id and subject of each message in the queue of those that hear of a submission."""
    heard: list[tuple[str, str]] = []
    connection = await aio_pika.connect(place.rabbit_url)
    async with connection:
        queue = await (await connection.channel()).get_queue(HEARS)

        async def note(message: AbstractIncomingMessage) -> None:
            event = json.loads(message.body)
            heard.append((event["id"], event["subject"]))

        await queue.consume(note, no_ack=True)

        async def all_there() -> bool:
            return len(set(heard)) >= count

        await eventually(all_there)
    return heard
