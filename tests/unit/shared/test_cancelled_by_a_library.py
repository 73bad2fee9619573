"""A client cancels whoever waits on a connection that it gives up: that is an error, and not our being told to stop."""

import asyncio

import pytest

from shared.config import Settings
from shared.messaging.broker import GivenUpByClient, only_our_cancel
from shared.runtime import Runtime
from tests.support.serving import eventually


async def given_up() -> None:
    """As aiormq does to what waits for an answer on a connection that was stuck."""
    answer = asyncio.get_running_loop().create_future()
    answer.cancel()
    await answer


async def test_what_the_client_gave_up_is_an_error() -> None:
    with pytest.raises(GivenUpByClient), only_our_cancel():
        await given_up()


async def test_a_cancellation_of_ours_goes_through() -> None:
    async def waiting() -> None:
        with only_our_cancel():
            await asyncio.Event().wait()

    task = asyncio.create_task(waiting())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_a_time_out_within_stays_a_time_out() -> None:
    with pytest.raises(TimeoutError), only_our_cancel():
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()


async def test_a_part_that_a_library_cancelled_runs_again_and_ends_when_we_cancel_it() -> None:
    nowhere = {"ESHIK_IDENTITY_URL": "http://x", "ESHIK_MONGO_URL": "mongodb://x", "ESHIK_RABBIT_URL": "amqp://x"}
    runtime = Runtime("deaf", Settings.model_validate(nowhere), handlers={}, jobs={}, indexes={})
    runs: list[int] = []

    async def part() -> None:
        runs.append(len(runs))
        if len(runs) == 1:
            await given_up()
        await asyncio.Event().wait()

    async def twice() -> bool:
        return len(runs) == 2

    task = runtime.keep("part", part)
    await eventually(twice)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
