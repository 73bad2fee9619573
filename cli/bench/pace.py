"""How work is driven: so many at once, one after the other (closed), or so many a second whatever happens (open loop)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Do = Callable[[int], Awaitable[None]]


@dataclass
class Times:
    """By number, on the clock that all processes of a machine share: when it was due, and how long it took from then."""

    due: dict[int, float] = field(default_factory=dict)
    took: dict[int, float] = field(default_factory=dict)
    seconds: float = 0.0

    def as_data(self) -> dict[str, Any]:
        return {"due": self.due, "took": list(self.took.values()), "seconds": self.seconds}


async def at_once(numbers: Sequence[int], parallel: int, do: Do) -> Times:
    times, left, began = Times(), iter(numbers), time.monotonic()

    async def worker() -> None:
        for number in left:
            times.due[number] = time.monotonic()
            await do(number)
            times.took[number] = time.monotonic() - times.due[number]

    await asyncio.gather(*(worker() for _ in range(parallel)))
    times.seconds = time.monotonic() - began
    return times


async def per_second(numbers: Iterable[int], rate: float, do: Do) -> Times:
    """A slow answer delays no later arrival, and its waiting counts: the time runs from when it was due."""
    times, began = Times(), time.monotonic()

    async def one(number: int) -> None:
        await do(number)
        times.took[number] = time.monotonic() - times.due[number]

    tasks = []
    for position, number in enumerate(numbers):
        times.due[number] = began + position / rate
        await asyncio.sleep(times.due[number] - time.monotonic())
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    times.seconds = time.monotonic() - began
    return times
