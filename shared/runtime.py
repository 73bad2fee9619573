"""One running service: database, broker, relay, consumer, dead-letter drain and job worker, started and stopped in order.

It starts while database or broker are away, answers 503 meanwhile, and catches up when they are back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from prometheus_client.metrics_core import Metric

from shared.audit.keys import AuditKey
from shared.audit.second_body import second_bodies
from shared.clock import clock_from
from shared.config import Settings
from shared.contracts.base import EVENTS, Event
from shared.contracts.envelope import Envelope
from shared.errors import DatabaseUnavailable
from shared.jobs.job import JobKinds
from shared.jobs.worker import Worker
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.messaging.consumer import DRAIN_S, Consumer, DeadLetterDrain
from shared.messaging.publisher import Publisher
from shared.metrics import Metrics, current_metrics
from shared.mongo.audit import OWN_ROWS, Source
from shared.mongo.checkpoints import Checkpoints
from shared.mongo.database import Database, Db, Indexes, WrittenBeforeSealing
from shared.mongo.dead_letters import DeadLetters
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.purge_job import PURGE, Purge, Retention
from shared.mongo.relay import OutboxRelay
from shared.mongo.replaying import REPLAY_DEAD_LETTER, Replayer
from shared.mongo.rewrapping import Rewrapper
from shared.mongo.sealing import SealedFields
from shared.mongo.sequencer import Sequencer
from shared.mongo.transactions import Handler, Transactions
from shared.sealing.errors import UnusableKeys
from shared.span_export import SpanExport

log = structlog.get_logger(__name__)

DATA_IN_PLAIN = "holds-data-from-before-it-was-sealed-and-proven--delete-the-database-or-the-home-of-the-local-stack"
CANCEL_TRIES = 2  # a library may swallow one cancellation; we must end all the same

Handlers = Mapping[type[Event], Handler]
Measure = Callable[[Db, datetime], Awaitable[Metric]]  # of a service's own, asked at a scrape


class Runtime:
    """Made in create_app, started in the lifespan: a database client belongs to the loop it is made in."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        handlers: Handlers,
        jobs: JobKinds,
        indexes: Indexes,
        sealed: Sequence[SealedFields] = (),
        audited: Sequence[Source] = (),
        retention: Retention | None = None,
    ) -> None:
        """audited: collections beside audit whose rows are entries of the audit themselves. retention: by which the daily purge
        deletes; None: nothing is purged. Raises UnusableAuditKey."""
        expected = set(topology.SUBSCRIPTIONS.get(name, ()))
        if set(handlers) != expected:
            names = sorted(event.__name__ for event in set(handlers) ^ expected)
            raise ValueError(f"{name}: handlers and subscriptions differ in {', '.join(names)}")
        self.name, self.settings, self.clock = name, settings, clock_from(settings.clock_file)
        self.metrics, self.spans = Metrics(), SpanExport(name, settings.otlp_url)
        said = [
            event.type for event in EVENTS.values() if event.__module__.endswith(f".{name}")
        ]  # a contract lies in its service's
        self._handlers, self._jobs, self._indexes = handlers, jobs, indexes
        self.measured: list[Measure] = []
        self.sealed = tuple(sealed)
        self._validators = {fields.collection: fields.validator() for fields in sealed}
        self.retention = retention
        self._keys = settings.service_keys()
        if sealed and self._keys is None:
            raise UnusableKeys(f"{name} keeps personal data: set ESHIK_KEY_ENCRYPTION_KEYS_FILE")
        heard, purged = [event.type for event in handlers], [one.kind for one in retention.purged] if retention else []
        self.metrics.expect(job_kinds=self.job_kinds, said=said, heard=heard, purged=purged)
        self.audit_sources = (OWN_ROWS, *audited)
        self.audit_key = AuditKey.load(settings.audit_key_file) if settings.audit_key_file else None
        self._tasks: list[asyncio.Task[None]] = []
        self._indexes_made = asyncio.Event()
        self._no_indexes_yet = "not-made-yet"

    database: Database
    transactions: Transactions
    broker: Broker
    consumer: Consumer | None = None

    async def start(self) -> None:
        settings = self.settings
        self.spans.start()
        name = f"{settings.database_prefix}{self.name}"
        self.database = Database(settings.mongo_url, name, service=self.name, keys=self._keys)
        self.transactions = Transactions(self.database, self.clock)
        self.broker = Broker(settings.rabbit_url, self.name, retry_delays_s=settings.retry_delays_s)
        self._publisher = Publisher(self.broker)
        self.keep("database", self._run_on_database)
        self.keep("broker", self._run_on_broker)

    @property
    def job_kinds(self) -> Sequence[str]:
        """With the kernel's own: who hears events can be told to hear them again."""
        own = {REPLAY_DEAD_LETTER: bool(self._handlers), PURGE: self.retention is not None}
        return (*self._jobs, *(kind for kind, has in own.items() if has))

    @property
    def handler_names(self) -> dict[str, str]:
        """By event type, as the marks in the inbox begin."""
        return {event.type: handler.__name__ for event, handler in self._handlers.items()}

    async def prepared(self) -> None:
        """Wait until all collections exist; before, every transaction is refused as DatabaseUnavailable."""
        await self._indexes_made.wait()

    async def stop(self) -> None:
        """Finish what is in hand, give back the rest."""
        if self.consumer is not None:
            await self.consumer.stop()
            await asyncio.wait([self._consuming], timeout=DRAIN_S)
            await self.consumer.close()
        for _ in range(CANCEL_TRIES):
            if running := [task for task in self._tasks if not task.done()]:
                for task in running:
                    task.cancel()
                await asyncio.wait(running, timeout=DRAIN_S)
        await self._publisher.close()
        await self.broker.close()
        await self.database.close()
        await self.spans.stop()
        log.info("runtime_stopped")

    async def parts(self) -> dict[str, str]:
        """What readiness looks at: each part with ok, or a word for what is missing."""
        parts = {"database": "ok", "broker": "ok" if self.broker.connected else "away"}
        try:
            await self.database.ping()
        except DatabaseUnavailable:
            parts["database"] = "away"
        if not self._indexes_made.is_set():
            parts["indexes"] = self._no_indexes_yet
        if self._handlers:
            parts["consumer"] = await self._consumer_state()
        return parts

    async def _consumer_state(self) -> str:
        if self.consumer is None:
            return "not-started"
        if self.consumer.waiting_for:
            return f"waits-for-{self.consumer.waiting_for}"
        return "ok" if await self.consumer.attached() else "not-attached"

    def keep(self, name: str, part: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
        """Run a part in the background, and run it again should it ever fail."""

        async def forever() -> None:
            current_metrics.set(self.metrics)  # of this task, and of those it starts
            self.spans.watch()
            while True:
                try:
                    return await part()
                except asyncio.CancelledError:
                    if task.cancelling():
                        raise
                    # not we have told it to stop, but a library that gave up what it waited on
                    log.error("part_cancelled_by_library", part=name)
                    await asyncio.sleep(1)
                except Exception as error:
                    log.error("part_failed", part=name, exc_info=error)
                    await asyncio.sleep(1)

        task = asyncio.create_task(forever(), name=name)
        self._tasks.append(task)
        return task

    async def _run_on_database(self) -> None:
        while not self._indexes_made.is_set():
            try:
                await self.database.ensure_indexes({**KERNEL_INDEXES, **self._indexes}, self._validators)
                self._indexes_made.set()
            except WrittenBeforeSealing:
                if self._no_indexes_yet != DATA_IN_PLAIN:  # told once
                    log.error("data_from_before_sealing", what_to_do=DATA_IN_PLAIN)
                self._no_indexes_yet = DATA_IN_PLAIN
                await asyncio.sleep(1)
            except Exception as error:  # whatever it is, the service stays up and says it is not ready
                log.warning("indexes_wait_for_database", error=type(error).__name__)
                await asyncio.sleep(1)
        self.keep("audit", self._sequencer().run)
        kinds = dict(self._jobs)
        if self._handlers:
            kinds[REPLAY_DEAD_LETTER] = Replayer(self.database, self._publisher, self.name, self.clock).kind
        if self._keys:
            self.keep("data-keys", Rewrapper(self.database, self._keys.encryption, self.name).run)
        if self.retention:
            purge = Purge(self.database, self.transactions, self.clock, self.retention)
            kinds[PURGE] = purge.kind
            self.keep("retention", purge.keep_scheduled)
        if kinds:
            self.keep("jobs", Worker(self.database, self.transactions, self.clock, kinds).run)

    def _sequencer(self) -> Sequencer:
        settings = self.settings
        every = timedelta(seconds=settings.audit_checkpoint_every_s)
        checkpoints = Checkpoints(self.name, self.clock, self.audit_key, second_bodies(settings), every)
        return Sequencer(self.database, self.transactions, self.clock, self.name, self.audit_sources, checkpoints)

    async def _run_on_broker(self) -> None:
        await self._publisher.open()
        await self._indexes_made.wait()
        self.keep("relay", OutboxRelay(self.database, self._publisher, self.clock).run)
        if self._handlers:
            self.consumer = Consumer(self.broker, self._publisher, self.name, self._handle)
            self._consuming = self.keep("consumer", self.consumer.run)
            drain = DeadLetterDrain(self.broker, self.name, DeadLetters(self.database, self.clock).store)
            self.keep("dead-letters", drain.run)

    async def _handle(self, envelopes: Sequence[Envelope]) -> None:
        await self.transactions.run_batch(self._handlers, envelopes)
