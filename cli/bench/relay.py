"""W2 and W3: our relay on a backlog of 20,000 outbox rows, and at 50 events a second, beside bare drivers."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pymongo import AsyncMongoClient

from cli.bench import bare_relay
from cli.bench.child import Link, Place
from cli.bench.frame import Better, Figure, Turn, Workload, expect, percentile
from cli.bench.pace import per_second
from cli.bench.settled import queue_length, until
from cli.bench.stage import Child, Stage
from shared.clock import SystemClock
from shared.contracts.applications import ApplicationSubmitted
from shared.contracts.envelope import Envelope
from shared.messaging.broker import Broker
from shared.messaging.publisher import Publisher
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.operation import Operation
from shared.mongo.outbox import outbox_row
from shared.mongo.relay import OutboxRelay
from shared.mongo.transactions import Transactions, UnitOfWork

SERVICE, HEARD_BY = "applications", "notifications.inbox"
BACKLOG = 1_000, 20_000  # in a quick run, and in a full one
RATE = 50.0
PACED = 150, 1_500
WARM_UP = 50
AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def submitted(number: int) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        sequence=2, occurred_at=AT, application_id=str(UUID(int=number)), citizen_id=str(UUID(int=number + 1_000_000)),
        reference=f"YEK-26-{number:08d}", service_id="certificate-of-no-criminal-record", post_id="yek",
    )  # fmt: skip


def row(number: int) -> dict[str, Any]:
    correlation_id = str(UUID(int=number + 3_000_000))
    envelope = Envelope(str(UUID(int=number + 2_000_000)), "eshik/applications", submitted(number), correlation_id, None, None)
    return outbox_row(envelope, 0)


class TimedPublisher(Publisher):
    """Remembers when each event was confirmed, on the clock that processes share."""

    def __init__(self, broker: Broker, events: int) -> None:
        super().__init__(broker)
        self.confirmed: dict[str, float] = {}
        self.all_confirmed, self._events = asyncio.Event(), events

    async def publish(self, event_id: str, *rest: Any) -> None:
        await super().publish(event_id, *rest)
        self.confirmed[event_id] = time.monotonic()
        if len(self.confirmed) == self._events:
            self.all_confirmed.set()


async def our_relay(link: Link) -> None:
    database = await _database(link.place)
    broker = Broker(link.place.rabbit_url, SERVICE)
    publisher = TimedPublisher(broker, link.settings["events"])
    await publisher.open()
    link.say(ready=True)
    await link.heard("begin")
    running = asyncio.create_task(OutboxRelay(database, publisher, SystemClock()).run())
    await publisher.all_confirmed.wait()

    async def empty() -> bool:
        return await database.db.outbox.find_one({}, {"_id": 1}) is None

    await until(empty, "the last round's rows are deleted")
    link.say(done=publisher.confirmed)
    await running


async def committer(link: Link) -> None:
    """One transaction for each event, at the settings' rate. Says when each commit was known."""
    transactions = Transactions(await _database(link.place), SystemClock())
    committed: dict[str, float] = {}

    async def publish(event: ApplicationSubmitted, uow: UnitOfWork) -> str:
        return uow.publish(event)

    async def commit(number: int) -> None:
        operation = Operation(f"operation-{number}", AT, str(UUID(int=number + 3_000_000)))
        event_id = await transactions.run(publish, submitted(number), operation=operation)
        committed[event_id] = time.monotonic()

    link.say(ready=True)
    await link.heard("begin")
    await per_second(range(link.settings["events"]), link.settings["rate"], commit)
    link.say(done=committed)


async def ours_drains(stage: Stage) -> Turn:
    return await _drain(stage, our_relay)


async def bare_drains(stage: Stage) -> Turn:
    return await _drain(stage, bare_relay.relay)


async def ours_paced(stage: Stage) -> Turn:
    return await _paced(stage, our_relay)


async def bare_paced(stage: Stage) -> Turn:
    return await _paced(stage, bare_relay.relay)


async def _drain(stage: Stage, role: Any) -> Turn:
    events = stage.pick(*BACKLOG)
    relay = await _relay(stage, role, events)
    async with AsyncMongoClient[dict[str, Any]](stage.place.mongo_url) as client:
        rows = [row(number) for number in range(events)]
        for start in range(0, events, 500):
            await stage.database(client, SERVICE).outbox.insert_many(rows[start : start + 500])
    async with stage.measured() as measured:
        await relay.tell(begin=True)
        confirmed = await relay.heard("done")
    await _verify(stage, confirmed, events)
    return measured.turn({"rate": events / measured.seconds}, events=events)


async def _paced(stage: Stage, role: Any) -> Turn:
    events = stage.pick(*PACED)
    relay = await _relay(stage, role, events)
    writer = await stage.child("committer", committer, events=events, rate=RATE)
    async with stage.measured() as measured:
        await relay.tell(begin=True)
        await writer.tell(begin=True)
        committed = await writer.heard("done")
        confirmed = await relay.heard("done")
    await _verify(stage, confirmed, events)
    lags = [1000 * (confirmed[event_id] - at) for event_id, at in list(committed.items())[WARM_UP:]]
    return measured.turn({"p50": percentile(lags, 0.5), "p99": percentile(lags, 0.99)}, events=events)


async def _relay(stage: Stage, role: Any, events: int) -> Child:
    """Collections and queues as ours makes them, the same for every variant; then the relay, ready and idle."""
    await (await _database(stage.place)).close()
    broker = Broker(stage.place.rabbit_url, "bench")
    await broker.channel("prepare")
    await broker.close()
    return await stage.child("relay", role, events=events, service=SERVICE)


async def _verify(stage: Stage, confirmed: dict[str, float], events: int) -> None:
    expect("events confirmed", len(confirmed), events)
    expect("messages in the queue", await queue_length(stage.place, HEARD_BY), events)
    async with AsyncMongoClient[dict[str, Any]](stage.place.mongo_url) as client:
        expect("rows left in the outbox", await stage.database(client, SERVICE).outbox.count_documents({}), 0)


async def _database(place: Place) -> Database:
    database = Database(place.mongo_url, f"{place.database_prefix}{SERVICE}")
    await database.ensure_indexes(KERNEL_INDEXES)
    return database


WORKLOADS = [
    Workload(
        "w2-drain",
        "a backlog of 20,000 outbox rows is published and deleted",
        {"floor": bare_drains, "ours": ours_drains},
        [Figure("w2-drain", "events drained", "events/s", target=0.8)],
    ),
    Workload(
        "w3-lag",
        "50 events a second, one transaction each: from the commit to the broker's confirm",
        {"floor": bare_paced, "ours": ours_paced},
        [
            Figure("w3-lag-p50", "half take no longer", "ms", "p50", better=Better.LOWER),
            Figure("w3-lag-p99", "99 of 100 take no longer (meant: 25 ms)", "ms", "p99", better=Better.LOWER),
        ],
    ),
]
