"""Labels that cannot grow, several apps in one process, and what a request counts as when it fails or never ends."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from shared.contracts.documents import DocumentIssued
from shared.metrics import REASONS, Metrics, current_metrics, event_label, metrics, reason_class
from shared.metrics_http import HttpMetrics, method_label
from shared.span_export import SpanExport
from shared.web.middleware import UNMATCHED, WatchRequests

COUNTED = "eshik_http_requests_total"


async def well(_request: Request) -> Response:
    return PlainTextResponse("well")


async def fails(_request: Request) -> Response:
    raise ValueError("a person's name might stand here")


async def endless(request: Request) -> Response:
    going_on: asyncio.Event = request.app.state.going_on

    async def lines() -> AsyncIterator[bytes]:
        yield b"first"
        await going_on.wait()

    return StreamingResponse(lines())


def watched(seen: HttpMetrics) -> Starlette:
    routes = [Route("/cases/{case_id}", well), Route("/fails", fails), Route("/endless", endless)]
    app = Starlette(routes=routes)
    app.add_middleware(WatchRequests, metrics=seen, spans=SpanExport("test", None))
    app.state.going_on = asyncio.Event()
    return app


def asking(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://test")


def test_two_apps_in_one_process_count_each_for_itself() -> None:
    first, second = Metrics(), Metrics()
    first.published.labels("application.submitted.v1").inc()
    assert first.registry.get_sample_value("eshik_events_published_total", {"event_type": "application.submitted.v1"}) == 1
    assert second.registry.get_sample_value("eshik_events_published_total", {"event_type": "application.submitted.v1"}) is None


async def test_a_part_counts_for_the_app_whose_task_it_runs_in() -> None:
    mine, others = Metrics(), Metrics()

    async def wait(watching: Metrics) -> Metrics:
        current_metrics.set(watching)
        await asyncio.sleep(0)
        return metrics()

    assert list(await asyncio.gather(wait(mine), wait(others))) == [mine, others]
    assert metrics() not in (mine, others)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("not-json", "unreadable"),
        ("event-data-invalid", "unreadable"),
        ("delivery_limit", "refused-by-broker"),
        ("unknown", "refused-by-broker"),
        ("KeyError", "handler-failed"),
        ("Айгерим", "handler-failed"),
    ],
)
def test_any_reason_is_one_of_few_classes(reason: str, told: str) -> None:
    assert reason_class(reason) == told
    assert told in REASONS


def test_words_that_anybody_may_send_become_no_label() -> None:
    assert event_label(DocumentIssued.type) == DocumentIssued.type
    assert (event_label("aigerim"), event_label(None)) == ("unknown", "unknown")
    assert (method_label("POST"), method_label("AIGERIM")) == ("POST", "other")


async def test_a_request_counts_by_its_template_whatever_stands_in_its_path() -> None:
    seen = HttpMetrics()
    async with asking(watched(seen)) as client:
        for name in ("aigerim", "nurlan"):
            await client.get(f"/cases/{name}?name={name}")
            await client.get(f"/{name}")
    counted = seen.registry.get_sample_value
    assert counted(COUNTED, {"method": "GET", "route": "/cases/{case_id}", "status": "2xx"}) == 2
    assert counted(COUNTED, {"method": "GET", "route": UNMATCHED, "status": "4xx"}) == 2
    assert b"aigerim" not in generate_latest(seen.registry)


async def test_a_request_that_fails_counts_as_our_error_once() -> None:
    seen = HttpMetrics()
    async with asking(watched(seen)) as client:
        assert (await client.get("/fails")).status_code == 500
    assert seen.registry.get_sample_value(COUNTED, {"method": "GET", "route": "/fails", "status": "5xx"}) == 1
    assert seen.registry.get_sample_value("eshik_http_requests_running") == 0


async def test_a_stream_counts_when_its_answer_begins_and_runs_until_it_ends() -> None:
    seen = HttpMetrics()
    app = watched(seen)
    came: list[str] = []

    async def send(message: dict[str, object]) -> None:
        came.append(str(message["type"]))
        if len(came) == 2:  # the answer has begun, and its first piece is there
            assert seen.registry.get_sample_value(COUNTED, {"method": "GET", "route": "/endless", "status": "2xx"}) == 1
            assert seen.registry.get_sample_value("eshik_http_requests_running") == 1
            app.state.going_on.set()

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        return {}

    scope = {"type": "http", "method": "GET", "path": "/endless", "headers": [], "query_string": b""}
    await app(scope, receive, send)  # type: ignore[arg-type]
    assert len(came) > 2
    assert seen.registry.get_sample_value("eshik_http_requests_running") == 0
