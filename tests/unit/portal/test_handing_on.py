"""What is handed on ends in time, so that a browser that stays and does not read takes nobody's place for good."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from services.portal.handing_on import HandedOn


async def test_a_download_that_nobody_reads_is_given_up_and_gives_its_place_back() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        yield b"second"

    async def send(_message: Any) -> None:
        await asyncio.Event().wait()

    async def receive() -> Any:
        await asyncio.Event().wait()

    given_back: list[bool] = []
    opened = AsyncExitStack()
    opened.callback(given_back.append, True)
    answer = HandedOn(pieces(), opened, media_type="application/zip", headers={}, within_s=0.05)
    async with asyncio.timeout(30):  # what ends it is not this
        with pytest.raises(TimeoutError):
            await answer({"type": "http", "method": "GET"}, receive, send)
    assert given_back == [True]
