"""Feeds for pages that show what changes while one looks (server-sent events): what applications tells is handed on as it is."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response, StreamingResponse
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


class Feed(StreamingResponse):
    """Hands on an open feed until the API ends it, the browser leaves, or this process is to end."""

    def __init__(self, feed: httpx.Response, opened: AsyncExitStack, ended: asyncio.Event) -> None:
        self._opened = opened
        self._events = _until(ended, feed)
        super().__init__(self._events, headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._events.aclose()
            await self._opened.aclose()


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


async def _until(ended: asyncio.Event, feed: httpx.Response) -> AsyncGenerator[bytes, None]:
    pieces = feed.aiter_bytes()
    ending: asyncio.Future[object] = asyncio.ensure_future(ended.wait())
    reading: asyncio.Future[bytes] | None = None
    try:
        while not ended.is_set():
            reading = asyncio.ensure_future(_next(pieces))
            await asyncio.wait((reading, ending), return_when=asyncio.FIRST_COMPLETED)
            if not reading.done() or not (piece := reading.result()):
                return
            yield piece
    finally:
        waited_for = [task for task in (ending, reading) if task is not None]
        for task in waited_for:
            task.cancel()
        await asyncio.gather(*waited_for, return_exceptions=True)


async def _next(pieces: AsyncIterator[bytes]) -> bytes:
    """Empty: it has ended, or broke off, or was silent for too long. The page opens it again either way."""
    try:
        return await anext(pieces, b"")
    except httpx.HTTPError:
        return b""
