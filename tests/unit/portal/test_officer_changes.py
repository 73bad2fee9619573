"""Feeds that are handed on: they end when either side ends, and a refusal stays a plain status."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse, StreamingResponse

from services.portal.app import create_app
from services.portal.session import Session
from tests.support.running import on_a_port
from tests.support.serving import eventually
from tests.unit.portal.portal import COOKIE, assets, cookie_of, person, settings

EVENT = b'event: application\ndata: {"id":"1","status":"in_review","version":2}\n\n'
OFFICER = Session(language="en", person=person(kind="officer", post_id="yek", roles=("intake",)))


@dataclass
class Applications:
    """Stands in for the other process: one feed that says one thing and then waits."""

    refuses: int = 0
    readers: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.get("/api/officer/changes")
        async def changes() -> Response:
            if self.refuses:
                told = {"type": "https://eshik.example/problems/too-many-streams", "detail": "Close some."}
                return JSONResponse(told, self.refuses, headers={"Retry-After": "10"})
            return StreamingResponse(self._events(), media_type="text/event-stream")

        return app

    async def _events(self) -> AsyncIterator[bytes]:
        self.readers += 1
        try:
            yield EVENT
            await self.over.wait()
        finally:
            self.readers -= 1


@asynccontextmanager
async def portal(applications: Applications, session: Session = OFFICER) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    async with on_a_port(applications.app(), until_ready=False) as api:
        app = create_app(settings(assets=assets(), applications_url=str(api.base_url)))
        async with on_a_port(app, until_ready=False) as browser:
            browser.cookies.set(COOKIE.name, cookie_of(session))
            yield app, browser


async def test_a_feed_is_handed_on_and_not_gathered_first() -> None:
    gzip = {"Accept-Encoding": "gzip"}
    async with portal(Applications()) as (_, browser), browser.stream("GET", "/changes/officer", headers=gzip) as feed:
        assert await anext(feed.aiter_bytes()) == EVENT
        assert feed.headers["cache-control"] == "no-store"
        assert "content-encoding" not in feed.headers


async def test_the_api_is_let_go_when_the_browser_leaves() -> None:
    applications = Applications()

    async def nobody_reads() -> bool:
        return applications.readers == 0

    async with portal(applications) as (_, browser):
        async with browser.stream("GET", "/changes/officer") as feed:
            await anext(feed.aiter_bytes())
        await eventually(nobody_reads)


async def test_a_feed_ends_when_the_api_ends_it() -> None:
    applications = Applications()
    async with portal(applications) as (_, browser), browser.stream("GET", "/changes/officer") as feed:
        applications.over.set()
        assert await feed.aread() == EVENT


async def test_a_feed_ends_when_the_process_is_to_end() -> None:
    async with portal(Applications()) as (app, browser), browser.stream("GET", "/changes/officer") as feed:
        pieces = feed.aiter_bytes()
        await anext(pieces)
        app.state.feeds_end.set()
        assert [piece async for piece in pieces] == []


@pytest.mark.parametrize("status", [429, 503])
async def test_a_refusal_is_a_plain_status_with_when_to_come_again(status: int) -> None:
    async with portal(Applications(refuses=status)) as (_, browser):
        answer = await browser.get("/changes/officer")
    assert (answer.status_code, answer.headers["retry-after"], answer.content) == (status, "10", b"")


async def test_who_is_not_signed_in_or_no_officer_hears_nothing_of_a_post() -> None:
    for session, status in ((Session(language="en"), 401), (Session(language="en", person=person()), 403)):
        async with portal(Applications(), session) as (_, browser):
            assert (await browser.get("/changes/officer")).status_code == status
