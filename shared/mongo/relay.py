"""Moves outbox rows to RabbitMQ. A row is deleted only after the broker confirmed its message.

Woken by the commits of its process and by a change stream, but the truth is what lies in the outbox: each round publishes by
state, never by position, so that a transaction which commits late, or a lost resume token, loses nothing.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from opentelemetry.trace import SpanKind

from shared.clock import Clock
from shared.crash_points import crash_point
from shared.errors import DatabaseUnavailable
from shared.messaging.publisher import BrokerAway, NotConfirmed, Publisher, Refused, Unroutable
from shared.metrics import event_label, metrics
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Database, Document, within
from shared.mongo.insert_watch import watch_inserts
from shared.mongo.leases import Lease
from shared.spans import exporting, span
from shared.tracing import Trace, trace
from shared.waiting import rest_s, told_to_end, woken_or_after

log = structlog.get_logger(__name__)

READ = 8_192  # rows read at once: a backlog is read a few times as a whole, not once for each round
ROUND = 512  # rows published, then deleted, together
DELETE = 64  # ids in one delete: SecantusDB compares each row with each of them
IN_FLIGHT = 128  # confirms awaited at once: more adds latency, not throughput
SWEEP_S = 2.0
ANOTHERS_S = 0.25  # while another relay has the lease, how soon after a sign it is asked for again
BROKER_WAIT_S = 0.5
HOLD = timedelta(seconds=10)
FULL_S = 5.0  # a full queue is tried again after this; sooner, its type would only crowd the queues that have room


class OutboxRelay:
    def __init__(self, database: Database, publisher: Publisher, clock: Clock, *, lease_ttl_s: float = 10.0) -> None:
        self._database, self._publisher, self._clock = database, publisher, clock
        self.lease = Lease(database.db.leases, "outbox-relay", ttl_s=lease_ttl_s)
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._full_until: dict[str, float] = {}  # types of which a queue took no more, by the monotonic clock

    async def run(self) -> None:
        """Until cancelled. Whatever goes wrong, the rows stay and the next round tries again."""
        watcher = asyncio.create_task(watch_inserts(self._database, "outbox", self._wake))
        try:
            while not told_to_end():
                await self._round()
        finally:
            watcher.cancel()
            with suppress(DatabaseUnavailable):
                await self.lease.release()

    async def _round(self) -> None:
        moved, more, began = 0, False, time.monotonic()
        self._wake.clear()  # before reading: what is committed after it wakes us again
        try:
            if await self.lease.hold():
                moved, more = await self._publish_pending()
        except DatabaseUnavailable:
            log.warning("outbox_relay_waits_for_database")
        except BrokerAway:
            log.warning("outbox_relay_waits_for_broker")
            await asyncio.sleep(BROKER_WAIT_S)  # whatever is committed meanwhile: else each event is a round and a log line
        except Exception as error:
            log.exception("outbox_round_failed", error=type(error).__name__)
        if not more:
            await asyncio.sleep(rest_s(time.monotonic() - began, moved) if self.lease.held else ANOTHERS_S)
            await woken_or_after(self._wake, SWEEP_S)

    async def _publish_pending(self) -> tuple[int, bool]:
        """Publish what waits. Out: how many left, and whether to look again at once. Raises BrokerAway, DatabaseUnavailable."""
        await self._publisher.check_open()
        with within(BACKGROUND_TIMEOUT_S):
            rows = await self._database.db.outbox.find(self._to_publish()).limit(READ).to_list()
        moved, fence = 0, self.lease.fence
        for groups in _rounds(rows):
            confirmed = await self._publish_round(groups)
            moved += confirmed
            if not confirmed or not await self.lease.hold() or self.lease.fence != fence:
                break  # under a new fence what was read may be another relay's work by now: it is read again
            await self._publisher.check_open()
        return moved, moved > 0 and (moved < len(rows) or len(rows) == READ)

    async def _publish_round(self, groups: Sequence[Sequence[Document]]) -> int:
        """Out: how many events were confirmed and deleted. Raises BrokerAway, when those that were confirmed are deleted."""
        outcomes = await asyncio.gather(*(self._publish_in_order(group) for group in groups), return_exceptions=True)
        confirmed = [event_id for outcome in outcomes if isinstance(outcome, list) for event_id in outcome]
        crash_point("relay.confirmed")
        if confirmed:
            for start in range(0, len(confirmed), DELETE):
                with within(BACKGROUND_TIMEOUT_S):
                    await self._database.db.outbox.delete_many({"_id": {"$in": confirmed[start : start + DELETE]}})
            crash_point("relay.deleted")
            metrics().relay_batch.observe(len(confirmed))
            log.info("outbox_batch_published", count=len(confirmed), fence=self.lease.fence)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return len(confirmed)

    async def _publish_in_order(self, rows: Sequence[Document]) -> list[str]:
        confirmed: list[str] = []
        for row in rows:
            async with self._slots:
                if not self.lease.held:  # paused past the lease: another relay may be at work
                    break
                if row["type"] in self._full_until:  # what others in this round were told holds for this one, too
                    break
                try:
                    await self._publish(row)
                except Unroutable:
                    metrics().unroutable.labels(event_label(row["type"])).inc()
                    log.error("event_unroutable", event_id=row["_id"], event_type=row["type"])
                    await self._hold(row["_id"])
                    break
                except Refused:
                    metrics().refused.labels(event_label(row["type"])).inc()
                    log.warning("event_refused_by_full_queue", event_id=row["_id"], event_type=row["type"])
                    self._full_until[row["type"]] = time.monotonic() + FULL_S
                    break
                except NotConfirmed as error:
                    metrics().not_confirmed.labels(event_label(row["type"])).inc()
                    log.warning("event_not_confirmed", event_id=row["_id"], error=type(error.__cause__).__name__)
                    break
                confirmed.append(row["_id"])
        return confirmed

    async def _publish(self, row: Document) -> None:
        kind = event_label(row["type"])
        below = Trace(row["correlation_id"], row["traceparent"]) if row["traceparent"] else None
        attributes = {"messaging.system": "rabbitmq", "messaging.message.id": row["_id"], "eshik.event.type": kind}
        with span(f"publish {kind}", kind=SpanKind.PRODUCER, below=below, attributes=attributes):
            traceparent = trace().traceparent if exporting() else row["traceparent"]
            body, occurred_at = row["body"].encode(), row["occurred_at"]
            await self._publisher.publish(row["_id"], row["type"], body, row["correlation_id"], traceparent, occurred_at)
        metrics().published.labels(kind).inc()
        metrics().relay_lag.labels(kind).observe(max(0.0, (self._clock.now() - occurred_at).total_seconds()))

    def _to_publish(self) -> Document:
        """Not what a full queue refused just now, nor what is held: it would take the place of others in each round."""
        self._full_until = {kind: until for kind, until in self._full_until.items() if until > time.monotonic()}
        full = {"type": {"$nin": list(self._full_until)}} if self._full_until else {}
        return {"held_until": {"$not": {"$gt": self._clock.now()}}, **full}

    async def _hold(self, event_id: str) -> None:
        """Set a refused row aside for a while."""
        with within(BACKGROUND_TIMEOUT_S):
            await self._database.db.outbox.update_one({"_id": event_id}, {"$set": {"held_until": self._clock.now() + HOLD}})


def _rounds(rows: Sequence[Document]) -> Iterator[list[list[Document]]]:
    """Groups to publish side by side: one aggregate's events in their order, all of them in one round."""
    by_subject: dict[str, list[Document]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["sequence"], row["position"])):
        by_subject[row["subject"]].append(row)
    together: list[list[Document]] = []
    size = 0
    for group in by_subject.values():
        together.append(group)
        size += len(group)
        if size >= ROUND:
            yield together
            together, size = [], 0
    if together:
        yield together
