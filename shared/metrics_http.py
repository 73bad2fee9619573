"""What every process that answers HTTP measures, the portal too: requests, their time, and the process itself.

One registry per app, so that several apps can share a process. Labels are bounded: route templates, methods, classes of status;
never an id, a path or anything a person wrote.
"""

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

SHORT_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each counter, which nobody asks


def method_label(method: str) -> str:
    """A caller may send any word as a method."""
    return method if method in METHODS else "other"


class HttpMetrics:
    """What every process that answers HTTP measures, the portal too."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.http_requests = self._counter(
            "http_requests", "Requests answered, by route template (unmatched: none)", "method", "route", "status"
        )
        self.http_duration = self._histogram(
            "http_request_duration_seconds",
            "From a request to the first byte of its answer; a stream's end is not waited for",
            SHORT_S,
            "method",
            "route",
        )
        self.http_limited = self._counter("http_limited", "Requests refused because somebody asked too often", "by", "rate")
        self.http_running = self._gauge("http_requests_running", "Requests whose answer has not ended, open streams among them")

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(name, told, labels, namespace="eshik", registry=self.registry)

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(name, told, labels, namespace="eshik", registry=self.registry)

    def _histogram(self, name: str, told: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, told, labels, namespace="eshik", registry=self.registry, buckets=buckets)
