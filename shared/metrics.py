"""What a service counts and times of its own work with events and jobs, for Prometheus.

Labels are bounded: event types, job kinds, classes of reasons; never an id or anything a person wrote. What lies in the database
and in queues is asked when somebody scrapes (shared/web/metrics.py).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Final

from prometheus_client import Histogram

from shared.contracts.base import EVENTS
from shared.metrics_http import SHORT_S, HttpMetrics

HANDLING_S: Final = (0.0005, 0.001, 0.0025, *SHORT_S)  # most handlers gather what is written later, for the whole batch
LONG_S: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0)
SIZES: Final = (1, 2, 5, 10, 25, 50, 100, 200, 512)
JOB_OUTCOMES: Final = ("done", "put_back", "alarmed", "lease_lost", "not_written")

BROKEN_SEALS: Final = (
    "moved-or-altered",
    "other-key",
    "no-data-key",
    "not-sealed",
    "not-proven",
    "wrapped-key-altered",
    "key-encryption-key-missing",
)
SECOND_BODIES: Final = ("folder", "mail")
REASONS: Final = ("unreadable", "refused-by-broker", "handler-failed")  # classes of why a message was given up
UNREADABLE: Final = frozenset({"not-json", "not-a-cloudevent", "unknown-event-type", "event-data-invalid"})
BY_BROKER: Final = frozenset({"delivery_limit", "expired", "rejected", "maxlen", "unknown"})


def event_label(event_type: str | None) -> str:
    """The type where it is one of ours: a message may claim any."""
    return event_type if event_type in EVENTS else "unknown"


def reason_class(reason: str) -> str:
    """Few words for many reasons: an exception's class is a reason too, and there is no end of those."""
    if reason in UNREADABLE:
        return "unreadable"
    return "refused-by-broker" if reason in BY_BROKER else "handler-failed"


class Metrics(HttpMetrics):
    """What a service with events and jobs measures as well."""

    def __init__(self) -> None:
        super().__init__()
        self._of_publishing()
        self._of_handling()
        self._of_jobs()
        self._of_sealing()
        self._of_audit()
        self.retention_deleted = self._counter("retention_deleted", "What the daily purge deleted by a rule of retention", "kind")

    def _of_publishing(self) -> None:
        self.published = self._counter("events_published", "Events that the broker confirmed", "event_type")
        self.unroutable = self._counter("events_unroutable", "Events that came back: no queue wants them", "event_type")
        self.refused = self._counter("events_refused", "Events that a full queue refused; they wait", "event_type")
        self.not_confirmed = self._counter("events_not_confirmed", "Publishes without a confirm; they are repeated", "event_type")
        self.relay_lag = self._histogram(
            "relay_lag_seconds", "From when an event happened until the broker confirmed it", LONG_S, "event_type"
        )
        self.relay_batch = self._histogram("relay_batch_events", "Events that one round of the relay got confirmed", SIZES)

    def _of_handling(self) -> None:
        self.duplicates = self._counter("inbox_duplicates", "Deliveries of events that were handled already", "event_type")
        self.handler_duration = self._histogram(
            "handler_duration_seconds", "Handling one event, without the commit", HANDLING_S, "event_type"
        )
        self.batch_duration = self._histogram("consumer_batch_duration_seconds", "Handling one batch, commit included", SHORT_S)
        self.batch = self._histogram("consumer_batch_events", "Events of one batch", SIZES)
        self.waits = self._counter("consumer_waits", "Times that handling waited for a part that was away")
        self.retries = self._counter("event_retries", "Events put into a delay queue after a failed try", "event_type")
        self.dead_letters = self._counter("dead_letters_stored", "Messages given up and stored, by class of reason", "reason")
        for reason in REASONS:  # there from the start: a series that begins at 1 shows no increase
            self.dead_letters.labels(reason)

    def _of_jobs(self) -> None:
        self.job_runs = self._counter("job_runs", "Jobs worked, by how it ended", "kind", "outcome")
        self.job_duration = self._histogram("job_duration_seconds", "Working one job, its outcome included", LONG_S, "kind")

    def _of_sealing(self) -> None:
        self.seals_broken = self._counter("seals_broken", "Sealed values that did not open: altered, moved, or no key", "reason")
        for reason in BROKEN_SEALS:
            self.seals_broken.labels(reason)
        self.data_key_reads = self._counter("data_key_reads", "Look-ups of data keys that were not remembered")

    def _of_audit(self) -> None:
        self.audit_sequenced = self._counter("audit_entries", "Entries of the audit that were given their number")
        self.audit_checkpoints = self._counter("audit_checkpoints", "Checkpoints of the audit that were signed")
        self.audit_stands_still = self._counter(
            "audit_stands_still", "Looks at a log that is not what was signed: nothing is appended to it or signed"
        )
        self.audit_not_placed = self._counter(
            "audit_checkpoints_not_placed",
            "Tries to put a checkpoint where others keep it that failed; it is tried again",
            "body",
        )
        for body in SECOND_BODIES:
            self.audit_not_placed.labels(body)

    def expect(self, *, job_kinds: Iterable[str], said: Iterable[str], heard: Iterable[str], purged: Iterable[str] = ()) -> None:
        """Show these from the start, at zero: an alert can then see the first one happen."""
        for kind in purged:
            self.retention_deleted.labels(kind)
        for kind in job_kinds:
            for outcome in JOB_OUTCOMES:
                self.job_runs.labels(kind, outcome)
        for event_type in said:
            for counter in (self.published, self.unroutable, self.refused, self.not_confirmed):
                counter.labels(event_type)
        for event_type in heard:
            self.duplicates.labels(event_type)
            self.retries.labels(event_type)


_unwatched = Metrics()  # whatever runs outside an app, as in a command, counts here, and nobody reads it
current_metrics: ContextVar[Metrics] = ContextVar("current_metrics", default=_unwatched)


def metrics() -> Metrics:
    """Of the app whose part or request runs now."""
    return current_metrics.get()


@contextmanager
def timed(histogram: Histogram, *labels: str) -> Iterator[None]:
    """Observe how long the block takes, also when it raises."""
    began = perf_counter()
    try:
        yield
    finally:
        (histogram.labels(*labels) if labels else histogram).observe(perf_counter() - began)
