"""One queue, many handlers: parse, handle in batches, then ack - or retry later, or dead-letter with a reason.

While the database is away it waits in place: an outage spends no message's attempts. A batch that fails is handled one by
one, so that a poison message harms none of its neighbours.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog
from aio_pika import Message
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustChannel, AbstractRobustQueue
from aio_pika.exceptions import AMQPError

from shared.contracts.envelope import Envelope, UnreadableEvent
from shared.crash_points import crash_point
from shared.errors import Unavailable
from shared.handling import processing
from shared.messaging import topology
from shared.messaging.acks import Acks, ack, is_open
from shared.messaging.broker import Broker, only_our_cancel
from shared.messaging.publisher import BrokerAway, NotConfirmed, Publisher, copy_of
from shared.metrics import event_label, metrics, reason_class
from shared.tracing import known_traceparent
from shared.waiting import rest_s

log = structlog.get_logger(__name__)

PREFETCH = 100
BATCH = 50
WAIT_S = 0.5
DRAIN_S = 20.0
WATCH_S = 3.0
LOST_AFTER_S = 8.0  # connected, and the broker does not count us
RECONNECT_S = 30.0  # not connected: the client is given this long to come back by itself
SUBSCRIBE_S = 15.0
CANCEL_S = 2.0
NOT_STORED_S = 5.0
PURPOSE = "consume"
REPLAY_OF, REPLAY = "x-replay-of", "x-replay"  # the dead letter that this message was, and its how-manieth replay this is
KEPT_HEADERS = ("event-id", "traceparent", "x-attempt", "x-dead-reason", "x-dead-field", REPLAY_OF, REPLAY)

HandleBatch = Callable[[Sequence[Envelope]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DeadMessage:
    """What is kept of a message that was given up. reason and field name the fault, never the input."""

    message_id: str
    event_id: str | None
    event_type: str | None
    queue: str
    reason: str
    field: str
    attempts: int
    body: bytes
    correlation_id: str | None
    headers: Mapping[str, str | int]  # our own ones
    replay_of: str | None = None
    replay: int = 0


class Consumer:
    """Takes from <service>.inbox; handle must do all of a batch or, raising, nothing of it."""

    def __init__(self, broker: Broker, publisher: Publisher, service: str, handle: HandleBatch) -> None:
        self._broker, self._publisher, self._service, self._handle = broker, publisher, service, handle
        self._taken: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()  # None: stop() has come
        self._acks = Acks()
        self._stopping = asyncio.Event()
        self._channel: AbstractRobustChannel | None = None
        self._queue: AbstractRobustQueue | None = None
        self._tag: str | None = None
        self.waiting_for: str | None = None  # what keeps us from handling, for readiness

    async def run(self) -> None:
        """Until stop() or cancelled."""
        while not self._stopping.is_set():
            try:
                await self._consume()
            except Exception:
                self._broker.drop(PURPOSE)  # what it had in hand is delivered again, over a new one
                raise

    async def _consume(self) -> None:
        """Until stop(), or until the broker has lost us."""
        await self._subscribe()
        lost = asyncio.Event()
        watch = asyncio.create_task(self._watch(lost))
        try:
            while not self._stopping.is_set() and not lost.is_set():
                if batch := await self._take():
                    began = time.monotonic()
                    await self._process(batch)
                    if self._taken.qsize() < BATCH // 2:  # else the next batch is big enough
                        await asyncio.sleep(rest_s(time.monotonic() - began, len(batch)))
        finally:
            watch.cancel()
        if lost.is_set():
            log.error("consumer_lost", queue=topology.inbox(self._service))
            self._broker.drop(PURPOSE)  # closing the channel would wait for an answer that may never come

    async def stop(self) -> None:
        """Take nothing new; the batch in hand is finished by run(). What is left goes back to the queue."""
        self._stopping.set()
        self._taken.put_nowait(None)  # whoever waits for a message need not wait out his time
        if self._queue is not None and self._tag is not None:
            with suppress(AMQPError, OSError, TimeoutError, asyncio.InvalidStateError, RuntimeError), only_our_cancel():
                async with asyncio.timeout(CANCEL_S):  # the client's own holds only while it is connected
                    await self._queue.cancel(self._tag)

    async def close(self) -> None:
        if self._channel is not None and not self._channel.is_closed:
            with suppress(AMQPError, OSError, TimeoutError, RuntimeError), only_our_cancel():
                async with asyncio.timeout(2):
                    await self._channel.close()  # unacked messages are requeued by RabbitMQ

    async def attached(self) -> bool:
        """Whether the broker still counts a consumer on our queue: the client's own view can be wrong."""
        try:
            with only_our_cancel():
                async with asyncio.timeout(2), self._broker.brief_channel(PURPOSE) as channel:
                    queue = await channel.declare_queue(topology.inbox(self._service), passive=True, robust=False)
                    return bool(queue.declaration_result.consumer_count)
        except (AMQPError, OSError, TimeoutError, RuntimeError):
            return False

    async def _subscribe(self) -> None:
        self._taken = asyncio.Queue()  # what came over a connection that was given up comes again
        self._channel = await self._broker.channel(PURPOSE)
        with only_our_cancel():
            async with asyncio.timeout(SUBSCRIBE_S):
                await self._channel.set_qos(prefetch_count=PREFETCH)
                # ensured: a queue that is only named does not get its consumer back after a reconnect
                queue = await self._channel.get_queue(topology.inbox(self._service))
                assert isinstance(queue, AbstractRobustQueue)  # noqa: S101 (aio-pika's own type is wider)
                self._queue = queue
                self._tag = await queue.consume(self._taken.put)
        log.info("consumer_started", queue=queue.name)

    async def _watch(self, lost: asyncio.Event) -> None:
        """Say so when the broker has lost us and the client has not noticed, or does not come back from reconnecting."""
        missing_since: float | None = None
        while not lost.is_set():
            await asyncio.sleep(WATCH_S)
            if await self.attached():
                missing_since = None
                continue
            missing_since = missing_since or time.monotonic()
            patience_s = LOST_AFTER_S if self._broker.is_connected(PURPOSE) else RECONNECT_S
            if time.monotonic() - missing_since > patience_s:
                lost.set()

    async def _take(self) -> list[AbstractIncomingMessage]:
        try:
            async with asyncio.timeout(WAIT_S):
                taken = [await self._taken.get()]
        except TimeoutError:
            return []
        while len(taken) < BATCH and not self._taken.empty():
            taken.append(self._taken.get_nowait())
        return [message for message in taken if message is not None]

    async def _process(self, messages: Sequence[AbstractIncomingMessage]) -> None:
        readable: list[tuple[AbstractIncomingMessage, Envelope]] = []
        for message in messages:
            try:
                readable.append((message, _heard(message)))
            except UnreadableEvent as error:
                await self._move_aside(message, self._service, error.reason, error.field)
        if readable:
            with processing(topology.inbox(self._service), [envelope for _, envelope in readable]):
                await self._handle_patiently(readable)

    async def _handle_patiently(self, pairs: Sequence[tuple[AbstractIncomingMessage, Envelope]]) -> None:
        try:
            await self._handled([envelope for _, envelope in pairs])
        except _Refused as refused:
            if len(pairs) > 1:
                log.warning("batch_split", queue=topology.inbox(self._service), size=len(pairs), error=refused.reason)
                half = len(pairs) // 2  # finds the poison among 50 in 12 transactions, where one by one takes 50
                for part in (pairs[:half], pairs[half:]):
                    with processing(topology.inbox(self._service), [envelope for _, envelope in part]):
                        await self._handle_patiently(part)
            else:
                await self._retry_later(pairs[0][0], refused.reason)
            return
        crash_point("consumer.committed")
        await self._acks.settle([message for message, _ in pairs])

    async def _handled(self, envelopes: Sequence[Envelope]) -> None:
        first, wait_s, began = envelopes[0], WAIT_S, time.perf_counter()
        while True:
            try:
                await self._handle(envelopes)
            except Unavailable as error:
                self.waiting_for = type(error).__name__
                metrics().waits.inc()
                log.warning("consumer_waits", queue=topology.inbox(self._service), waiting_for=self.waiting_for)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, 5.0)
            except Exception as error:
                if len(envelopes) == 1:
                    log.exception("event_handler_failed", event_id=first.event_id, event_type=first.event.type)
                raise _Refused(type(error).__name__) from error
            else:
                self.waiting_for = None
                metrics().batch.observe(len(envelopes))
                metrics().batch_duration.observe(time.perf_counter() - began)
                return

    async def _retry_later(self, message: AbstractIncomingMessage, reason: str) -> None:
        attempt = _number(message.headers.get("x-attempt"))
        delays = self._broker.retry_delays_s
        if attempt >= len(delays):
            await self._move_aside(message, self._service, reason)
        else:
            metrics().retries.labels(event_label(message.type)).inc()
            await self._move(message, topology.retry_queue(self._service, delays[attempt]), {"x-attempt": attempt + 1})

    async def _move_aside(self, message: AbstractIncomingMessage, service: str, reason: str, field: str = "") -> None:
        log.error("event_dead_lettered", event_id=message.headers.get("event-id"), reason=reason, field=field)
        headers: dict[str, str | int] = {"x-dead-reason": reason, "x-dead-field": field}
        await self._move(message, topology.dead_queue(service), headers)

    async def _move(self, message: AbstractIncomingMessage, queue: str, headers: dict[str, str | int]) -> None:
        """Copy first, ack after: a crash in between doubles the message, and the inbox absorbs that."""
        copy: Message = copy_of(message, headers)
        while True:
            try:
                await self._publisher.move_to(queue, copy)
            except (NotConfirmed, BrokerAway):
                self.waiting_for = "broker"
                await asyncio.sleep(1)
            else:
                self.waiting_for = None
                await self._acks.settle([message])
                return


class DeadLetterDrain:
    """Moves <service>.inbox.dead into the database: stored first, acked after."""

    def __init__(self, broker: Broker, service: str, store: Callable[[DeadMessage], Awaitable[None]]) -> None:
        self._broker, self._service, self._store = broker, service, store

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            dropped = self._broker.drop_sign(PURPOSE)
            channel = await self._broker.channel(PURPOSE)
            with only_our_cancel():
                async with asyncio.timeout(SUBSCRIBE_S):
                    await channel.set_qos(prefetch_count=10)
                    queue = await channel.get_queue(topology.dead_queue(self._service))  # ensured, as in Consumer
                    await queue.consume(self._drain)
            await dropped.wait()

    async def _drain(self, message: AbstractIncomingMessage) -> None:
        dead = _dead_message(message, topology.inbox(self._service))
        while True:
            try:
                await self._store(dead)
            except Unavailable:
                await asyncio.sleep(2)
            except Exception as error:
                # given up here, it would hold one of the few places until the next reconnect, and ten of it all of them
                log.exception("dead_letter_not_stored", event_id=dead.event_id, error=type(error).__name__)
                await asyncio.sleep(NOT_STORED_S)
                if not is_open(message):
                    return  # it comes again over another
            else:
                crash_point("dead_letters.stored")
                metrics().dead_letters.labels(reason_class(dead.reason)).inc()
                log.info("dead_letter_parked", event_id=dead.event_id, reason=dead.reason, queue=dead.queue)
                await ack(message)
                return


class _Refused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _heard(message: AbstractIncomingMessage) -> Envelope:
    """With the trace of whoever published it, which goes on from the one in its body. Raises UnreadableEvent."""
    envelope = Envelope.from_body(message.body)
    published = message.headers.get("traceparent")
    known = known_traceparent(published) if isinstance(published, str) else None
    return replace(envelope, traceparent=known) if known else envelope


def _dead_message(message: AbstractIncomingMessage, queue: str) -> DeadMessage:
    headers: dict[str, Any] = dict(message.headers)
    by_broker: dict[str, Any] = next(iter(headers.get("x-death") or []), {})
    return DeadMessage(
        # by its content where it came without: a delivery tag begins anew with each channel, and hid one message behind another
        message_id=message.message_id or f"no-id.{hashlib.sha256(message.body).hexdigest()}",
        event_id=headers.get("event-id"),
        event_type=message.type,
        queue=queue,
        reason=str(headers.get("x-dead-reason") or by_broker.get("reason") or "unknown"),
        field=str(headers.get("x-dead-field") or ""),
        attempts=_number(headers.get("x-attempt")),
        body=message.body,
        correlation_id=message.correlation_id,
        headers={name: value for name in KEPT_HEADERS if isinstance(value := headers.get(name), str | int)},
        replay_of=str(headers[REPLAY_OF]) if headers.get(REPLAY_OF) else None,
        replay=_number(headers.get(REPLAY)),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
