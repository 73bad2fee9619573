"""Waiting for what must become true after a turn, and asking the broker what it has."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from cli.bench.child import Place
from shared.messaging.broker import Broker

PATIENCE_S = 120.0
EVERY_S = 0.05


class NeverSettled(Exception):
    """What had to become true did not."""


async def until(holds: Callable[[], Awaitable[bool]], what: str, *, within_s: float = PATIENCE_S) -> None:
    """Raises NeverSettled."""
    last = time.monotonic() + within_s
    while not await holds():
        if time.monotonic() > last:
            raise NeverSettled(f"it did not happen within {within_s:.0f} s: {what}")
        await asyncio.sleep(EVERY_S)


async def queue_length(place: Place, queue: str) -> int:
    """Messages that nobody has taken, as the queue itself counts them."""
    broker = Broker(place.rabbit_url, "bench")
    try:
        channel = await broker.channel("count")
        declared = await channel.declare_queue(queue, passive=True, robust=False)
        return int(declared.declaration_result.message_count or 0)
    finally:
        await broker.close()
