"""The last bound around the driver's own: the caller goes on, and the driver is not cut off in the middle of its locks."""

import asyncio
import gc
from typing import Any

import pytest

from shared.errors import DatabaseUnavailable
from shared.mongo.database import bounded


async def test_work_past_its_last_bound_is_left_to_end_by_itself() -> None:
    ended = asyncio.Event()
    go_on = asyncio.Event()

    async def work() -> None:
        await go_on.wait()  # a cancel here would be a cancel inside the driver
        ended.set()

    with pytest.raises(DatabaseUnavailable):
        await bounded(work(), 0.01)
    go_on.set()
    await asyncio.wait_for(ended.wait(), 10)


async def test_what_the_work_gives_or_raises_comes_through() -> None:
    async def gives() -> int:
        return 5

    async def fails() -> None:
        raise KeyError("one")

    assert await bounded(gives(), 5) == 5
    with pytest.raises(KeyError):
        await bounded(fails(), 5)


async def test_work_that_is_told_to_end_with_its_caller_ends_quietly_whatever_it_raises_then() -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # as a session that is ended
            ended.set()
            raise DatabaseUnavailable("away") from None

    caller = asyncio.create_task(bounded(work(), 30))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await asyncio.wait_for(ended.wait(), 10)
    await asyncio.sleep(0)
    gc.collect()
    assert complaints == []
