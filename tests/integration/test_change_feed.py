"""Changes told as they happen: to whom they concern, complete or with a word that something is missing, and never for ever."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pymongo import MongoClient
from pymongo.asynchronous.collection import AsyncCollection

from deploy.local.database import SecantusServer
from deploy.local.ports import Ports, free_base
from services.applications.app import create_app
from shared.mongo import change_feed
from shared.mongo.change_feed import RESET, Change, ChangeFeed, Subscription, TooManySubscribers
from shared.mongo.database import Database
from shared.runtime import Runtime
from shared.web.tokens import TokenVerifier
from tests.integration.applications_client import Headers, act, aigerim, complete, nurlan, submitted
from tests.support.killing import ServiceProcess
from tests.support.places import Place
from tests.support.running import on_a_port
from tests.support.serving import eventually
from tests.support.tokens import TestTokens

pytestmark = pytest.mark.places_again

__all__ = ["aigerim", "nurlan"]
OFFICER, CITIZEN = "/api/officer/changes", "/api/applications/changes"
Told = tuple[str, dict[str, Any]]


@pytest.fixture
def app(place: Place, tokens: TestTokens) -> FastAPI:
    return app_with(place, tokens)


def app_with(place: Place, tokens: TestTokens) -> FastAPI:
    made = create_app(place.settings())
    runtime: Runtime = made.state.runtime
    made.state.verifier = TokenVerifier(runtime.name, tokens.keys, runtime.clock)
    return made


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with on_a_port(app) as client:
        yield client


class Stream:
    """One open text/event-stream, read event by event."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()

    async def next(self, *, within_s: float = 20) -> Told | None:
        """The next event with its data; None: the stream has ended."""
        event, data = "", ""
        async with asyncio.timeout(within_s):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data":
                    data = value
                elif not line and event:
                    return event, json.loads(data)
        return None


@asynccontextmanager
async def listening(api: httpx.AsyncClient, path: str, who: Headers) -> AsyncIterator[Stream]:
    async with api.stream("GET", path, headers=who) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)


@asynccontextmanager
async def hearing(api: httpx.AsyncClient, app: FastAPI, path: str, who: Headers) -> AsyncIterator[Stream]:
    """The first stream of a feed, which it opens: what is committed from now on is told."""
    feed: ChangeFeed = app.state.changes
    assert not feed.open
    async with listening(api, path, who) as stream:
        assert await stream.next() == ("reset", {})
        assert feed.open
        yield stream


async def test_an_officer_hears_what_is_handed_in_at_their_post_and_not_at_another(
    api: httpx.AsyncClient, app: FastAPI, aigerim: Headers, nurlan: Headers
) -> None:
    async with hearing(api, app, OFFICER, nurlan) as stream:
        await submitted(api, aigerim, post_id="ist")
        case = await submitted(api, aigerim)
        seen = (await api.get(f"/api/applications/{case}", headers=aigerim)).json()
        # neither the case of the other post nor the steps of the draft came before
        assert await stream.next() == ("application", {"id": case, "status": "submitted", "version": seen["version"]})
        await act(api, nurlan, case, "claim")
        assert await stream.next() == ("application", {"id": case, "status": "in_review", "version": seen["version"] + 1})


async def test_a_citizen_hears_their_own_only_and_from_the_draft_on(
    api: httpx.AsyncClient, app: FastAPI, aigerim: Headers, tokens: TestTokens
) -> None:
    async with hearing(api, app, CITIZEN, aigerim) as stream:
        await submitted(api, tokens.citizen("timur"))
        case = await complete(api, aigerim)
        told = [await stream.next() for _ in range(3)]
        assert told == [("application", {"id": case, "status": "draft", "version": version}) for version in (1, 2, 3)]


async def test_an_event_tells_an_id_a_status_and_a_version_and_nothing_else(
    api: httpx.AsyncClient, app: FastAPI, aigerim: Headers, nurlan: Headers
) -> None:
    async with hearing(api, app, OFFICER, nurlan) as stream:
        await submitted(api, aigerim)
        told = await stream.next()
    assert told is not None
    assert set(told[1]) == {"id", "status", "version"}


async def test_no_stream_is_open_while_nobody_listens_and_each_opening_begins_with_a_reset(
    api: httpx.AsyncClient, app: FastAPI, aigerim: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "LINGER_S", 0.1)
    await submitted(api, aigerim)
    for _ in range(2):  # hearing() asserts that it is not open before, and that it is then
        async with hearing(api, app, CITIZEN, aigerim) as stream:
            case = await complete(api, aigerim)
            told = [await stream.next() for _ in range(3)]
            assert told == [("application", {"id": case, "status": "draft", "version": version}) for version in (1, 2, 3)]
        await eventually(lambda: _is_not_open(app.state.changes))


async def test_who_comes_back_at_once_finds_the_stream_still_open(
    api: httpx.AsyncClient, app: FastAPI, aigerim: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "LINGER_S", 600)
    async with hearing(api, app, CITIZEN, aigerim):
        pass
    await eventually(lambda: _listen(app, 0))
    async with listening(api, CITIZEN, aigerim) as stream:
        case = await complete(api, aigerim)
        assert await stream.next() == ("application", {"id": case, "status": "draft", "version": 1})


async def test_what_changes_while_the_stream_opens_or_closes_is_told_or_there_is_a_reset(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "LINGER_S", 0)
    monkeypatch.setattr(change_feed, "MAX_AWAIT_MS", 20)
    monkeypatch.setattr(change_feed, "AGAIN_AFTER_S", 0)
    database = Database(place.mongo_url, f"{place.database_prefix}applications")
    elsewhere: MongoClient[dict[str, Any]] = MongoClient(
        place.mongo_url
    )  # blocks the feed: it writes before anything else happens
    written = elsewhere[database.db.name].things
    feed = ChangeFeed(database, "things", ("status",))
    running = asyncio.create_task(feed.run())
    for number in range(60):
        with feed.subscription("a", all_of_it) as heard:
            if moment := number % 6:
                await asyncio.sleep(moment * 0.002)  # of the opening, at another each time
            written.insert_one({"_id": f"{number}", "status": "draft"})
            async with asyncio.timeout(20):
                while not await _has_learnt(heard, database.db.things, f"{number}"):
                    pass
        await asyncio.sleep(number % 5 * 0.015)  # and here of the closing
    assert not running.done()
    running.cancel()
    await asyncio.wait([running], timeout=20)
    assert running.cancelled()
    elsewhere.close()
    await database.close()


async def _has_learnt(heard: Subscription, things: AsyncCollection[dict[str, Any]], one: str) -> bool:
    told = await heard.next()
    if told is RESET:
        return await things.find_one({"_id": one}) is not None
    return isinstance(told, Change) and told.id == one


async def test_each_stream_is_for_its_own_kind_of_account(api: httpx.AsyncClient, aigerim: Headers, nurlan: Headers) -> None:
    assert (await api.get(OFFICER)).status_code == 401
    assert (await api.get(OFFICER, headers=aigerim)).status_code == 403
    assert (await api.get(CITIZEN, headers=nurlan)).status_code == 403


async def test_a_stream_ends_with_the_token(api: httpx.AsyncClient, app: FastAPI, tokens: TestTokens) -> None:
    async with hearing(api, app, CITIZEN, tokens.citizen("timur")):
        soon = tokens.citizen("aigerim", exp=datetime.now(UTC) + timedelta(seconds=1))
        async with listening(api, CITIZEN, soon) as stream:
            assert await stream.next() is None
        await eventually(lambda: _listen(app, 1))


async def test_who_goes_away_is_forgotten(api: httpx.AsyncClient, app: FastAPI, aigerim: Headers) -> None:
    async with listening(api, CITIZEN, aigerim):
        await eventually(lambda: _listen(app, 1))
    await eventually(lambda: _listen(app, 0), within_s=5)  # long before a heartbeat would find nobody there


async def test_one_person_listens_six_times_at_most_and_then_again_when_one_has_ended(
    api: httpx.AsyncClient, app: FastAPI, aigerim: Headers, tokens: TestTokens
) -> None:
    async with listening(api, CITIZEN, aigerim), listening(api, CITIZEN, aigerim), listening(api, CITIZEN, aigerim):
        async with listening(api, CITIZEN, aigerim), listening(api, CITIZEN, aigerim), listening(api, CITIZEN, aigerim):
            refused = await api.get(CITIZEN, headers=aigerim)
            assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-streams")
            assert int(refused.headers["retry-after"]) > 0
            async with listening(api, CITIZEN, tokens.citizen("timur")):
                pass
        await eventually(lambda: _listen(app, 3))
        async with listening(api, CITIZEN, aigerim):
            await eventually(lambda: _listen(app, 4))


async def _listen(app: FastAPI, count: int) -> bool:
    feed: ChangeFeed = app.state.changes
    return feed.subscribers == count


async def test_the_process_has_a_bound_of_its_own(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_feed, "SUBSCRIBERS", 2)
    database = Database(place.mongo_url, f"{place.database_prefix}applications")
    feed = ChangeFeed(database, "applications", ("status",))
    with (
        feed.subscription("a", all_of_it),
        feed.subscription("b", all_of_it),
        pytest.raises(TooManySubscribers),
        feed.subscription("c", all_of_it),
    ):
        pytest.fail("there was no room for a third")
    await database.close()


async def test_who_is_too_slow_gets_one_reset_and_then_what_is_new(
    api: httpx.AsyncClient, app: FastAPI, aigerim: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_feed, "WAITING_AT_MOST", 3)
    feed: ChangeFeed = app.state.changes
    offered: list[Change] = []

    def only_look(change: Change) -> bool:
        offered.append(change)
        return False

    async def told(count: int) -> bool:
        return len(offered) == count

    with feed.subscription("slow", all_of_it) as slow, feed.subscription("looks", only_look) as looks:
        assert (await slow.next(), await looks.next()) == (RESET, RESET)  # as the stream opens
        await submitted(api, aigerim)
        await eventually(lambda: told(4))
        assert await slow.next() is RESET
        new = await complete(api, aigerim)
        await eventually(lambda: told(7))
        heard = [await slow.next() for _ in range(3)]
        assert heard == offered[4:]
        assert {change.id for change in offered[4:]} == {new}


async def test_a_stream_that_was_lost_with_the_database_is_open_again_after_and_says_reset(
    place: Place, tokens: TestTokens, tmp_path: Path, aigerim: Headers, nurlan: Headers
) -> None:
    database = SecantusServer(tmp_path / "mongo", Ports(free_base()).mongo)  # its own: others would miss it
    database.start()
    await asyncio.to_thread(database.wait_ready)
    app = app_with(replace(place, mongo_url=database.url), tokens)
    try:
        async with on_a_port(app) as api, hearing(api, app, OFFICER, nurlan) as stream:
            first = await submitted(api, aigerim)
            assert await stream.next() == ("application", {"id": first, "status": "submitted", "version": 4})
            await asyncio.to_thread(database.kill9)
            await eventually(lambda: _is_not_open(app.state.changes))
            database.start()
            await asyncio.to_thread(database.wait_ready)
            assert await stream.next(within_s=30) == ("reset", {})
            await eventually(lambda: _ready(api), within_s=30)
            second = await submitted(api, aigerim)
            assert await stream.next() == ("application", {"id": second, "status": "submitted", "version": 4})
    finally:
        database.kill9()


async def test_sigterm_ends_a_service_whose_stream_is_open(place: Place, tokens: TestTokens, aigerim: Headers) -> None:
    keys = FastAPI()
    keys.add_api_route("/.well-known/jwks.json", tokens.keys)
    async with on_a_port(keys, until_ready=False) as identity:
        environment = {**os.environ, **place.environment, "ESHIK_IDENTITY_URL": str(identity.base_url)}
        service = ServiceProcess("applications", Ports(free_base()).applications, environment)
        await service.start()
        address = f"http://127.0.0.1:{service.port}"
        async with (
            httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as api,
            listening(api, CITIZEN, aigerim) as stream,
        ):
            assert await stream.next() == ("reset", {})
            stopping = asyncio.create_task(service.stop())
            assert await stream.next(within_s=10) is None
            await stopping  # raises where it does not end
    assert service.process is not None
    assert service.process.returncode == -signal.SIGTERM  # as uvicorn ends when all is closed


def all_of_it(_change: Change) -> bool:
    return True


async def _is_not_open(feed: ChangeFeed) -> bool:
    return not feed.open


async def _ready(api: httpx.AsyncClient) -> bool:
    return (await api.get("/health/ready")).status_code == 200
