"""What the broker confirmed, returned, or said nothing about: an event counts as sent only where a queue has it."""

import asyncio
from collections import Counter

from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.applications import ApplicationApproved
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.messaging.publisher import NotConfirmed, Publisher, Unroutable
from shared.mongo.relay import IN_FLIGHT
from tests.fault.tcp_proxy import tcp_proxy
from tests.support.brokers import memory_alarm
from tests.support.faults import AT, Child, Counts, Load, Tap, broker_channel, settle, tapped
from tests.support.places import Place
from tests.support.serving import eventually

WANTED, UNWANTED = ApplicationApproved.type, "nobody.wants.this.v1"
EVENTS = 50
EVERYTHING = 1_000_000


class Sent:
    """What became of each copy, as the publisher was told."""

    def __init__(self) -> None:
        self.confirmed: set[str] = set()
        self.returned: set[str] = set()
        self.unknown: set[str] = set()
        self._slots = asyncio.Semaphore(IN_FLIGHT)

    async def publish(self, publisher: Publisher, number: int) -> None:
        """One copy of one of a few events; every third goes where no queue is bound."""
        async with self._slots:
            kind = WANTED if number % 3 else UNWANTED
            try:
                await publisher.publish(f"event-{number % EVENTS}", kind, copy_name(number).encode(), "corr-1234", None, AT)
            except Unroutable:
                self.returned.add(copy_name(number))
            except NotConfirmed:
                self.unknown.add(copy_name(number))
            else:
                self.confirmed.add(copy_name(number))


def copy_name(number: int) -> str:
    return f"{'wanted' if number % 3 else 'unwanted'}-{number}"


async def test_of_many_copies_of_one_event_in_flight_at_once_none_that_no_queue_wants_is_taken_for_sent(
    place: Place, counts: Counts
) -> None:
    broker, sent = Broker(place.rabbit_url, "applications", retry_delays_s=(1, 2)), Sent()
    copies, arrived = counts.pick(900, 2000), list[str]()

    async def note(message: AbstractIncomingMessage) -> None:
        arrived.append(message.body.decode())

    async with broker_channel(place) as channel:
        queue = await channel.declare_queue("every-copy", durable=True)
        await queue.bind(topology.EXCHANGE, WANTED)
        await queue.consume(note, no_ack=True)
        publisher = Publisher(broker)
        await publisher.open()
        await asyncio.gather(*(sent.publish(publisher, number) for number in range(copies)))
        await eventually(lambda: all_there(arrived, sent))
        await publisher.close()
        await broker.close()
    counts.compare({copy_name(number) for number in range(copies)}, sent.confirmed, Counter(arrived))
    wrongly_returned = sent.returned & set(arrived)
    counts.notes.append(
        f"copies that no queue wanted: {len(sent.returned)}; sent and absent: {counts.lost}; returned and there all the same: "
        f"{len(wrongly_returned)}"
    )
    counts.check()
    assert not wrongly_returned
    assert sent.returned


async def all_there(arrived: list[str], sent: Sent) -> bool:
    return len(arrived) >= sum(1 for name in sent.confirmed if name.startswith("wanted"))


async def test_an_event_whose_confirm_is_lost_on_the_way_is_published_again_and_has_one_effect(
    place: Place, child: Child, load: Load, counts: Counts
) -> None:
    async with tcp_proxy(place.servers.ports.amqp, amqp=True) as proxy, tapped(place, ApplicationApproved) as tap:
        child.environment["ESHIK_RABBIT_URL"] = proxy.in_url(place.rabbit_url)
        await child.start()
        for _ in range(counts.pick(1, 20)):
            proxy.confirms_to_swallow = EVERYTHING
            await load.run(20)
            await more_repeated(tap)
            proxy.confirms_to_swallow = 0
        await settle(load, counts, child)
        counts.notes.append(f"confirms swallowed: {proxy.confirms_swallowed}")
    counts.redelivered = tap.repeated


async def more_repeated(tap: Tap) -> None:
    before = tap.repeated

    async def check() -> bool:
        return tap.repeated > before

    await eventually(check, within_s=60)


async def test_an_event_that_a_broker_without_memory_leaves_unanswered_is_published_again_and_has_one_effect(
    place: Place, child: Child, load: Load, counts: Counts
) -> None:
    async with tapped(place, ApplicationApproved) as tap:
        await child.start()
        for _ in range(counts.pick(1, 5)):
            async with memory_alarm(place.servers.broker):
                await load.run(20)
                await more_unanswered(child, 1)
        await settle(load, counts, child)
    counts.redelivered = tap.repeated
    assert counts.redelivered > 0


async def more_unanswered(child: Child, count: int) -> None:
    log = child.folder / f"{child.role}.log"
    wanted = log.read_text().count("event_not_confirmed") + count

    async def check() -> bool:
        return log.read_text().count("event_not_confirmed") >= wanted

    await eventually(check, within_s=60)
