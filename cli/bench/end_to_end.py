"""W5: from a transaction that publishes to the rows that another service writes; and W14's one-by-one relay beside it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from pymongo import AsyncMongoClient

from cli.bench import bare_pipeline, pipeline
from cli.bench.cases import case_id, hand_in
from cli.bench.documents import everything_in, keep
from cli.bench.frame import Better, Figure, Run, Turn, Workload, expect, percentile
from cli.bench.pipeline import CONSUMER, PRODUCER
from cli.bench.settled import queue_length, until
from cli.bench.stage import Child, Stage
from shared.clock import SystemClock
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import Transactions

WARM_UP, BURST, SECONDS = (10, 100), (60, 1500), (1, 20)  # in a quick run, and in a full one
AT_ONCE, PER_SECOND = 8, 60.0


async def learn(stage: Stage) -> str:
    """The rows that one of our transactions leaves. Out: the file with them."""
    database = Database(stage.place.mongo_url, f"{stage.place.database_prefix}{PRODUCER}")
    await database.ensure_indexes({**KERNEL_INDEXES, "cases": []})
    await Transactions(database, SystemClock()).run(hand_in, (0, 1))
    learned = await everything_in(database.db)
    await database.close()
    return keep(learned, stage.folder)


async def _ours(stage: Stage) -> Turn:
    """The relay works in the producer's process, as it does in a service."""
    producer = await stage.child("producer", pipeline.produce)
    return await _run(stage, producer, await stage.child("consumer", pipeline.consume))


async def _bare(stage: Stage, *, one_by_one: bool) -> Turn:
    producer = await stage.child("producer", bare_pipeline.produce, learned=stage.prepared)
    _, consumer = await asyncio.gather(
        stage.child("relay", bare_pipeline.relay, one_by_one=one_by_one),
        stage.child("consumer", bare_pipeline.consume, one_by_one=one_by_one),
    )
    return await _run(stage, producer, consumer)


async def _run(stage: Stage, producer: Child, consumer: Child) -> Turn:
    warm_up, burst, seconds = stage.pick(*WARM_UP), stage.pick(*BURST), stage.pick(*SECONDS)
    await _through(producer, consumer, first=0, count=warm_up, at_once=AT_ONCE)
    async with stage.measured() as measured:
        due, handled = await _through(producer, consumer, first=warm_up, count=burst, at_once=AT_ONCE)
    rate = burst / (max(handled.values()) - min(due.values()))
    steady = round(seconds * PER_SECOND)
    async with stage.measured() as calm:  # an event alone costs more than one of a full batch
        due, handled = await _through(producer, consumer, first=warm_up + burst, count=steady, per_second=PER_SECOND)
    waits = [1000 * (at - due[number]) for number, at in handled.items()]
    await verify(stage, warm_up + burst + steady)
    cpu_ms = 1000 * sum(calm.cpu_s.values()) / steady
    figures = {"rate": rate, "p50": percentile(waits, 0.5), "p99": percentile(waits, 0.99), "cpu": cpu_ms}
    return measured.turn(figures, events=burst)


async def _through(producer: Child, consumer: Child, *, first: int, count: int, **plan: float) -> Any:
    """Out: by number, when each was due and when its effects were committed."""
    await consumer.tell(wanted=count)
    await producer.tell(plan={"first": first, "count": count, "aggregates": 0, **plan})
    produced = await producer.heard("done")
    committed = {subject: at for subject, _, at in await consumer.heard("done")}
    due = {int(number): at for number, at in produced["due"].items()}
    handled = {number: committed[case_id(number)] for number in due if case_id(number) in committed}
    expect("events handled", len(handled), count)
    return due, handled


async def verify(stage: Stage, wanted: int) -> None:
    """Each event left its rows once, and nothing waits anywhere."""
    async with AsyncMongoClient[dict[str, Any]](stage.place.mongo_url) as client:
        here, there = stage.database(client, PRODUCER), stage.database(client, CONSUMER)

        async def empty() -> bool:
            return await here.outbox.find_one({}) is None

        await until(empty, "the outbox is empty")
        for db, name in ((here, "cases"), (here, "published_events"), (there, "notes"), (there, "list_rows"), (there, "inbox")):
            expect(name, await db[name].count_documents({}), wanted)

    async def taken() -> bool:
        return await queue_length(stage.place, f"{CONSUMER}.inbox") == 0

    await until(taken, "the queue is empty")  # what was sent twice is passed over, a moment later


floor, one_by_one = partial(_bare, one_by_one=False), partial(_bare, one_by_one=True)
STEADY = f"at {PER_SECOND:.0f} events/s"
FIGURES = [
    Figure("w5-burst", "events end to end, as many as there can be", "events/s", "rate", target=0.7),
    Figure("w5-p50", f"half take no longer, {STEADY}", "ms", "p50", target=1.7, better=Better.LOWER),
    Figure("w5-p99", f"99 of 100 take no longer, {STEADY}", "ms", "p99", target=3.0, better=Better.LOWER),
    Figure("w5-cpu", f"CPU of all processes an event, {STEADY}", "ms", "cpu", better=Better.LOWER),
    Figure("w14-one-by-one-burst", "end to end beside a one-by-one relay", "events/s", "rate", floor="one by one"),
    Figure("w14-one-by-one-p50", f"half take no longer, {STEADY}", "ms", "p50", floor="one by one", better=Better.LOWER),
    Figure("w14-one-by-one-p99", f"99 of 100 take no longer, {STEADY}", "ms", "p99", floor="one by one", better=Better.LOWER),
]
VARIANTS: dict[str, Run] = {"floor": floor, "ours": _ours, "one by one": one_by_one}
WORKLOADS = [Workload("w5-end-to-end", "transaction, relay, consumer, effect", VARIANTS, FIGURES, prepare=learn)]
