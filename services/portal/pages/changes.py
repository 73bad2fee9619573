"""Feeds for pages that show what changes while one looks (server-sent events): what applications tells is handed on as it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import httpx
from anyio import CancelScope, create_task_group
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from services.portal.access import Asked
from services.portal.apis import Api, ApiProblem, SignedOut
from services.portal.session import session_of
from shared.web.ending import at_the_end

HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # a gateway that gathers the answer first would hold the events back
    "X-Content-Type-Options": "nosniff",
}


@asynccontextmanager
async def _told_of_the_end(app: FastAPI) -> AsyncIterator[None]:
    ended = app.state.feeds_end = asyncio.Event()
    with at_the_end(ended.set):
        yield


router = APIRouter(prefix="/changes", lifespan=_told_of_the_end)


class Feed(Response):
    """Hands on an open feed until the API ends it, the browser leaves, or this process is to end."""

    def __init__(self, feed: httpx.Response, opened: AsyncExitStack, ended: asyncio.Event) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._feed, self._opened, self._ended = feed, opened, ended

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        async with self._opened:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with create_task_group() as group:  # its way to cancel is the one that lets httpx close the connection
                group.start_soon(_cancel_after, group.cancel_scope, self._ended.wait)
                group.start_soon(_cancel_after, group.cancel_scope, partial(_left, receive))
                await self._hand_on(send)
                group.cancel_scope.cancel()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _hand_on(self, send: Send) -> None:
        """A feed that breaks off, or is silent for too long, has ended: the page opens it again either way."""
        with suppress(httpx.HTTPError):
            async for piece in self._feed.aiter_bytes():
                await send({"type": "http.response.body", "body": piece, "more_body": True})


@router.get("/officer")
async def of_the_post(request: Request, api: Asked) -> Response:
    who = session_of(request).person
    return await _feed(request, api, "/api/officer/changes", allowed=who is not None and who.is_officer)


@router.get("/citizen")
async def of_ones_own(request: Request, api: Asked) -> Response:
    who = session_of(request).person
    return await _feed(request, api, "/api/applications/changes", allowed=who is not None and who.is_citizen)


async def _feed(request: Request, api: Api, path: str, *, allowed: bool) -> Response:
    """A refusal is a plain status: no person reads it, the page tries again later."""
    if not allowed:
        return _refused(403 if session_of(request).person else 401)
    opened = AsyncExitStack()
    try:
        feed = await opened.enter_async_context(api.stream("applications", path, endless=True))
    except SignedOut:
        return _refused(401)
    except ApiProblem as problem:
        return _refused(problem.status, problem.retry_after)
    return Feed(feed, opened, request.app.state.feeds_end)


def _refused(status: int, retry_after: str = "") -> Response:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": retry_after} if retry_after else {})
    return Response(status_code=status, headers=headers)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancel_after(scope: CancelScope, waited_for: Callable[[], Awaitable[object]]) -> None:
    await waited_for()
    scope.cancel()
