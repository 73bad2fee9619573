"""How the handling of events is timed and traced, and how deliveries that were handled already are counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry.trace import SpanKind

from shared.contracts.envelope import Envelope
from shared.metrics import metrics, timed
from shared.spans import entered
from shared.tracing import current_trace


@contextmanager
def processing(queue: str, envelopes: Sequence[Envelope]) -> Iterator[None]:
    """A batch: in the trace of its event where it is only one, else in one of its own with links to each."""
    first, alone = envelopes[0], len(envelopes) == 1
    with entered(
        f"process {queue}",
        kind=SpanKind.CONSUMER,
        correlation_id=first.correlation_id,
        traceparent=first.traceparent if alone else None,
        links=[] if alone else [envelope.traceparent for envelope in envelopes],
        attributes={
            "messaging.system": "rabbitmq",
            "messaging.destination.name": queue,
            "messaging.batch.message_count": len(envelopes),
        },
    ):
        yield


@contextmanager
def handling(envelope: Envelope) -> Iterator[None]:
    """In the event's own trace, linked to the batch that it came with."""
    batch, event_type = current_trace.get(), envelope.event.type
    attributes = {"messaging.system": "rabbitmq", "messaging.message.id": envelope.event_id, "eshik.event.type": event_type}
    with (
        entered(
            f"handle {event_type}",
            kind=SpanKind.CONSUMER,
            correlation_id=envelope.correlation_id,
            traceparent=envelope.traceparent,
            links=[batch.traceparent] if batch else [],
            attributes=attributes,
        ),
        timed(metrics().handler_duration, event_type),
    ):
        yield


def count_duplicates(delivered: Sequence[Envelope], handled: Sequence[Envelope]) -> None:
    """Twins within a batch, and what the inbox knew from before."""
    known = Counter(one.event.type for one in delivered) - Counter(one.event.type for one in handled)
    for event_type, count in known.items():
        metrics().duplicates.labels(event_type).inc(count)
