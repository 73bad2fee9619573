"""A dead queue that is full, or not there: what should go into it stays where it was, and goes once it can."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aio_pika.abc import AbstractChannel
from structlog.testing import capture_logs

from shared.contracts.applications import ApplicationApproved
from shared.contracts.envelope import Envelope
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.messaging.consumer import Consumer
from shared.messaging.publisher import Publisher
from shared.mongo.database import Database
from tests.fault.child import POISON
from tests.support.brokers import setting
from tests.support.faults import INBOX, Child, Counts, approved, broker_channel, is_empty, message_of
from tests.support.places import Place, managing
from tests.support.serving import eventually

DEAD = topology.dead_queue("documents")
ROOM = 5
OBSTACLES = ("full", "absent")
AGAIN_AFTER_MS = 1_000  # how soon the broker tries a dead letter again; its own 180 s only with --full
LAST_ATTEMPT = 99


@asynccontextmanager
async def obstructed(place: Place, obstacle: str) -> AsyncIterator[AbstractChannel]:
    """A place whose dead queue takes no more, or is gone. It is there again once a process starts, and has room once drained."""
    async with broker_channel(place) as channel:
        if obstacle == "full":
            await limit(place, DEAD, ROOM)
        else:
            await (await channel.get_queue(DEAD)).delete(if_unused=False, if_empty=False)
        yield channel


async def limit(place: Place, queue: str, room: int) -> None:
    async with managing(place.servers) as client:
        policy = {"pattern": f"^{queue}$", "definition": {"max-length": room}, "apply-to": "queues"}
        (await client.put(f"/api/policies/{place.vhost}/full", json=policy)).raise_for_status()

        async def in_force() -> bool:
            now = (await client.get(f"/api/queues/{place.vhost}/{queue}")).json()
            return bool((now.get("effective_policy_definition") or {}).get("max-length") == room)

        await eventually(in_force)


async def deliver(channel: AbstractChannel, events: Sequence[ApplicationApproved]) -> None:
    for event in events:
        message = message_of(event)
        message.headers["x-attempt"] = LAST_ATTEMPT
        await channel.default_exchange.publish(message, INBOX)


async def all_kept(place: Place, count: int) -> bool:
    """Whether the broker counts them all, in the inbox (what it could not dead-letter, too) or in the dead queue."""
    return await place.queue_depth(INBOX) + await place.queue_depth(DEAD) >= count


async def settle_parked(
    place: Place, child: Child, documents: Database, counts: Counts, events: Sequence[ApplicationApproved]
) -> None:
    """The process that declares and drains is there again; then everything is counted as what its collection holds."""
    wanted = {f"event-{event.subject_id}/{event.sequence}" for event in events}

    async def parked() -> Counter[str]:
        return Counter([row["event_id"] async for row in documents.db.dead_letters.find({}, {"event_id": 1})])

    async def all_parked() -> bool:
        return (await parked()).keys() >= wanted and await is_empty(place, DEAD)

    await child.start()
    try:
        await eventually(all_parked, within_s=counts.pick(60, 3600))  # every 180 s some two dozen of 200
    except AssertionError:
        counts.notes.append("some never came")
    assert await child.stop() == 0
    found = await parked()
    counts.compare(wanted, wanted, Counter(set(found)))
    counts.redelivered = sum(found.values()) - len(found)  # kept twice is allowed here, and nothing more than untidy
    counts.check()


@pytest.mark.parametrize("obstacle", OBSTACLES)
async def test_what_the_broker_dead_letters_stays_in_its_queue_until_the_dead_queue_takes_it(
    place: Place, child: Child, documents: Database, counts: Counts, obstacle: str
) -> None:
    events = [approved(number) for number in range(counts.pick(12, 200))]
    again_after_ms = counts.pick(AGAIN_AFTER_MS, 180_000)
    async with (
        setting(place.servers.broker, "dead_letter_worker_publisher_confirm_timeout", again_after_ms),
        obstructed(place, obstacle) as channel,
    ):
        await deliver(channel, events)
        inbox = await channel.get_queue(INBOX)
        for _ in events:
            message = await inbox.get(timeout=20)
            assert message is not None
            await message.reject(requeue=False)  # as one that was delivered too often
        await eventually(lambda: all_kept(place, len(events)))
        counts.notes.append(f"not in the dead queue while it was {obstacle}: {await place.queue_depth(INBOX)}")
        assert await place.queue_depth(INBOX) > 0
        await settle_parked(place, child, documents, counts, events)


@pytest.mark.parametrize("obstacle", OBSTACLES)
async def test_what_a_consumer_gives_up_stays_in_its_queue_until_the_dead_queue_takes_it(
    place: Place, child: Child, documents: Database, counts: Counts, obstacle: str
) -> None:
    # given up by whoever takes them: more than one consumer holds at once goes to the process that is started, too
    events = [approved(number, reference=POISON) for number in range(counts.pick(12, 200))]
    async with obstructed(place, obstacle) as channel:
        await deliver(channel, events)
        async with giving_up_all(place, channel, obstacle) as consumer:

            async def waits() -> bool:
                return consumer.waiting_for == "broker"

            await eventually(waits)
            await eventually(lambda: all_kept(place, len(events)))
            counts.notes.append(f"not in the dead queue while it was {obstacle}: {await place.queue_depth(INBOX)}")
            assert await place.queue_depth(INBOX) > 0
            await settle_parked(place, child, documents, counts, events)


@asynccontextmanager
async def giving_up_all(place: Place, channel: AbstractChannel, obstacle: str) -> AsyncIterator[Consumer]:
    """The consumer of production without its drain. Its connection declares all of the topology: the obstacle comes after."""

    async def refuse(envelopes: Sequence[Envelope]) -> None:
        raise RuntimeError("never")

    broker = Broker(place.rabbit_url, "documents", retry_delays_s=(1, 2))
    publisher = Publisher(broker)
    await publisher.open()
    await broker.channel("consume")
    if obstacle == "absent":
        await (await channel.get_queue(DEAD, ensure=False)).delete(if_unused=False, if_empty=False)
    consumer = Consumer(broker, publisher, "documents", refuse)
    with capture_logs():  # drawing a traceback with all its values takes long
        running = asyncio.create_task(consumer.run())
        try:
            yield consumer
        finally:
            await consumer.stop()
            await asyncio.wait([running], timeout=10)
            await consumer.close()
            await publisher.close()
            await broker.close()
