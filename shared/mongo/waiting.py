"""Waiting for a sign or a time, whichever comes first, and ending when told to."""

import asyncio
from contextlib import suppress


async def woken_or_after(wake: asyncio.Event, seconds: float) -> None:
    """Return when the event is set, at the latest after so many seconds.

    Not asyncio.wait_for: in Python 3.11 it swallows a cancellation that comes together with the event, and the loop that was
    told to end goes on for ever.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()


def told_to_end() -> bool:
    """Whether the running task was cancelled, also where that was swallowed on the way: PyMongo sends by asyncio.wait_for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
