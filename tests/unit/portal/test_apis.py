"""What a page does without where an API is away, and what it does not."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI, Request

from services.portal import apis
from services.portal.apis import ApiProblem, or_none
from services.portal.session import Session
from tests.unit.portal.portal import person, portal, token, visiting


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


async def test_a_token_that_was_renewed_is_used_and_writes_no_cookie() -> None:
    """An answer that comes late must not bring back whoever signed out meanwhile."""
    app, asked = portal(), []
    session = Session(csrf="c" * 32, person=person(token=token(lasts_s=1)))
    identity, applications = FastAPI(), FastAPI()

    @identity.post("/api/demo/sign-in")
    async def sign_in() -> dict[str, str]:
        asked.append("identity")
        return {"access_token": token()}

    @applications.get("/api/applications")
    async def listed(request: Request) -> dict[str, object]:
        asked.append(request.headers["authorization"].removeprefix("Bearer "))
        return {"applications": [], "next": None}

    @applications.get("/api/posts")
    async def posts() -> dict[str, object]:
        return {"posts": []}

    async with visiting(app, session) as client:
        for name, stub in (("identity", identity), ("applications", applications)):
            stand_in = httpx.AsyncClient(transport=httpx.ASGITransport(stub), base_url="http://api")
            app.state.apis._clients[name] = stand_in
        answers = [await client.get("/applications") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.headers.get("set-cookie") for answer in answers] == [None, None]
    assert asked[0] == "identity"
    assert asked[1] == asked[2] != token(lasts_s=1)
    assert len(asked) == 3
