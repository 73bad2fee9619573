"""Publishing with proof: returns only when RabbitMQ has confirmed the message, else raises."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from uuid import uuid4

import structlog
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage, AbstractRobustChannel, HeadersType
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError, DeliveryError, PublishError

from shared.contracts.envelope import CONTENT_TYPE
from shared.messaging import topology
from shared.messaging.broker import Broker, only_our_cancel

PURPOSE = "publish"
TIMEOUT_S = 5.0
GIVE_UP_S = 20.0
CLOSE_S = 2.0

log = structlog.get_logger(__name__)


class NotConfirmed(Exception):
    """Nobody knows whether the broker has the message: publish it again, receivers de-duplicate."""


class Unroutable(NotConfirmed):
    """The broker returned the message: no queue wants it. Publishing again helps only once a binding is back."""


class Refused(NotConfirmed):
    """The broker said no: a queue that wants the message is full. Other queues that want it may have it all the same."""


class BrokerAway(Exception):
    """There is no open channel: nothing was sent."""


class Publisher:
    """One channel with confirms. Any number of publishes may be in flight on it."""

    def __init__(self, broker: Broker, *, timeout_s: float = TIMEOUT_S) -> None:
        self._broker, self._timeout_s = broker, timeout_s
        self._channel: AbstractRobustChannel | None = None
        self._exchange: AbstractExchange | None = None
        self._failing_since: float | None = None

    async def open(self) -> None:
        """Wait for the broker. on_return_raises: an unroutable message must be an error, not a silent success."""
        try:
            self._channel = await self._broker.channel(PURPOSE, on_return_raises=True)
        except Exception:
            self._broker.drop(PURPOSE)  # a connection that gives no channel is of no use
            raise
        self._exchange = await self._channel.get_exchange(topology.EXCHANGE, ensure=False)

    async def check_open(self) -> None:
        """Raises BrokerAway where a publish could not even be tried.

        A channel on which nothing was confirmed for GIVE_UP_S is given up with its connection: after a broker's long pause
        the client may believe in a connection that no longer works.
        """
        if self._failing_since is not None and time.monotonic() - self._failing_since > GIVE_UP_S:
            log.error("publisher_gives_up_connection")
            self._failing_since, self._channel, self._exchange = None, None, None
            self._broker.drop(PURPOSE)
        if self._channel is None:
            await self.open()
        if self._channel is None or self._channel.is_closed or not self._broker.is_connected(PURPOSE):
            self._note_failure()
            raise BrokerAway

    def _note_failure(self) -> None:
        self._failing_since = self._failing_since or time.monotonic()

    async def publish(
        self,
        event_id: str,
        routing_key: str,
        body: bytes,
        correlation_id: str,
        traceparent: str | None,
        occurred_at: datetime,
    ) -> None:
        """Send one event to its subscribers. Raises Unroutable, Refused, NotConfirmed, BrokerAway."""
        if self._exchange is None:
            raise BrokerAway
        headers: HeadersType = {"event-id": event_id}
        if traceparent:
            headers["traceparent"] = traceparent
        message = Message(
            body,
            content_type=CONTENT_TYPE,
            delivery_mode=DeliveryMode.PERSISTENT,
            # unique for each attempt: the client matches what comes back by it, and a reused one hides a lost message
            message_id=f"{event_id}.{uuid4().hex[:12]}",
            correlation_id=correlation_id,
            type=routing_key,
            timestamp=occurred_at,
            headers=headers,
        )
        await self._confirmed(self._exchange, message, routing_key)

    async def move_to(self, queue: str, message: Message) -> None:
        """Put a message into a queue by name. Raises like publish."""
        if self._channel is None:
            raise BrokerAway
        await self._confirmed(self._channel.default_exchange, message, queue)

    async def _confirmed(self, exchange: AbstractExchange, message: Message, routing_key: str) -> None:
        try:
            # the outer timeout also covers waiting for a reconnect; aio-pika's own does not
            with only_our_cancel():
                async with asyncio.timeout(self._timeout_s):
                    heard = routing_key not in topology.HEARD_BY_OTHERS_ONLY
                    await exchange.publish(message, routing_key, mandatory=heard)
        except PublishError as error:
            self._failing_since = None
            raise Unroutable from error
        except DeliveryError as error:
            self._failing_since = None  # it answers, so the connection is well
            raise Refused from error
        except ChannelInvalidStateError as error:
            self._note_failure()
            raise BrokerAway from error
        except (AMQPError, TimeoutError, OSError, asyncio.InvalidStateError, RuntimeError) as error:
            self._note_failure()
            raise NotConfirmed from error
        self._failing_since = None

    async def close(self) -> None:
        """Bounded: over a dead line the broker's answer never comes, and the process must end."""
        if self._channel is not None and not self._channel.is_closed:
            with suppress(AMQPError, OSError, TimeoutError, RuntimeError), only_our_cancel():
                async with asyncio.timeout(CLOSE_S):
                    await self._channel.close()


def copy_of(message: AbstractIncomingMessage, headers: Mapping[str, str | int]) -> Message:
    """The same message with further headers and an id of its own, to be moved to another queue."""
    merged: HeadersType = {**message.headers, **headers}
    return Message(
        message.body,
        headers=merged,
        message_id=f"{(message.message_id or 'none').partition('.')[0]}.{uuid4().hex[:12]}",
        correlation_id=message.correlation_id,
        type=message.type,
        timestamp=message.timestamp,
        content_type=message.content_type,
        delivery_mode=DeliveryMode.PERSISTENT,
    )
