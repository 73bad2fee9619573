"""What a page does without where an API is away, and how a sign-in goes on when its tokens run out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from services.portal import apis
from services.portal.apis import SERVICES, ApiProblem, or_none
from services.portal.app import create_app
from services.portal.session import Session
from tests.unit.portal.portal import COOKIE, assets, cookie_of, person, portal, settings, token, tokens, visiting, with_token


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


@dataclass
class StandIns:
    """Identity and applications as far as a page asks them; asked: what came."""

    granted: int = 0
    over: bool = False
    shown: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def apps(self) -> dict[str, FastAPI]:
        identity, applications = FastAPI(), FastAPI()

        @identity.post("/api/sessions/refresh")
        async def refresh(body: dict[str, str]) -> Response:
            self.shown.append(body["refresh_token"])
            if self.over:
                return JSONResponse({"type": "/problems/session-over", "detail": ""}, 401)
            await asyncio.sleep(0)
            self.granted += 1
            last = 2_000_000_000 + self.granted
            opened = {
                "access_tokens": dict.fromkeys(SERVICES, token(until=last)),
                "refresh_token": f"5ee5.{self.granted + 1}.mac",
            }
            return JSONResponse({**opened, "refresh_expires_in": 1000})

        @identity.post("/api/sessions/end")
        async def end(body: dict[str, str]) -> dict[str, int]:
            self.ended.append(body["refresh_token"])
            return {"ended": 1}

        @applications.get("/api/applications")
        async def listed(request: Request) -> dict[str, object]:
            self.tokens.append(request.headers["authorization"].removeprefix("Bearer "))
            return {"applications": [], "next": None}

        @applications.get("/api/posts")
        async def posts() -> dict[str, object]:
            return {"posts": []}

        return {"identity": identity, "applications": applications}


@asynccontextmanager
async def browsing(stand_ins: StandIns, session: Session) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings(assets=assets()))
    async with visiting(app, session) as client:
        for name, stub in stand_ins.apps().items():
            app.state.apis._clients[name] = httpx.AsyncClient(transport=httpx.ASGITransport(stub), base_url="http://api")
        yield client


def almost_over() -> Session:
    return Session(csrf="c" * 32, person=person(tokens=tokens(lasts_s=1)))


def kept(answer: httpx.Response) -> Session:
    """The session that the answer's cookie holds."""
    return COOKIE.read(answer.headers["set-cookie"].partition("=")[2].partition(";")[0])


async def test_tokens_that_run_out_are_replaced_and_the_cookie_holds_the_next_ones() -> None:
    stand_ins = StandIns()
    async with browsing(stand_ins, almost_over()) as client:
        answer = await client.get("/applications")
    session = kept(answer)
    assert session.person is not None
    assert (session.csrf, session.person.refresh) == ("c" * 32, "5ee5.2.mac")
    assert stand_ins.tokens == [session.person.tokens["applications"]] == [token(until=2_000_000_001)]


async def test_two_tabs_at_once_go_on_with_one_refresh_and_the_same_tokens() -> None:
    stand_ins = StandIns()
    async with browsing(stand_ins, almost_over()) as client:
        answers = await asyncio.gather(*(client.get("/applications") for _ in range(5)))
    assert stand_ins.shown == ["5ee5.1.mac"]
    assert {kept(answer).person.refresh for answer in answers} == {"5ee5.2.mac"}  # type: ignore[union-attr]


async def test_a_browser_that_never_got_the_new_cookie_goes_on_all_the_same() -> None:
    """The answer was lost on a bad line: the old refresh token must not be shown to identity as if somebody had a copy."""
    stand_ins, lost = StandIns(), cookie_of(almost_over())
    async with browsing(stand_ins, almost_over()) as client:
        await client.get("/applications")
        client.cookies.clear()
        later = await client.get("/applications", headers={"Cookie": f"{COOKIE.name}={lost}"})
    assert stand_ins.shown == ["5ee5.1.mac"]
    assert kept(later).person.refresh == "5ee5.2.mac"  # type: ignore[union-attr]


async def test_where_the_session_is_over_the_page_asks_to_sign_in_and_forms_may_still_be_sent() -> None:
    stand_ins = StandIns(over=True)
    async with browsing(stand_ins, almost_over()) as client:
        answer = await client.get("/applications")
    assert answer.status_code == 401
    assert (kept(answer).person, kept(answer).csrf) == (None, "c" * 32)


async def test_signing_out_ends_the_session_at_identity_and_names_it_in_the_browser() -> None:
    stand_ins, session = StandIns(), Session(csrf="c" * 32, person=person())
    async with browsing(stand_ins, session) as client:
        answer = await client.post("/sign-out", data=with_token(session))
    assert stand_ins.ended == ["5ee5.1.mac"]
    cookies = answer.headers.get_list("set-cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == [COOKIE.name, COOKIE.name_of_left]


async def test_signing_out_works_while_identity_is_away() -> None:
    session = Session(csrf="c" * 32, person=person())
    async with visiting(portal(), session) as client:
        answer = await client.post("/sign-out", data=with_token(session))
    assert (answer.status_code, kept(answer).person) == (303, None)
