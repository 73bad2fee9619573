"""Loops that end when told to, whatever a library makes of the cancellation."""

import asyncio

from shared.mongo.waiting import told_to_end, woken_or_after


async def test_a_loop_ends_though_a_library_swallows_every_cancellation() -> None:
    rounds = 0

    async def loop() -> None:
        nonlocal rounds
        while not told_to_end():
            rounds += 1
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:  # what asyncio.wait_for of Python 3.11 does when its work is just done
                continue

    running = asyncio.create_task(loop())
    await asyncio.sleep(0.03)
    running.cancel()
    await asyncio.wait([running], timeout=1)
    assert running.done()
    assert rounds > 1


async def test_a_timeout_alone_tells_nobody_to_end() -> None:
    await woken_or_after(asyncio.Event(), 0.01)
    assert not told_to_end()
