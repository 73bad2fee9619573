"""Loops that end when told to, whatever a library makes of the cancellation."""

import asyncio

from shared.waiting import told_to_end, woken_or_after


async def test_a_loop_ends_though_a_library_swallows_every_cancellation() -> None:
    goes_round = asyncio.Event()

    async def loop() -> None:
        while not told_to_end():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:  # what asyncio.wait_for of Python 3.11 does when its work is just done
                continue
            goes_round.set()

    running = asyncio.create_task(loop())
    await goes_round.wait()
    running.cancel()
    await asyncio.wait([running], timeout=20)
    assert running.done()


async def test_a_timeout_alone_tells_nobody_to_end() -> None:
    await woken_or_after(asyncio.Event(), 0.01)
    assert not told_to_end()
