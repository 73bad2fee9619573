"""What ties log lines, requests, events and jobs of one cause together: correlation id and W3C trace context."""

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_CORRELATION = re.compile(r"[A-Za-z0-9._-]{8,64}")


def known_traceparent(traceparent: str | None) -> str | None:
    """The same where it is well formed (W3C trace context, version 00), else None."""
    return traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None


@dataclass(frozen=True, slots=True)
class Trace:
    correlation_id: str
    traceparent: str

    @classmethod
    def start(cls, *, correlation_id: str | None = None, traceparent: str | None = None) -> "Trace":
        """Go on with what the caller sent where it is well formed, else begin anew; always a span of our own."""
        known = known_traceparent(traceparent)
        trace_id = known.split("-")[1] if known else secrets.token_hex(16)
        flags = known.split("-")[3] if known else "01"
        usable = correlation_id if correlation_id and _CORRELATION.fullmatch(correlation_id) else str(uuid4())
        return cls(usable, f"00-{trace_id}-{secrets.token_hex(8)}-{flags}")

    @property
    def trace_id(self) -> str:
        return self.traceparent.split("-")[1]


current_trace: ContextVar[Trace | None] = ContextVar("current_trace", default=None)


def trace() -> Trace:
    """The trace of what runs now; a new one where nothing began one."""
    return current_trace.get() or Trace.start()
