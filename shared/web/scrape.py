"""GET /metrics: what Prometheus reads from a process. On the process's own port only: the gateway leads nobody here."""

from collections.abc import Iterable
from typing import Protocol

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


class AsksOnScrape(Protocol):
    """What must be asked of others first, in bounded time."""

    async def families(self) -> Iterable[Metric]: ...


class _Found(Collector):
    """Answers as a collector does, for one scrape."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def scrape_route(registry: CollectorRegistry, asked: AsksOnScrape | None = None) -> APIRouter:
    """Open to whoever reaches the port, as health is: counts and times, and nothing of anybody."""
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        text = generate_latest(registry)
        if asked is not None:
            text += generate_latest(_Found(await asked.families()))
        return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router
