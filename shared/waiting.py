"""Waiting for a sign or a time, whichever comes first, resting after work, and ending when told to."""

import asyncio
from contextlib import suppress

REST_S = 0.05  # at most
CROWD = 5  # events in a round, from which on it is followed by a whole rest


def rest_s(took_s: float, events: int) -> float:
    """How long a loop rests after a round of so many events, so that more of them share the next one.

    As long as the round took, so that a slow database gets fuller rounds; less after few events, and not at all after a lone one,
    which no other would have joined.
    """
    crowded = min(1.0, max(0, events - 1) / (CROWD - 1))
    return min(took_s * crowded, REST_S)


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
