"""How long the machine itself kept a test waiting, so that a bound on time holds for our code and not for its neighbours."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

NAP_S = 0.02
MOST_S = 1.5  # beyond this it is no neighbour: code of ours may be blocking the loop


@dataclass
class Watch:
    """seconds: elapsed, without what a sleeper on the same loop overslept meanwhile, MOST_S of it at most."""

    seconds: float = 0.0


@asynccontextmanager
async def stopwatch() -> AsyncIterator[Watch]:
    watch, overslept, began = Watch(), [0.0], time.monotonic()

    async def sleeper() -> None:
        while True:
            asleep = time.monotonic()
            await asyncio.sleep(NAP_S)
            overslept[0] += max(0.0, time.monotonic() - asleep - NAP_S * 1.5)

    sleeping = asyncio.create_task(sleeper())
    try:
        yield watch
    finally:
        watch.seconds = time.monotonic() - began - min(overslept[0], MOST_S)
        sleeping.cancel()
