"""What every request passes first: its trace, its measurement, and bounds on its body: how large, how deep, how slow."""

import asyncio
import re
from time import perf_counter

from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics_http import HttpMetrics, method_label
from shared.span_export import SpanExport
from shared.spans import begin, failed
from shared.tracing import current_trace

JSON_LIMIT = 256 * 1024
FORM_LIMIT = 1024 * 1024  # of a form without files; it is read sign by sign, which takes its time
ANY_LIMIT = 12 * 1024 * 1024  # routes that take files set a smaller one of their own
DEEPEST = 20  # of JSON: no body of ours has more than six levels
BETWEEN_S = 20.0  # two pieces of a body
BEGINNING_S = 30.0  # for a body as a whole, and a second more for each KB that came
BYTES_A_SECOND = 1024
UNMATCHED = "unmatched"
_TEXTS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # one that does not end is taken to the end: nothing is read twice
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ALIKE = bytes.maketrans(b"{}", b"[]")


class BodyTooLarge(HTTPException):
    """An HTTPException because FastAPI lets no other error through while it reads a body."""

    def __init__(self, limit: int) -> None:
        super().__init__(413)
        self.limit = limit


class BodyTooDeep(HTTPException):
    def __init__(self) -> None:
        super().__init__(400)


class BodyTooSlow(HTTPException):
    def __init__(self) -> None:
        super().__init__(408, headers={"Connection": "close"})


class WatchRequests:
    """Continue the caller's trace (X-Correlation-Id, traceparent), or begin one; tell the correlation id in the answer; count
    and time by route template.

    Paths, queries and what anybody sent stay out of it.
    """

    def __init__(self, app: ASGIApp, metrics: HttpMetrics, spans: SpanExport) -> None:
        self.app, self._metrics, self._spans = app, metrics, spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self._spans.watch()
        headers, method = Headers(scope=scope), method_label(scope["method"])
        running, span = begin(
            method,
            kind=SpanKind.SERVER,
            correlation_id=headers.get("x-correlation-id"),
            traceparent=headers.get("traceparent"),
            attributes={"http.request.method": method},
        )
        current_trace.set(running)  # not reset: a request is a task of its own, and the last handler of errors still needs it
        began, outside, status = perf_counter(), scope.get("root_path", ""), 0

        def answered(with_status: int) -> None:
            nonlocal status
            status = with_status
            route = _template(scope, outside)
            self._metrics.http_requests.labels(method, route, f"{status // 100}xx").inc()
            self._metrics.http_duration.labels(method, route).observe(perf_counter() - began)
            if span.is_recording():
                span.update_name(f"{method} {route}")
                span.set_attributes({"http.route": route, "http.response.status_code": status})

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Correlation-Id"] = running.correlation_id
                answered(message["status"])
            await send(message)

        with self._metrics.http_running.track_inprogress():
            try:
                await self.app(scope, receive, send_with_id)
            except BaseException as error:
                failed(span, error)
                if not status and isinstance(error, Exception):
                    answered(500)  # the last handler of errors, outside of us, says so
                raise
            finally:
                span.end()


def _template(scope: Scope, outside: str) -> str:
    """The route as it is declared; the folder of a mounted part; or unmatched: never the path that was asked for."""
    if template := getattr(scope.get("route"), "path", None):
        return str(template)
    mounted: str = scope.get("root_path", "")
    return f"{mounted.removeprefix(outside)}/*" if mounted != outside else UNMATCHED


class LimitBody:
    """Refuse a body over the cap with 413 as soon as that is known, also where no length was announced; JSON that is nested too
    deeply with 400, and a body that comes too slowly with 408: who sends a byte now and then holds a place that others need."""

    def __init__(self, app: ASGIApp, *, between_s: float = BETWEEN_S, beginning_s: float = BEGINNING_S) -> None:
        self.app, self._between_s, self._beginning_s = app, between_s, beginning_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        media_type = headers.get("content-type", "json").lower()
        limit, json = _limit_of(media_type), bytearray() if "json" in media_type else None
        length = headers.get("content-length", "")
        announced, received, whole = int(length) if length.isdecimal() else 0, 0, False
        began = asyncio.get_running_loop().time()

        async def bounded() -> Message:
            nonlocal received, whole
            if max(announced, received) > limit:
                raise BodyTooLarge(limit)
            if whole:  # what comes now is the end of the connection, which may be long in coming
                return await receive()
            until = min(
                asyncio.get_running_loop().time() + self._between_s, began + self._beginning_s + received / BYTES_A_SECOND
            )
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow from None
            body = message.get("body", b"")
            received += len(body)  # whatever was announced: a body in chunks may be longer
            whole = not message.get("more_body", False)
            if json is not None:
                json.extend(body)
                if whole and received <= limit and too_deep(bytes(json)):
                    raise BodyTooDeep
            return message

        await self.app(scope, bounded, send)


def too_deep(body: bytes) -> bool:
    """Whether JSON has more than DEEPEST levels, or brackets that do not fit; it is not judged otherwise. Takes no loop over its
    signs: each pass over what is left of it takes the innermost level away."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    brackets = _TEXTS.sub(b"", body).translate(None, delete=_NO_BRACKETS).translate(_ALIKE)
    for _ in range(DEEPEST):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


def _limit_of(media_type: str) -> int:
    if "json" in media_type:
        return JSON_LIMIT
    return FORM_LIMIT if "urlencoded" in media_type else ANY_LIMIT
