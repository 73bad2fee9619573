"""An API's file handed on to the browser, piece by piece, and never as a page of ours."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from services.portal.apis import Api, Service

PICTURES = ("image/png", "image/jpeg")
PDF = "application/pdf"
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
NEVER_A_PAGE = "default-src 'none'; sandbox"
SHOWN_PDF = "frame-ancestors 'none'"  # browsers show no PDF in a sandbox


class HandedOn(StreamingResponse):
    """The API's answer is closed also where the browser left in the middle, or has not read all of it within a time."""

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        opened: AsyncExitStack,
        *,
        media_type: str,
        headers: dict[str, str],
        within_s: float | None = None,
    ) -> None:
        super().__init__(pieces, media_type=media_type, headers=headers)
        self._opened, self._within_s = opened, within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._opened, asyncio.timeout(self._within_s):
            await super().__call__(scope, receive, send)


async def hand_on(
    api: Api, service: Service, path: str, *, shown: Collection[str] = (), params: Mapping[str, Any] | None = None
) -> Response:
    """shown: kinds that the browser may show; all others it saves. Raises ApiProblem before the first piece."""
    async with AsyncExitStack() as opened:
        upstream = await opened.enter_async_context(api.stream(service, path, params=params))
        if upstream.status_code == httpx.codes.NO_CONTENT:
            return Response(status_code=204, headers=HEADERS)
        until_read = opened.pop_all()
    media_type = upstream.headers.get("content-type", "application/octet-stream").partition(";")[0]
    disposition = upstream.headers.get("content-disposition", "attachment")
    if media_type in shown:
        disposition = disposition.replace("attachment", "inline", 1)
    policy = SHOWN_PDF if media_type == PDF and PDF in shown else NEVER_A_PAGE
    headers = HEADERS | {"Content-Disposition": disposition, "Content-Security-Policy": policy}
    if "content-encoding" not in upstream.headers and (length := upstream.headers.get("content-length")):
        headers["Content-Length"] = length
    return HandedOn(upstream.aiter_bytes(), until_read, media_type=media_type, headers=headers)
