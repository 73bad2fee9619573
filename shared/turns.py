"""Heavy work one at a time, and only so many in the queue: who comes later is told to come again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.errors import Unavailable


class TooBusy(Unavailable):
    """Too many wait already, or the wait took too long."""


class Turns:
    """Of one process. most_waiting: how many may wait; patience_s: how long each does."""

    def __init__(self, *, most_waiting: int, patience_s: float) -> None:
        self._most_waiting, self._patience_s = most_waiting, patience_s
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Raises TooBusy."""
        if self._turn.locked():
            await self._wait()
        else:
            await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()

    async def _wait(self) -> None:
        if self._waiting >= self._most_waiting:
            raise TooBusy("too-many-wait")
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turn.acquire(), self._patience_s)
        except TimeoutError:
            raise TooBusy("waited-too-long") from None
        finally:
            self._waiting -= 1
