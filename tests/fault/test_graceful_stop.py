"""A service is told to stop while people use it: what it has begun to take in is answered, and nobody sees an error."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest

from shared.contracts.applications import ApplicationSubmitted
from shared.messaging.consumer import PREFETCH
from shared.mongo.database import Db
from tests.fault.applications import database_of, environment_of, insert_drafts, submitted_cases
from tests.integration.applications_client import PNG, Headers
from tests.support.faults import Counts, Tap, tapped
from tests.support.killing import ServiceProcess
from tests.support.notifying import free_port
from tests.support.places import Place
from tests.support.serving import eventually
from tests.support.tokens import TestTokens

CALLERS = 6
SLOW_PIECES = 20
ENDED = -signal.SIGTERM  # uvicorn's own way: when all is done, it ends by the signal it was told


@dataclass
class Callers:
    """People behind a gateway: who finds an instance's door closed is led to the next, and so is, with the same key, whose
    connection was reset: it stood in the kernel's queue and no process had it, which is told by the answer being no replay.
    All else that is no answer is an error. 503 is one (come again), which a slow machine may give at any time."""

    instances: list[ServiceProcess]
    who: Headers
    api: httpx.AsyncClient
    attempted: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    led_on: int = 0
    reset: set[str] = field(default_factory=set)
    asked_again: int = 0

    async def submit(self, application_id: str) -> None:
        self.attempted.add(application_id)
        headers, path = self.who | {"Idempotency-Key": application_id}, f"/api/applications/{application_id}/submission"
        told_to_come_again = False  # then it may be done all the same: 503 says that nobody knows
        while application_id not in self.acknowledged:
            answer = await self._ask("POST", path, headers=headers)
            if answer is None:
                return
            if answer.status_code == 200:
                self.acknowledged.add(application_id)
                if answer.headers.get("Idempotency-Replayed") and not told_to_come_again:
                    self.errors.append("worked on before, and not answered")
            elif answer.status_code == 503:
                self.asked_again += 1
                told_to_come_again = True
                await asyncio.sleep(float(answer.headers["Retry-After"]))
            else:
                self.errors.append(f"{answer.status_code} {answer.text[:200]}")
                return

    async def _ask(self, method: str, path: str, **options: object) -> httpx.Response | None:
        while True:
            for instance in self.instances:
                try:
                    return await self.api.request(method, f"http://127.0.0.1:{instance.port}{path}", **options)  # type: ignore[arg-type]
                except httpx.ConnectError:
                    self.led_on += 1
                except (httpx.ReadError, httpx.WriteError):
                    self.reset.add(path)
                except httpx.TransportError as error:
                    self.errors.append(type(error).__name__)
                    return None
            await asyncio.sleep(0.05)

    @asynccontextmanager
    async def at_work(self, db: Db) -> AsyncIterator[None]:
        """All the time until the block ends, each with one request after the other."""
        stopping, drafts = asyncio.Event(), asyncio.Queue[str]()

        async def one() -> None:
            while not stopping.is_set():
                if drafts.empty():
                    for draft in await insert_drafts(db, 50):
                        drafts.put_nowait(draft)
                await self.submit(drafts.get_nowait())

        tasks = [asyncio.create_task(one()) for _ in range(CALLERS)]
        try:
            yield
        finally:
            stopping.set()
            await asyncio.gather(*tasks)


@pytest.fixture
async def instances(place: Place, tokens: TestTokens) -> AsyncIterator[list[ServiceProcess]]:
    """Two of the same service, each as its own process, as in a roll-out."""
    async with environment_of(place, tokens) as environment, AsyncExitStack() as stack:
        both = [ServiceProcess("applications", free_port(), environment) for _ in range(2)]
        for instance in both:
            stack.push_async_callback(instance.stop)
            await instance.start()
        yield both


async def test_a_service_told_to_stop_under_load_answers_what_it_has_begun_and_its_callers_see_no_error(
    place: Place, instances: list[ServiceProcess], tokens: TestTokens, counts: Counts
) -> None:
    """Also an upload that is half sent when it is told."""
    who, stops = tokens.citizen("aigerim"), counts.pick(2, 50)
    no_kept_connection = httpx.Limits(max_keepalive_connections=0)
    async with (
        tapped(place, ApplicationSubmitted) as tap,
        database_of(place) as database,
        httpx.AsyncClient(trust_env=False, timeout=30, limits=no_kept_connection) as api,
    ):
        callers = Callers(instances, who, api)
        async with callers.at_work(database.db):
            for number in range(stops):
                told = instances[number % 2]
                await more_acknowledged(callers, 20)
                (draft,) = await insert_drafts(database.db, 1)
                assert await stop_in_the_middle_of_an_upload(told, api, who, draft) == 200
                await more_acknowledged(callers, 10)
                await told.start()
        await eventually(lambda: all_sent(database.db, tap, len(callers.acknowledged)), within_s=60)
        applied = await submitted_cases(database.db)
    counts.compare(callers.attempted, callers.acknowledged, Counter(applied))
    counts.compare(callers.attempted, callers.acknowledged, Counter({key.partition("/")[0] for key in tap.keys}))
    counts.redelivered = tap.repeated
    counts.notes.append(f"told to stop {stops} times; led on to the other instance {callers.led_on}, reset in the "
                        f"kernel's queue {len(callers.reset)}, told to come again {callers.asked_again}")  # fmt: skip
    counts.check()
    assert callers.errors == []
    assert len(callers.reset) <= stops * CALLERS
    assert counts.recovered == 0
    assert tap.repeated <= stops * PREFETCH


async def stop_in_the_middle_of_an_upload(told: ServiceProcess, api: httpx.AsyncClient, who: Headers, draft: str) -> int:
    """Out: how the upload was answered. The process has ended, in good order, when this returns."""
    half_sent, go_on, from_port = asyncio.Event(), asyncio.Event(), list[int]()

    async def slowly() -> AsyncIterator[bytes]:
        for number in range(SLOW_PIECES):
            yield PNG if number == 0 else bytes(1000)
            if number == SLOW_PIECES // 2:
                half_sent.set()
                await go_on.wait()

    async def note(event: str, info: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            from_port.append(info["return_value"].get_extra_info("client_addr")[1])

    headers, path = who | {"Content-Type": "image/png"}, f"/api/applications/{draft}/attachment"
    url = f"http://127.0.0.1:{told.port}{path}"
    upload = asyncio.create_task(api.put(url, content=slowly(), headers=headers, extensions={"trace": note}))
    await half_sent.wait()
    await eventually(lambda: has_taken(told, from_port[0]))  # else the kernel has it, and resets it
    assert told.process is not None
    told.process.send_signal(signal.SIGTERM)
    await eventually(lambda: closed(told))
    go_on.set()
    answer = await upload
    assert await told.died() == ENDED
    return answer.status_code


async def has_taken(instance: ServiceProcess, from_port: int) -> bool:
    """Whether the process itself has the connection from there."""
    assert instance.process is not None
    connections = psutil.Process(instance.process.pid).net_connections("tcp")
    return any(connection.raddr and connection.raddr.port == from_port for connection in connections)


async def closed(instance: ServiceProcess) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", instance.port)
    except OSError:
        return True
    writer.close()
    return False


async def more_acknowledged(callers: Callers, count: int) -> None:
    wanted = len(callers.acknowledged) + count

    async def check() -> bool:
        assert not callers.errors, callers.errors
        return len(callers.acknowledged) >= wanted

    await eventually(check, within_s=60)


async def all_sent(db: Db, tap: Tap, count: int) -> bool:
    return len(set(tap.event_ids)) >= count and not await db.outbox.count_documents({})
