"""What a request must be before a route sees it: from where, how often, how many at once, how large its head, answered how soon.

Knows neither the APIs' problems nor the portal's pages: whoever uses it says how a refusal is told.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.addresses import Proxies, network_of
from shared.errors import NotFound
from shared.metrics_http import HttpMetrics
from shared.texts import N_
from shared.web.rates import Over, RateClass, Rates

ALWAYS = ("/health/", "/metrics", "/assets/")  # who is full is not ill, and must be seen; files are not worth counting
ID_PATTERN = "^[A-Za-z0-9._~:-]{1,128}$"  # of each part of an API's address: a word of ours, or an id, which may have parts
SCHEMES = ("http", "https")
MOST_HEADERS = 100
HEADER_BYTES = 32 * 1024
QUERY_BYTES = 4096
MOST_PARAMETERS = 50
OF_ONE_ADDRESS = 100  # a post's officers share one, each with a page that stays open; seven addresses then fill a process
AGAIN_S = 5
ANSWER_S = 30.0  # from the last piece of a request to the first of its answer; a stream may last as long as it likes
OURS = "asked_by_ours"  # in the request's state: one of our processes asks for itself, and not for somebody behind it
COUNTED = "rate"  # in the request's state: what an account is counted with, once its token is verified
_BY = {
    "address": N_("Too many requests from your connection. Wait {seconds} seconds, then go on. Nothing was changed by this one."),
    "account": N_("Too many requests from your account. Wait {seconds} seconds, then go on. Nothing was changed by this one."),
}
_HEADERS = N_("The request's headers are too large: at most {limit} bytes and {most} of them.")
_PARAMETERS = N_("The address has too many parameters: at most {limit} bytes and {most} of them.")
_TOO_LONG = N_("This took too long, so it was ended. Nothing is lost: try again in {seconds} seconds with the same data.")
_AT_ONCE = N_("Too many requests from your connection at the same time. Wait {seconds} seconds, then go on. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Refused:
    """detail: a msgid, with params."""

    status: int
    code: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str | int] = field(default_factory=dict)


_PATH = re.compile(f"(/{ID_PATTERN[1:-1]})*/?")
Refuse = Callable[[Request, Refused], Awaitable[Response]]


class TellAddress:
    """Puts the asker's address and scheme into the scope, from the headers of our proxies and from nobody else's."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self.app, self._proxies = app, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            peer, port = scope.get("client") or ("", 0)
            headers = Headers(scope=scope)
            forwarded = ",".join(headers.getlist("x-forwarded-for"))
            believed = self._proxies.holds(peer)
            scope.setdefault("state", {})[OURS] = believed and not forwarded
            if believed and forwarded:
                scope["client"] = (self._proxies.asker(peer, forwarded), 0)
            elif believed or peer:
                scope["client"] = (peer, port)
            if believed and (scheme := headers.get("x-forwarded-proto", "")) in SCHEMES:
                scope["scheme"] = scheme
        await self.app(scope, receive, send)


class KnowPaths:
    """Answers 404 to an address with a part that is no word and no id: it is not looked for, and no route sees it."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _PATH.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        refused = Refused(404, NotFound.code, NotFound.message)
        await (await self._refuse(Request(scope, receive), refused))(scope, receive, send)


class LimitRates:
    """Answers 429 to an address that asks too often, before anything of its request is read; our own processes are not counted.

    The account is counted where its token was verified (shared/web/auth.py): anybody could write a name into a token of theirs.
    """

    def __init__(self, app: ASGIApp, rates: Rates, refuse: Refuse, metrics: HttpMetrics) -> None:
        self.app, self._rates, self._refuse, self._metrics = app, rates, refuse, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(ALWAYS):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        refused = too_large(scope)
        if not refused and not state.get(OURS):
            counted = Counted(self._rates, self._rates.class_of(scope["method"], scope["path"]), self._metrics)
            state[COUNTED] = counted
            refused = await counted.of_address(address_in(scope))
        if refused:
            await (await self._refuse(Request(scope, receive), refused))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Counted:
    """What one request is counted with."""

    rates: Rates
    rate: RateClass
    metrics: HttpMetrics

    async def of_address(self, address: str) -> Refused | None:
        return self._told(await self.rates.count_address(address, self.rate))

    async def of_account(self, account: str) -> Refused | None:
        return self._told(await self.rates.count_account(account, self.rate))

    def _told(self, over: Over | None) -> Refused | None:
        if over is None:
            return None
        self.metrics.http_limited.labels(over.by, over.rate.name).inc()
        return Refused(429, f"too-many-requests-{over.by}", _BY[over.by], over.headers, {"seconds": over.seconds})


class LimitOfOneAddress:
    """Answers 429 to an address that has too many requests running: nobody takes all places. Ours are not counted."""

    def __init__(self, app: ASGIApp, refuse: Refuse, metrics: HttpMetrics, most: int = OF_ONE_ADDRESS) -> None:
        self.app, self._refuse, self._metrics, self._most = app, refuse, metrics, most
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(ALWAYS) or scope.get("state", {}).get(OURS):
            await self.app(scope, receive, send)
            return
        address = network_of(address_in(scope))
        if self._running[address] >= self._most:
            self._metrics.http_limited.labels("address", "at-once").inc()
            policy = {"Retry-After": str(AGAIN_S), "RateLimit-Policy": f'"at-once";q={self._most};qu="concurrent-requests"'}
            problem = Refused(429, "too-many-requests-at-once", _AT_ONCE, policy, {"seconds": AGAIN_S})
            await (await self._refuse(Request(scope, receive), problem))(scope, receive, send)
            return
        self._running[address] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._running[address] -= 1
            if not self._running[address]:
                del self._running[address]


class LimitTime:
    """Ends a route that has not begun to answer within_s after it had the last piece of its request, and answers 503 for it."""

    def __init__(self, app: ASGIApp, refuse: Refuse, within_s: float = ANSWER_S) -> None:
        self.app, self._refuse, self._within_s = app, refuse, within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        loop, began = asyncio.get_running_loop(), False

        async def received() -> Message:
            clock.reschedule(None if began else loop.time() + 2 * self._within_s)  # how slow a body may be is LimitBody's
            message = await receive()
            clock.reschedule(None if began else loop.time() + self._within_s)
            return message

        async def sent(message: Message) -> None:
            nonlocal began
            began = True
            clock.reschedule(None)
            await send(message)

        try:
            async with asyncio.timeout(self._within_s) as clock:
                await self.app(scope, received, sent)
        except TimeoutError:
            if began or not clock.expired():
                raise
            too_long = Refused(503, "took-too-long", _TOO_LONG, {"Retry-After": str(AGAIN_S)}, {"seconds": AGAIN_S})
            await (await self._refuse(Request(scope, receive), too_long))(scope, receive, send)


def address_in(scope: Scope) -> str:
    peer = scope.get("client")
    return str(peer[0]) if peer else ""


def too_large(scope: Scope) -> Refused | None:
    headers, query = scope["headers"], scope["query_string"]
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > HEADER_BYTES:
        return Refused(431, "headers-too-large", _HEADERS, {}, {"limit": HEADER_BYTES, "most": MOST_HEADERS})
    if len(query) > QUERY_BYTES or query.count(b"&") + query.count(b";") >= MOST_PARAMETERS:
        return Refused(414, "too-many-parameters", _PARAMETERS, {}, {"limit": QUERY_BYTES, "most": MOST_PARAMETERS})
    return None
