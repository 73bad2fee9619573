"""The keys that tokens are checked with, while identity does not say them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from shared.actors import Citizen
from shared.clock import SystemClock
from shared.web import tokens as checking
from shared.web.tokens import InvalidToken, TokenVerifier
from tests.support.tokens import TestTokens

Keys = dict[str, Any]


@pytest.fixture
def identity() -> TestTokens:
    return TestTokens(SystemClock())


def a_token(identity: TestTokens) -> str:
    return identity.citizen()["Authorization"].removeprefix("Bearer ")


async def verifier_that_remembers(
    identity: TestTokens, afterwards: Callable[[], Awaitable[Keys]], monkeypatch: pytest.MonkeyPatch
) -> TokenVerifier:
    """It has identity's keys, and they are old: afterwards is what asking for them again comes to."""
    answers: list[Callable[[], Awaitable[Keys]]] = [identity.keys]

    async def fetch() -> Keys:
        return await (answers.pop() if answers else afterwards)()

    monkeypatch.setattr(checking, "KEYS_KEPT_S", 0.0)
    monkeypatch.setattr(checking, "REFRESH_AT_MOST_EVERY_S", 0.0)
    verifier = TokenVerifier("documents", fetch, SystemClock())
    await verifier.verify(a_token(identity))
    return verifier


async def test_while_identity_hangs_nobody_waits_whose_token_fits_the_keys_that_are_remembered(
    identity: TestTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, released = asyncio.Event(), asyncio.Event()

    async def hangs() -> Keys:
        asked.set()
        await released.wait()
        raise httpx.ReadTimeout("identity hangs")

    verifier = await verifier_that_remembers(identity, hangs, monkeypatch)
    first = asyncio.create_task(verifier.verify(a_token(identity)))
    await asked.wait()
    try:
        async with asyncio.timeout(20):
            found = await asyncio.gather(*(verifier.verify(a_token(identity)) for _ in range(20)))
    finally:
        released.set()
    assert all(isinstance(one, Citizen) for one in [*found, await first])


async def test_while_identity_is_away_it_is_asked_at_most_every_few_seconds(
    identity: TestTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def away() -> Keys:
        nonlocal asked
        asked += 1
        raise httpx.ConnectError("identity is away")

    verifier = await verifier_that_remembers(identity, away, monkeypatch)
    monkeypatch.setattr(checking, "REFRESH_AT_MOST_EVERY_S", 3600.0)
    stranger = a_token(TestTokens(SystemClock()))
    for _ in range(10):
        await verifier.verify(a_token(identity))
        with pytest.raises(InvalidToken):
            await verifier.verify(stranger)
    assert asked == 1


async def test_a_token_of_a_new_key_waits_for_the_keys_that_another_asks_for(
    identity: TestTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    later, asked, released = TestTokens(SystemClock()), asyncio.Event(), asyncio.Event()

    async def slow() -> Keys:
        asked.set()
        await released.wait()
        return await later.keys()

    verifier = await verifier_that_remembers(identity, slow, monkeypatch)
    first = asyncio.create_task(verifier.verify(a_token(later)))
    await asked.wait()
    second = asyncio.create_task(verifier.verify(a_token(later)))
    await asyncio.sleep(0)
    released.set()
    assert isinstance(await first, Citizen)
    assert isinstance(await second, Citizen)
