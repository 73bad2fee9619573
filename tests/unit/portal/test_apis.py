"""What a page does without where an API is away, and what it does not."""

import asyncio

import pytest

from services.portal import apis
from services.portal.apis import ApiProblem, or_none


async def refused(status: int) -> None:
    raise ApiProblem(status, "code")


async def test_what_does_not_come_in_time_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apis, "ASIDE_WITHIN_S", 0.01)
    assert await or_none(asyncio.Event().wait()) is None


async def test_what_is_away_is_left_out() -> None:
    assert await or_none(refused(503)) is None


async def test_a_refusal_is_no_absence() -> None:
    with pytest.raises(ApiProblem):
        await or_none(refused(404))
