"""What every request passes first: its trace, and a cap on its size."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.tracing import Trace, current_trace

JSON_LIMIT = 256 * 1024
FORM_LIMIT = 1024 * 1024  # of a form without files; it is read sign by sign, which takes its time
ANY_LIMIT = 12 * 1024 * 1024  # routes that take files set a smaller one of their own


class BodyTooLarge(HTTPException):
    """An HTTPException because FastAPI lets no other error through while it reads a body."""

    def __init__(self, limit: int) -> None:
        super().__init__(413)
        self.limit = limit


class TraceRequests:
    """Continue the caller's trace (X-Correlation-Id, traceparent), or begin one; tell the correlation id in the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        running = Trace.start(correlation_id=headers.get("x-correlation-id"), traceparent=headers.get("traceparent"))
        current_trace.set(running)  # not reset: a request is a task of its own, and the last handler of errors still needs it

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Correlation-Id"] = running.correlation_id
            await send(message)

        await self.app(scope, receive, send_with_id)


class LimitBody:
    """Refuse a body over the cap with 413 as soon as that is known, also where no length was announced."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = _limit_of(headers.get("content-type", "json").lower())
        length = headers.get("content-length", "")
        announced, received = int(length) if length.isdecimal() else 0, 0

        async def counted() -> Message:
            nonlocal received
            if max(announced, received) > limit:
                raise BodyTooLarge(limit)
            message = await receive()
            received += len(message.get("body", b""))  # whatever was announced: a body in chunks may be longer
            return message

        await self.app(scope, counted, send)


def _limit_of(media_type: str) -> int:
    if "json" in media_type:
        return JSON_LIMIT
    return FORM_LIMIT if "urlencoded" in media_type else ANY_LIMIT
