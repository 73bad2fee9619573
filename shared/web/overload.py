"""How many requests a process works on at once. Who comes when it is full is told to come again, at little cost."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.mongo.change_feed import SUBSCRIBERS
from shared.texts import Texts
from shared.web.limiting import ALWAYS
from shared.web.problems import unavailable

AT_ONCE = SUBSCRIBERS + 200  # endless answers, and three others for each connection to the database


class LimitRequests:
    """Answers 503 as problem+json, with Retry-After, to what comes beyond at_once; nothing of such a request is read."""

    def __init__(self, app: ASGIApp, texts: Texts, at_once: int = AT_ONCE) -> None:
        self.app, self._texts, self._at_once = app, texts, at_once
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(ALWAYS):
            await self.app(scope, receive, send)
            return
        if self._running >= self._at_once:
            await unavailable(Request(scope), self._texts)(scope, receive, send)
            return
        self._running += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._running -= 1
