"""In place of a collector: takes spans over OTLP/HTTP on a real port, and reads them with OpenTelemetry's own types."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.running import on_a_port

PROTOBUF = "application/x-protobuf"


@dataclass(frozen=True)
class Told:
    """One span as it came."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    links: tuple[str, ...]  # ids of spans
    attributes: dict[str, str]
    failed: bool
    text: str  # all that was said about it


@dataclass
class Collector:
    """answers: cleared, it takes a request and says nothing until it is set."""

    url: str = ""
    spans: list[Told] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: Request) -> Response:
        assert request.headers["content-type"] == PROTOBUF
        body = await request.body()
        await self.answers.wait()
        asked = ExportTraceServiceRequest.FromString(body)
        for resource in asked.resource_spans:
            service = next(one.value.string_value for one in resource.resource.attributes if one.key == "service.name")
            self.spans += [_told(service, span) for scope in resource.scope_spans for span in scope.spans]
        return Response(ExportTraceServiceResponse().SerializeToString(), media_type=PROTOBUF)

    def named(self, name: str, service: str = "") -> list[Told]:
        return [span for span in self.spans if span.name == name and service in ("", span.service)]

    def below(self, parent: Told) -> list[Told]:
        return [span for span in self.spans if span.parent_id == parent.span_id and span.trace_id == parent.trace_id]


@asynccontextmanager
async def collector(*, answers: bool = True) -> AsyncIterator[Collector]:
    found = Collector()
    if answers:
        found.answers.set()
    app = Starlette(routes=[Route("/v1/traces", found.take, methods=["POST"])])
    async with on_a_port(app, until_ready=False) as client:
        found.url = str(client.base_url)
        try:
            yield found
        finally:
            found.answers.set()


@contextmanager
def black_hole() -> Iterator[str]:
    """Takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        held: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in held:
                connection.close()


def _told(service: str, span: WireSpan) -> Told:
    return Told(
        service=service,
        name=span.name,
        kind=WireSpan.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        links=tuple(link.span_id.hex() for link in span.links),
        attributes={one.key: one.value.string_value or str(one.value.int_value) for one in span.attributes},
        failed=span.status.code == span.status.STATUS_CODE_ERROR,
        text=str(span),
    )
