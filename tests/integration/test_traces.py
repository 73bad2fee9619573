"""One trace from a request to what it set off in other services; and a collector that is away harms nobody."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from opentelemetry.trace import SpanKind

from deploy.local.keys import make_keys
from shared.span_export import BATCH, QUEUE, SpanExport
from shared.spans import entered, exporting, span
from shared.tracing import Trace, current_trace, known_traceparent, trace
from tests.support.collector import Collector, Told, black_hole, collector
from tests.support.house import whole_house
from tests.support.killing import ServiceProcess
from tests.support.notifying import free_port
from tests.support.places import Place
from tests.support.serving import eventually

CALLERS = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SUBMISSION = "POST /api/applications/{application_id}/submission"
NOT_TOLD = ("aigerim", "Токтобекова", "citizen.example", "+7912", "AC1234567", "Bearer")
ATTRIBUTES = {
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "messaging.system",
    "messaging.destination.name",
    "messaging.batch.message_count",
    "messaging.message.id",
    "eshik.event.type",
    "eshik.job.outcome",
    "error.type",
}


@pytest.fixture
async def sending() -> AsyncIterator[tuple[Collector, SpanExport]]:
    """A collector, and the spans of an app called tests, which the test may make."""
    async with collector() as found:
        export = SpanExport("tests", found.url)
        export.start()
        export.watch()
        yield found, export
        await export.stop()


def only(found: list[Told]) -> Told:
    assert len(found) == 1, [(one.service, one.name) for one in found]
    return found[0]


async def test_one_trace_leads_from_a_request_through_every_service_that_its_event_reaches(place: Place, tmp_path: Path) -> None:
    keys = make_keys(tmp_path / "keys")
    async with collector() as found:
        async with whole_house(place, keys, tmp_path, {"ESHIK_OTLP_URL": found.url}) as house:
            application_id = await house.one_case()

        submission = only(found.named(SUBMISSION, "applications"))
        transaction = only(found.below(submission))
        publish = only(found.below(transaction))
        handled = [one for one in found.below(publish) if one.name.startswith("handle")]
        told = only(handled)
        jobs = found.below(told)
        asked = [one for job in jobs for one in found.below(job) if one.kind == "CLIENT"]
        answered = [one for call in asked for one in found.below(call)]

        assert (submission.kind, submission.attributes["http.response.status_code"]) == ("SERVER", "200")
        assert transaction.name == "transaction submit_application"
        assert (publish.name, publish.kind) == ("publish application.submitted.v1", "PRODUCER")
        assert (told.name, told.service, told.kind) == ("handle application.submitted.v1", "notifications", "CONSUMER")
        assert {job.name for job in jobs} == {"job send_notification"}
        assert {one.service for one in answered} == {"identity"}
        assert {one.attributes["http.route"] for one in answered} == {"/api/internal/people/{person_id}/contacts"}

        issued = only(found.named("job issue_document", "documents"))
        approval = only(found.named("handle application.approved.v1", "documents"))
        ready = only(found.named("handle document.issued.v1", "applications"))
        assert issued in found.below(approval)
        assert ready.trace_id == issued.trace_id == approval.trace_id

        assert {name for one in found.spans for name in one.attributes} <= ATTRIBUTES
        assert [(one.name, word) for one in found.spans for word in (*NOT_TOLD, application_id) if word in one.text] == []
        assert not [one.name for one in found.spans if re.search(r"[0-9a-f]{8}-", one.name)]


async def test_the_trace_handed_on_is_the_spans_own_and_goes_on_below_the_callers(
    sending: tuple[Collector, SpanExport],
) -> None:
    found, export = sending
    with entered("above", kind=SpanKind.SERVER, correlation_id="case-2026-11-22", traceparent=CALLERS):
        handed_on, correlation_id = trace().traceparent, trace().correlation_id
        with span("inside"):
            pass
    await export.stop()
    above, inside = only(found.named("above")), only(found.named("inside"))
    assert handed_on == f"00-{above.trace_id}-{above.span_id}-01"
    assert correlation_id == "case-2026-11-22"
    assert (above.trace_id, above.parent_id) == tuple(CALLERS.split("-")[1:3])
    assert inside.parent_id == above.span_id


async def test_who_is_not_to_be_traced_is_not_and_the_next_one_is_told(sending: tuple[Collector, SpanExport]) -> None:
    found, export = sending
    with entered("above", kind=SpanKind.SERVER, correlation_id=None, traceparent=CALLERS.removesuffix("01") + "00"):
        assert trace().traceparent.endswith("-00")
    await export.stop()
    assert found.spans == []


async def test_an_error_is_told_by_its_class_and_not_by_its_text(sending: tuple[Collector, SpanExport]) -> None:
    found, export = sending
    with pytest.raises(ValueError, match="Айгерим"), span("fails"):
        raise ValueError("Айгерим Токтобекова")
    await export.stop()
    failed = only(found.named("fails"))
    assert (failed.failed, failed.attributes["error.type"]) == (True, "ValueError")
    assert "Айгерим" not in failed.text


async def test_without_an_address_nothing_is_sent_and_the_trace_goes_on_all_the_same() -> None:
    export = SpanExport("tests", None)
    export.start()
    export.watch()
    before = Trace.start()
    current_trace.set(before)
    with span("inside") as nothing:
        assert trace() is before
    with entered("job", kind=SpanKind.CONSUMER, correlation_id="case-2026-11-22", traceparent=CALLERS):
        assert (trace().correlation_id, trace().trace_id) == ("case-2026-11-22", CALLERS.split("-")[1])
    await export.stop()
    assert not nothing.is_recording()
    assert not exporting()


async def test_where_the_library_is_switched_off_the_trace_goes_on_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    export = SpanExport("tests", "http://127.0.0.1:9")
    export.start()
    export.watch()
    with entered("job", kind=SpanKind.CONSUMER, correlation_id=None, traceparent=None):
        assert known_traceparent(trace().traceparent)
    with entered("job", kind=SpanKind.CONSUMER, correlation_id=None, traceparent=CALLERS):
        assert trace().trace_id == CALLERS.split("-")[1]
    await export.stop()


async def test_a_collector_that_does_not_answer_costs_spans_and_neither_memory_nor_time() -> None:
    loop = asyncio.get_running_loop()
    async with collector(answers=False) as found:
        export = SpanExport("tests", found.url)
        export.start()
        export.watch()
        for _ in range(3 * QUEUE):
            with span("many"):
                pass
        found.answers.set()
        await eventually(lambda: _some(found))
        began = loop.time()
        await export.stop()
        assert loop.time() - began < 20, "the library alone waits 30 s, and longer for more spans"
    assert BATCH <= len(found.spans) <= QUEUE + 2 * BATCH


async def test_the_end_of_a_process_does_not_wait_for_a_collector_that_hangs() -> None:
    loop = asyncio.get_running_loop()
    with black_hole() as url:
        export = SpanExport("tests", url)
        export.start()
        export.watch()
        for _ in range(QUEUE):
            with span("many"):
                pass
        began = loop.time()
        await export.stop()
        assert loop.time() - began < 12, "eight batches, 3 s for each, would be 24 s"


@pytest.mark.parametrize("away", ["hangs", "refuses"])
async def test_a_service_whose_collector_is_away_answers_and_ends_as_ever(place: Place, away: str) -> None:
    with black_hole() as url:
        address = url if away == "hangs" else f"http://127.0.0.1:{free_port()}"
        service = ServiceProcess("applications", free_port(), {**os.environ, **place.environment, "ESHIK_OTLP_URL": address})
        await service.start()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}", trust_env=False, timeout=20) as client:
            answers = await asyncio.gather(*(client.get("/api/services") for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        await service.stop()
        assert service.process is not None
        assert service.process.returncode == -signal.SIGTERM, "uvicorn ends by it, once all has stopped"


async def _some(found: Collector) -> bool:
    return bool(found.spans)
