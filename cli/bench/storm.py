"""W11: the broker is gone for a while; commits go on as before, then everything drains in order and nothing is missing."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from cli.bench import pipeline
from cli.bench.end_to_end import verify
from cli.bench.frame import Better, Figure, LostEvents, Turn, Workload, percentile
from cli.bench.stage import Stage
from deploy.local.broker import RabbitNode

PER_SECOND, AGGREGATES = 50.0, 200
BEFORE_S, AWAY_S = (3, 15), (4, 30)  # in a quick run, and in a full one; a night's outage is longer, and no other


async def ours(stage: Stage) -> Turn:
    broker = stage.broker
    if broker is None:
        raise ValueError("this workload stops its broker, and was given none")
    before_s, away_s = stage.pick(*BEFORE_S), stage.pick(*AWAY_S)
    producer = await stage.child("producer", pipeline.produce)
    consumer = await stage.child("consumer", pipeline.consume)
    before, during = round(before_s * PER_SECOND), round(away_s * PER_SECOND)
    handled: list[Sequence[Any]] = []
    for first in (0, before):  # the first time warms up
        await consumer.tell(wanted=before)
        await producer.tell(plan=_plan(first, before))
        calm = await producer.heard("done")
        handled += await consumer.heard("done")
    await consumer.tell(wanted=during)
    async with stage.measured() as measured:
        broker.kill9()
        await producer.tell(plan=_plan(2 * before, during))
        stormy = await producer.heard("done")
        back_at = await _back(broker)
        handled += await consumer.heard("done")
    _check_order(handled)
    await verify(stage, 2 * before + during)
    drained_s = max(at for _, _, at in handled) - back_at
    figures = {"drain": drained_s, "away": _p99_ms(stormy), "before": _p99_ms(calm)}
    return measured.turn(figures, events=during)


def _plan(first: int, count: int) -> dict[str, Any]:
    return {"first": first, "count": count, "per_second": PER_SECOND, "aggregates": AGGREGATES}


async def _back(broker: RabbitNode) -> float:
    """Start it again. Out: when it answered."""
    await asyncio.to_thread(broker.start)
    await asyncio.to_thread(broker.wait_ready)
    return time.monotonic()


def _p99_ms(done: dict[str, Any]) -> float:
    return 1000 * percentile(done["took"], 0.99)


def _check_order(handled: Sequence[Sequence[Any]]) -> None:
    """handled: whose, which version and when, in the order of handling."""
    versions: dict[str, list[int]] = defaultdict(list)
    for subject, sequence, _ in handled:
        versions[subject].append(sequence)
    if turned := [subject for subject, seen in versions.items() if seen != sorted(seen)]:
        raise LostEvents(f"events of {len(turned)} of {len(versions)} cases came in another order than they were committed")


FIGURES = [
    Figure(
        "w11-drain",
        f"until all is handled, after {AWAY_S[1]} s at {PER_SECOND:.0f} events/s",
        "s",
        "drain",
        better=Better.LOWER,
        floor=None,
    ),
    Figure(
        "w11-commit-p99",
        "99 of 100 commits take no longer while it is away; beside: before",
        "ms",
        "away",
        floor="ours",
        floor_key="before",
        better=Better.LOWER,
    ),
]
WORKLOADS = [Workload("w11-storm", "the broker is killed and comes back", {"ours": ours}, FIGURES, repeats=3)]
