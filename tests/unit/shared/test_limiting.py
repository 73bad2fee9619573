"""What a request must be before a route sees it: from where, how often, how large, how deep, how slow; and what answers say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from shared.addresses import Proxies, network_of
from shared.metrics_http import HttpMetrics
from shared.texts import Texts
from shared.web import rates as rates_module
from shared.web.headers import OF_APIS, SecurityHeaders
from shared.web.limiting import (
    HEADER_BYTES,
    MOST_HEADERS,
    MOST_PARAMETERS,
    LimitOfOneAddress,
    LimitRates,
    LimitTime,
    Refused,
    TellAddress,
)
from shared.web.middleware import DEEPEST, LimitBody, too_deep
from shared.web.problems import install_problem_handlers, problem
from shared.web.rates import Rates, Windows
from tests.support.serving import eventually

OURS = ("127.0.0.0/8", "::1/128", "10.0.0.0/8")
TEXTS = Texts.load(Path("/nowhere"))


async def refuse(request: Request, refused: Refused) -> Response:
    return problem(request, TEXTS, refused.status, refused.code, refused.detail, params=refused.params, headers=refused.headers)


class Door:
    """A small app behind all limits, and how many requests reached its routes."""

    def __init__(self, *, per_address: int = 5, tries: int = 2, at_once: int = 2, within_s: float = 60) -> None:
        self.app, self.reached, self.go_on = FastAPI(), 0, asyncio.Event()
        self.app.add_api_route("/open", self.open, methods=["GET", "POST"])
        self.app.add_api_route("/slow", self.slow)
        self.app.add_api_route("/broken", self.broken)
        self.app.add_api_route("/api/sign-in/codes", self.open, methods=["POST"])
        install_problem_handlers(self.app, TEXTS)
        metrics, rates = HttpMetrics(), Rates("identity", per_address=per_address, per_account=0, tries=tries)
        self.app.add_middleware(LimitBody, between_s=0.05, beginning_s=60)
        self.app.add_middleware(LimitTime, refuse=refuse, within_s=within_s)
        self.app.add_middleware(LimitOfOneAddress, refuse=refuse, metrics=metrics, most=at_once)
        self.app.add_middleware(LimitRates, rates=rates, refuse=refuse, metrics=metrics)
        self.app.add_middleware(TellAddress, proxies=Proxies(OURS))
        self.app.add_middleware(SecurityHeaders)

    async def open(self, request: Request) -> dict[str, str]:
        self.reached += 1
        await request.body()
        return {"address": request.client.host if request.client else "", "scheme": request.url.scheme}

    async def slow(self) -> str:
        self.reached += 1
        await self.go_on.wait()
        return "done"

    async def broken(self) -> None:
        raise RuntimeError

    @asynccontextmanager
    async def asked(self, peer: str = "10.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(self.app, client=(peer, 1), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"Accept-Language": "en"}) as client:
            yield client


def by(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


@pytest.mark.parametrize(
    ("peer", "forwarded", "asker"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "a name, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, a name", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.8", "10.0.0.8"),
        ("::ffff:10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "1.1.1.1," * 100, "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_say_who_asks_and_of_what_they_say_the_last_stranger_counts(
    peer: str, forwarded: str, asker: str
) -> None:
    assert Proxies(OURS).asker(peer, forwarded) == asker


def test_an_ipv6_household_is_its_network_of_64_bits_and_a_mapped_address_is_what_it_maps() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::") != network_of("2001:db8:1:3::4")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"


async def test_a_stranger_who_writes_the_header_of_a_proxy_stays_who_they_are() -> None:
    async with Door().asked("203.0.113.9") as client:
        answer = await client.get("/open", headers=by("10.0.0.1") | {"X-Forwarded-Proto": "https"})
    assert answer.json() == {"address": "203.0.113.9", "scheme": "http"}


async def test_who_asks_too_often_is_told_when_to_come_again_and_nobody_else_is() -> None:
    door = Door(per_address=3)
    async with door.asked() as client:
        answers = [await client.get("/open", headers=by("203.0.113.9")) for _ in range(5)]
        other = await client.get("/open", headers=by("203.0.113.10"))
        ours = [await client.get("/open") for _ in range(5)]
    refused = answers[-1]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert (refused.json()["type"], refused.headers["content-type"]) == (
        "/problems/too-many-requests-address",
        "application/problem+json",
    )
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert refused.headers["ratelimit-policy"] == '"default";q=3;w=60'
    assert refused.headers["ratelimit"].startswith('"default";r=0;t=')
    assert f"{refused.headers['retry-after']} seconds" in refused.json()["detail"]
    assert [answer.status_code for answer in (other, *ours)] == [200] * 6
    assert door.reached == 9, "nothing of a refused request is worked on"


async def test_routes_where_one_guesses_have_a_count_of_their_own() -> None:
    async with Door(per_address=50, tries=2).asked() as client:
        guesses = [await client.post("/api/sign-in/codes", headers=by("203.0.113.9")) for _ in range(3)]
        read = await client.get("/open", headers=by("203.0.113.9"))
    assert [answer.status_code for answer in (*guesses, read)] == [200, 200, 429, 200]
    assert guesses[-1].headers["ratelimit-policy"] == '"tries";q=2;w=60'


async def test_who_has_a_site_of_65536_networks_has_no_65536_limits() -> None:
    counted = Rates("identity", per_address=2, per_account=0, tries=1)
    default = counted.class_of("GET", "/open")
    refused = [await counted.count_address(f"2001:db8:1:{n:x}::1", default) for n in range(100)]
    assert sum(over is not None for over in refused) == 100 - 2 * 8
    assert await counted.count_address("2001:db8:2::1", default) is None


async def test_what_was_counted_long_ago_is_forgotten_and_the_memory_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates_module, "MOST_KEYS", 50)
    windows = Windows()
    for number in range(500):
        await windows.incr(f"key-{number}", 60)
    assert len(windows.storage) <= 50
    assert await windows.incr("gone", -1) == 1
    assert await windows.get("gone") == 0


async def test_one_address_cannot_take_all_places() -> None:
    door = Door(at_once=2, per_address=100)
    async with door.asked() as client:
        taken = [asyncio.create_task(client.get("/slow", headers=by("203.0.113.9"))) for _ in range(2)]

        async def both_inside() -> bool:
            return door.reached == 2

        await eventually(both_inside)
        refused = await client.get("/open", headers=by("203.0.113.9"))
        other = await client.get("/open", headers=by("203.0.113.10"))
        door.go_on.set()
        answered = await asyncio.gather(*taken)
        after = await client.get("/open", headers=by("203.0.113.9"))
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests-at-once")
    assert int(refused.headers["retry-after"]) > 0
    assert [answer.status_code for answer in (other, *answered, after)] == [200] * 4


async def test_a_route_that_does_not_answer_is_ended_and_an_answer_that_began_is_not() -> None:
    async with Door(within_s=0.05).asked() as client:
        answer = await client.get("/slow")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/took-too-long")
    assert int(answer.headers["retry-after"]) > 0


async def test_a_body_that_comes_too_slowly_is_refused_and_its_connection_closed() -> None:
    async def dribbled() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with Door().asked() as client:
        answer = await client.post("/open", content=dribbled(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (408, "/problems/too-slow")
    assert answer.headers["connection"] == "close"


async def test_headers_and_parameters_beyond_all_use_are_refused() -> None:
    door = Door(per_address=100)
    async with door.asked() as client:
        many = await client.get("/open", headers={f"X-{number}": "" for number in range(MOST_HEADERS)})
        large = await client.get("/open", headers={"X": "x" * HEADER_BYTES})
        parameters = await client.get("/open?" + "&".join(f"a{number}=1" for number in range(MOST_PARAMETERS + 1)))
        usual = await client.get("/open?a=1&b=2")
    assert [answer.status_code for answer in (many, large, parameters, usual)] == [431, 431, 414, 200]
    assert door.reached == 1


@pytest.mark.parametrize(
    ("body", "deep"),
    [
        (b'{"a": [1, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["]}', False),
        (b"[" * DEEPEST + b"]" * DEEPEST, False),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), True),
        (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), True),
        (b'{"\\"}": ' + b"[" * DEEPEST + b"]" * DEEPEST + b"}", True),
        (b"[{}, []]" * 1000, False),
        (b'["' + b"\\" * 50_000, False),
    ],
    ids=["brackets in a text", "as deep as may be", "deeper", "objects", "an escaped quote", "wide", "a text that does not end"],
)
def test_how_deep_json_is_nested_is_known_before_it_is_read(body: bytes, deep: bool) -> None:
    assert too_deep(body) is deep


async def test_json_that_is_too_deep_is_refused_in_whatever_pieces_it_comes() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(DEEPEST + 1):
            yield b'{"a":'
        yield b"1" + b"}" * (DEEPEST + 1)

    async with Door(per_address=100).asked() as client:
        answer = await client.post("/open", content=pieces(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.parametrize(("path", "status"), [("/open", 200), ("/nothing", 404), ("/broken", 500)])
async def test_every_answer_says_that_nothing_of_it_is_to_be_run_framed_guessed_at_or_kept(path: str, status: int) -> None:
    async with Door().asked() as client:
        answer = await client.get(path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in OF_APIS} == dict(OF_APIS)


async def test_what_a_route_says_itself_stays() -> None:
    async def own(scope: Any, receive: Any, send: Any) -> None:
        await Response("x", headers={"Cache-Control": "public, max-age=300"})(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(SecurityHeaders(own)), base_url="http://test") as client:
        answer = await client.get("/")
    assert answer.headers.get_list("cache-control") == ["public, max-age=300"]
    assert answer.headers["x-content-type-options"] == "nosniff"
