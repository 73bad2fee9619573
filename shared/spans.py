"""Spans of OpenTelemetry around what the process does, where an address is set that takes them; else next to nothing.

The trace context that we hand on (shared/tracing.py) is the running span's own, so that the next process's span hangs below it.
Attributes are route templates, types and ids of events: nothing of a person, and of an error its class alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)

from shared.tracing import Trace, current_trace, known_traceparent

Attributes = Mapping[str, str | int]
_ROOT = Context()  # we name the parent ourselves: what the library believes to be running is never asked

current_tracer: ContextVar[Tracer | None] = ContextVar("current_tracer", default=None)


def exporting() -> bool:
    """Whether what runs now belongs to an app that sends its spans somewhere."""
    return current_tracer.get() is not None


def begin(
    name: str,
    *,
    kind: SpanKind,
    correlation_id: str | None = None,
    traceparent: str | None = None,
    links: Sequence[str | None] = (),
    attributes: Attributes | None = None,
) -> tuple[Trace, Span]:
    """Go on with the trace that came along, or begin one. The caller ends the span, and sets current_trace.

    links: traceparents of other causes. Where nobody takes spans the trace goes on all the same, and the span does nothing.
    """
    going_on = Trace.start(correlation_id=correlation_id, traceparent=traceparent)
    tracer = current_tracer.get()
    if tracer is None:
        return going_on, INVALID_SPAN
    known = [context for one in links if (context := _context_of(one))]
    span = tracer.start_span(name, _parent(traceparent), kind, dict(attributes or {}), [Link(context) for context in known])
    if not span.get_span_context().is_valid:  # the library was switched off by a variable of its own
        return going_on, span
    return Trace(going_on.correlation_id, _traceparent_of(span)), span


@contextmanager
def entered(
    name: str,
    *,
    kind: SpanKind,
    correlation_id: str | None,
    traceparent: str | None,
    links: Sequence[str | None] = (),
    attributes: Attributes | None = None,
) -> Iterator[Span]:
    """What came from elsewhere (an event, a job) and is worked now: inside, its trace is the current one."""
    running, span = begin(
        name, kind=kind, correlation_id=correlation_id, traceparent=traceparent, links=links, attributes=attributes
    )
    with _running(running, span):
        yield span


@contextmanager
def span(
    name: str, *, kind: SpanKind = SpanKind.INTERNAL, below: Trace | None = None, attributes: Attributes | None = None
) -> Iterator[Span]:
    """A step of what runs now, or of the trace below which it hangs.

    Nothing is done, and the current trace stays, where nobody takes spans.
    """
    if not exporting():
        yield INVALID_SPAN
        return
    above = below or current_trace.get()
    correlation_id, traceparent = (above.correlation_id, above.traceparent) if above else (None, None)
    with entered(name, kind=kind, correlation_id=correlation_id, traceparent=traceparent, attributes=attributes) as begun:
        yield begun


@contextmanager
def _running(running: Trace, span: Span) -> Iterator[None]:
    before = current_trace.set(running)
    try:
        yield
    except BaseException as error:
        failed(span, error)
        raise
    finally:
        span.end()
        current_trace.reset(before)


def failed(span: Span, error: BaseException) -> None:
    """Its class, and never its text, which may quote what a person typed."""
    span.set_attribute("error.type", type(error).__name__)
    span.set_status(Status(StatusCode.ERROR))


def _parent(traceparent: str | None) -> Context:
    context = _context_of(traceparent)
    return set_span_in_context(NonRecordingSpan(context), _ROOT) if context else _ROOT


def _context_of(traceparent: str | None) -> SpanContext | None:
    known = known_traceparent(traceparent)
    if known is None:
        return None
    _, trace_id, span_id, flags = known.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def _traceparent_of(span: Span) -> str:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
