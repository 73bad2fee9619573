"""W4 and W6: our consumer on 20,000 queued events, beside the bare drivers; and what it costs when events come twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from cli.bench import bare_consume
from cli.bench.child import Link
from cli.bench.frame import Figure, Turn, Workload
from cli.bench.queued import PROJECTION, SERVICE, queue_up, standing, verify
from cli.bench.stage import Stage
from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved
from shared.contracts.envelope import Envelope
from shared.messaging.broker import Broker
from shared.messaging.consumer import BATCH, Consumer
from shared.messaging.publisher import Publisher
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import Transactions, UnitOfWork

QUICK, FULL = 1_000, 20_000
ONE_BY_ONE = 4_000  # one event a transaction is measured on fewer: it is a rate all the same


async def project(event: ApplicationApproved, uow: UnitOfWork) -> None:
    uow.insert(PROJECTION, standing(event.model_dump(mode="json")))


async def our_consumer(link: Link) -> None:
    database = Database(link.place.mongo_url, f"{link.place.database_prefix}{SERVICE}")
    await database.ensure_indexes({**KERNEL_INDEXES, PROJECTION: []})
    broker = Broker(link.place.rabbit_url, SERVICE)
    publisher = Publisher(broker)
    await publisher.open()
    transactions, left, done = Transactions(database, SystemClock()), link.settings["messages"], asyncio.Event()

    async def handle(envelopes: Sequence[Envelope]) -> None:
        nonlocal left
        await transactions.run_batch({ApplicationApproved: project}, envelopes)
        left -= len(envelopes)
        if left <= 0:
            done.set()

    link.say(ready=True)
    await link.heard("begin")
    consumer = Consumer(broker, publisher, SERVICE, handle)
    running = asyncio.create_task(consumer.run())
    await done.wait()
    link.say(done=True)
    await consumer.stop()
    await running
    link.say(stopped=True)


async def ours(stage: Stage) -> Turn:
    return await _turn(stage, our_consumer, stage.pick(QUICK, FULL))


async def ours_repeated(stage: Stage) -> Turn:
    return await _turn(stage, our_consumer, stage.pick(QUICK, FULL), repeated=True)


async def bare(stage: Stage) -> Turn:
    return await _turn(stage, bare_consume.consume, stage.pick(QUICK, FULL), batch=BATCH, at_once=1)


async def bare_one_by_one(stage: Stage) -> Turn:
    return await _turn(stage, bare_consume.consume, stage.pick(QUICK, ONE_BY_ONE), batch=1, at_once=8)


async def faststream(stage: Stage) -> Turn:
    from cli.bench import bare_faststream  # here: FastStream is only in the widest environment

    return await _turn(stage, bare_faststream.consume, stage.pick(QUICK, ONE_BY_ONE))


async def _turn(stage: Stage, role: Any, count: int, *, repeated: bool = False, **settings: int) -> Turn:
    await _prepare(stage)
    messages = await queue_up(stage.place, count, repeated=repeated)
    process = await stage.child("consumer", role, messages=messages, **settings)
    async with stage.measured() as measured:
        await process.tell(begin=True)
        await process.heard("done")
    await process.heard("stopped")
    await verify(stage, count)
    return measured.turn({"rate": count / measured.seconds, "deliveries": messages / measured.seconds}, events=count)


async def _prepare(stage: Stage) -> None:
    """Collections, indexes and queues, as ours makes them: the same for every variant."""
    database = Database(stage.place.mongo_url, f"{stage.place.database_prefix}{SERVICE}")
    await database.ensure_indexes({**KERNEL_INDEXES, PROJECTION: []})
    await database.close()
    broker = Broker(stage.place.rabbit_url, "bench")
    await broker.channel("prepare")
    await broker.close()


WORKLOADS = [
    Workload(
        "w4-consume",
        "20,000 queued events; an inbox mark and a row of a projection each",
        {"floor": bare, "ours": ours, "one a transaction": bare_one_by_one, "faststream": faststream},
        [
            Figure("w4-consume", "events handled", "events/s", target=0.75),
            Figure("w4-consume-one-by-one", "beside bare drivers with one event a transaction, 8 at once", "events/s",
                   floor="one a transaction"),
            Figure("w14-faststream", "beside the same handler on FastStream, one event a transaction", "events/s",
                   floor="faststream"),
        ],
    ),
    Workload(
        "w6-duplicates",
        "the same 20,000 events, of which 6,000 are delivered twice",
        {"floor": ours, "ours": ours_repeated},
        [
            Figure("w6-duplicates", "deliveries handled, beside ours without duplicates", "deliveries/s", key="deliveries",
                   target=0.85),
            Figure("w6-duplicates-events", "different events handled, beside ours without duplicates", "events/s"),
        ],
    ),
]  # fmt: skip
