"""Acknowledging many deliveries in one frame: never one that is still in hand."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.messaging.acks import Acks
from tests.support.places import Place

QUEUE = "deliveries"


@asynccontextmanager
async def delivered(place: Place, count: int, *, prefetch: int = 100) -> AsyncIterator[list[AbstractIncomingMessage]]:
    """So many messages in the hands of one consumer, in order; when the block ends, what is not acknowledged goes back."""
    taken: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    async with await aio_pika.connect(place.rabbit_url) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=prefetch)
        queue = await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        await queue.consume(taken.put)
        yield [await asyncio.wait_for(taken.get(), 20) for _ in range(count)]


async def publish(place: Place, count: int) -> None:
    async with await aio_pika.connect(place.rabbit_url) as connection:
        channel = await connection.channel()
        await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        for number in range(count):
            await channel.default_exchange.publish(aio_pika.Message(str(number).encode()), QUEUE)


async def left(place: Place) -> list[int]:
    """What the queue still has, when nobody holds anything of it."""
    async with await aio_pika.connect(place.rabbit_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(QUEUE, passive=True)
        found = []
        while message := await queue.get(no_ack=True, fail=False):
            found.append(int(message.body))
        return sorted(found)


def chosen(messages: Sequence[AbstractIncomingMessage], *numbers: int) -> list[AbstractIncomingMessage]:
    return [message for message in messages if int(message.body) in numbers]


async def test_a_batch_without_a_gap_before_it_is_acknowledged_in_one_frame(place: Place) -> None:
    await publish(place, 60)
    async with delivered(place, 60) as messages:
        acks = Acks()
        await acks.settle(messages[:50])
        assert sum(message.processed for message in messages) == 1
    assert await left(place) == list(range(50, 60))


async def test_what_is_settled_behind_a_delivery_in_hand_does_not_take_that_one_along(place: Place) -> None:
    await publish(place, 8)
    async with delivered(place, 8) as messages:
        acks = Acks()
        await acks.settle(chosen(messages, 0, 1, 3, 6))
        await acks.settle(chosen(messages, 4))
    assert await left(place) == [2, 5, 7]


async def test_a_gap_that_closes_makes_one_frame_possible_again(place: Place) -> None:
    await publish(place, 8)
    async with delivered(place, 8) as messages:
        acks = Acks()
        await acks.settle(chosen(messages, 1, 2))
        await acks.settle(chosen(messages, 0))
        await acks.settle(chosen(messages, 3, 4, 5))
        assert sum(message.processed for message in messages) == 4
    assert await left(place) == [6, 7]


async def test_deliveries_of_a_channel_that_is_gone_acknowledge_nothing_of_the_one_that_came_after(place: Place) -> None:
    await publish(place, 8)
    acks = Acks()
    async with delivered(place, 8) as before:
        await acks.settle(chosen(before, 0))
    async with delivered(place, 7) as after:
        await acks.settle(before[1:])
        await acks.settle(chosen(after, 2))
        await acks.settle([*before[1:], *chosen(after, 1)])
    assert await left(place) == [3, 4, 5, 6, 7]


async def test_deliveries_of_two_open_channels_are_not_taken_for_each_other(place: Place) -> None:
    await publish(place, 8)
    async with delivered(place, 4, prefetch=4) as first, delivered(place, 4, prefetch=4) as second:
        await Acks().settle([first[2], second[0], second[1]])
    assert await left(place) == [0, 1, 3, 6, 7]
