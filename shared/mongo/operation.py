"""What one request, event or job is, seen from the transaction that carries it out."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from shared.audit.entry import Who
from shared.clock import Clock
from shared.contracts.envelope import Envelope
from shared.mongo.inbox import inbox_key
from shared.spans import exporting
from shared.tracing import Trace, trace


@dataclass(frozen=True, slots=True)
class Operation:
    """What is fixed before a transaction begins and stays the same however often its body runs."""

    operation_id: str
    at: datetime
    correlation_id: str
    traceparent: str | None = None
    causation_id: str | None = None
    who: Who | None = None  # who asked for it; None: nobody but the clock

    @classmethod
    def now(cls, clock: Clock) -> "Operation":
        running: Trace = trace()
        return cls(str(uuid4()), clock.now(), running.correlation_id, running.traceparent)

    @classmethod
    def of(cls, envelope: Envelope, handler: str, clock: Clock) -> "Operation":
        """The handling of one event by one handler: a second delivery yields the same ids."""
        operation_id = inbox_key(handler, envelope.event_id)
        said_by = Who("service", envelope.source.rpartition("/")[2])
        return cls(operation_id, clock.now(), envelope.correlation_id, envelope.traceparent, envelope.event_id, said_by)

    def in_span(self) -> "Operation":
        """What it publishes and schedules hangs below the span that runs now, where spans are sent."""
        return replace(self, traceparent=trace().traceparent) if exporting() else self
