"""How much waits in a service's queues, as the broker counts it: asked over a connection that is there already."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from aio_pika.exceptions import AMQPError

from shared.messaging import consumer, publisher, topology
from shared.messaging.broker import Broker, only_our_cancel

WITHIN_S = 1.5


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """messages: those that nobody has in hand."""

    name: str
    messages: int
    consumers: int


class DepthsUnknown(Exception):
    """The broker is away, does not answer in time, or lacks a queue."""


async def queue_depths(broker: Broker, service: str) -> list[QueueDepth]:
    """The service's inbox, its delay queues and its dead queue; none for a service that hears no event. Raises DepthsUnknown."""
    names = queues_of(service, broker.retry_delays_s)
    if not names:
        return []
    purpose = next((one for one in (consumer.PURPOSE, publisher.PURPOSE) if broker.is_connected(one)), None)
    if purpose is None:  # asking for a channel would wait until it is back
        raise DepthsUnknown
    try:
        with only_our_cancel():
            async with asyncio.timeout(WITHIN_S), broker.brief_channel(purpose) as channel:
                found = [(await channel.declare_queue(name, passive=True, robust=False)).declaration_result for name in names]
    except (AMQPError, OSError, TimeoutError, RuntimeError) as error:
        raise DepthsUnknown from error
    return [
        QueueDepth(name, count.message_count or 0, count.consumer_count or 0) for name, count in zip(names, found, strict=True)
    ]


def queues_of(service: str, retry_delays_s: Sequence[int]) -> list[str]:
    if service not in topology.SUBSCRIPTIONS:
        return []
    waiting = [topology.retry_queue(service, delay_s) for delay_s in retry_delays_s]
    return [topology.inbox(service), *waiting, topology.dead_queue(service)]
