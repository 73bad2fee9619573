"""Traces: what a caller began goes on, what is malformed is not repeated."""

import re

import pytest

from shared.tracing import Trace, current_trace, trace

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
WELL_FORMED = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def test_a_well_formed_trace_goes_on_in_a_span_of_our_own() -> None:
    going_on = Trace.start(correlation_id="case-2026-11-22.a_1", traceparent=PARENT)
    assert going_on.correlation_id == "case-2026-11-22.a_1"
    assert going_on.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert going_on.traceparent.endswith("-00")
    assert "00f067aa0ba902b7" not in going_on.traceparent


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        "",
        "garbage",
        PARENT.upper(),
        PARENT + "-extra",
        "01" + PARENT[2:],
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
        PARENT + "\n",
    ],
)
def test_what_is_no_traceparent_begins_a_trace_anew(traceparent: str | None) -> None:
    begun = Trace.start(traceparent=traceparent)
    assert WELL_FORMED.fullmatch(begun.traceparent)
    assert begun.trace_id not in {"0" * 32, "4bf92f3577b34da6a3ce929d0e0e4736"}
    assert begun.traceparent.endswith("-01")


@pytest.mark.parametrize("sent", [None, "", "short", "x" * 65, "with space in it", "line\nbreak-in-it", "ключ-дела-1"])
def test_a_correlation_id_that_could_spoil_a_log_is_replaced(sent: str | None) -> None:
    kept = Trace.start(correlation_id=sent).correlation_id
    assert kept != sent
    assert re.fullmatch(r"[0-9a-f-]{36}", kept)


def test_two_traces_do_not_meet() -> None:
    assert Trace.start().trace_id != Trace.start().trace_id


def test_the_trace_of_what_runs_now_is_found_again() -> None:
    running = Trace.start()
    token = current_trace.set(running)
    try:
        assert trace() is running
    finally:
        current_trace.reset(token)
    assert trace() is not running
