"""Sends spans to an OTLP address from a thread of its own: bounded in memory, and in time when the process ends.

A collector that is away costs spans, and neither a request nor the process's end waits for it.
"""

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from opentelemetry.trace import Tracer

from shared.spans import current_tracer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

QUEUE = 2_048  # spans kept while the collector is slow; then the oldest go
BATCH = 256
EVERY_MS = 1_000
ATTEMPT_S = 3.0
LAST_WORDS_S = 2.0  # at the end, for what was not sent yet


class SpanExport:
    """Of one app: started and ended with it. url: base address of OTLP over HTTP; none, and nothing is made or sent."""

    def __init__(self, service: str, url: str | None) -> None:
        self._service, self._url = service, url
        self._provider: TracerProvider | None = None
        self._exporter: SpanExporter | None = None
        self.tracer: Tracer | None = None

    def start(self) -> None:
        if not self._url:
            return
        # imported late: who sends no spans need not load what sends them
        import requests
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        session = requests.Session()
        session.trust_env = False  # as our other clients: no proxy of the machine's
        self._exporter = OTLPSpanExporter(f"{self._url.rstrip('/')}/v1/traces", timeout=ATTEMPT_S, session=session)
        resource = Resource.create({"service.name": self._service, "service.namespace": "eshik"})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(self._exporter, max_queue_size=QUEUE, schedule_delay_millis=EVERY_MS, max_export_batch_size=BATCH)
        )
        self.tracer = self._provider.get_tracer("eshik")

    def watch(self) -> None:
        """What runs in this context from now on belongs to this app."""
        current_tracer.set(self.tracer)

    async def stop(self) -> None:
        """Send what is left, for LAST_WORDS_S at most."""
        provider, self._provider, self.tracer = self._provider, None, None
        if provider is None or self._exporter is None:
            return
        sent = asyncio.Event()
        loop = asyncio.get_running_loop()

        def send() -> None:
            provider.shutdown()
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(sent.set)

        threading.Thread(target=send, name="last-spans", daemon=True).start()
        try:
            async with asyncio.timeout(LAST_WORDS_S):
                await sent.wait()
        except TimeoutError:
            self._exporter.shutdown()  # wakes its wait between two tries
