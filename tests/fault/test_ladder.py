"""Retries wait in one queue per delay: a short delay is never kept waiting by a long one that began before."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import chain, product

from aio_pika.abc import AbstractChannel
from structlog.testing import capture_logs

from shared.contracts.applications import ApplicationApproved
from shared.contracts.envelope import Envelope
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.messaging.consumer import Consumer
from shared.messaging.publisher import Publisher
from tests.support.faults import INBOX, Counts, approved, broker_channel, message_of, ready_in
from tests.support.places import Place
from tests.support.serving import eventually

SHORT_S, LONG_S = 4, 8
TOLERANCE = 0.1
AT_ONCE = 5
CONTROL = "control"


class FailsOnce:
    """Refuses each event once, and notes when it did and when the event came back.

    When it refuses one of the short delay, a control message begins to wait as long, in a queue of its own with nothing
    before it: what a busy machine does to the one it does to the other.
    """

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self.refused_at: dict[str, float] = {}
        self.back_at: dict[str, float] = {}
        self.times_back: Counter[str] = Counter()

    async def handle(self, envelopes: Sequence[Envelope]) -> None:
        names = [envelope.event.subject_id for envelope in envelopes]
        new = [name for name in names if not name.startswith(CONTROL) and name not in self.refused_at]
        if new and len(names) == 1:
            self.refused_at[new[0]] = time.monotonic()
            if new[0].startswith("short"):
                await self._channel.default_exchange.publish(message_of(named(f"{CONTROL}-{new[0]}")), CONTROL)
        if new:
            raise RuntimeError("not now")
        self.times_back.update(names)
        for name in names:
            self.back_at.setdefault(name, time.monotonic())

    async def have_come(self, count: int) -> None:
        async def check() -> bool:
            return len(self.back_at) >= count

        await eventually(check, within_s=60)

    def waited(self, name: str) -> float:
        return self.back_at[name] - self.refused_at[name]

    def came_behind(self, short: str, long: str) -> bool:
        """Whether the short one was due first, and came later."""
        was_due = self.refused_at[short] + (1 + TOLERANCE) * SHORT_S < self.refused_at[long] + LONG_S
        return was_due and self.back_at[short] > self.back_at[long]


def named(name: str) -> ApplicationApproved:
    return approved(0).model_copy(update={"application_id": name})


async def deliver(channel: AbstractChannel, name: str, *, attempt: int) -> None:
    message = message_of(named(name))
    message.headers["x-attempt"] = attempt
    await channel.default_exchange.publish(message, INBOX)


@asynccontextmanager
async def consuming(place: Place, channel: AbstractChannel) -> AsyncIterator[FailsOnce]:
    """The consumer of production, on a ladder of two delays, and the control's own queue."""
    broker, handler = Broker(place.rabbit_url, "documents", retry_delays_s=(SHORT_S, LONG_S)), FailsOnce(channel)
    short = next(spec for spec in topology.queues((SHORT_S,)) if spec.name == topology.retry_queue("documents", SHORT_S))
    await channel.declare_queue(CONTROL, durable=True, arguments=dict(short.arguments))
    publisher = Publisher(broker)
    await publisher.open()
    consumer = Consumer(broker, publisher, "documents", handler.handle)
    running = asyncio.create_task(consumer.run())
    try:
        with capture_logs():  # drawing a traceback with all its values takes longer than what is measured here
            yield handler
    finally:
        await consumer.stop()
        await asyncio.wait([running], timeout=10)
        await consumer.close()
        await publisher.close()
        await broker.close()


async def test_a_short_delay_that_begins_after_a_long_one_ends_on_time_and_before_it(place: Place, counts: Counts) -> None:
    shorts, longs = names("short", counts.pick(1, 10)), names("long", counts.pick(1, 10))
    async with broker_channel(place) as channel, consuming(place, channel) as handler:
        for number, (of_this_round, before) in enumerate(zip(shorts, longs, strict=True)):
            for name in before:
                await deliver(channel, name, attempt=1)
            await eventually(lambda: all_wait(place, LONG_S))
            for name in of_this_round:
                await deliver(channel, name, attempt=0)
            await handler.have_come(3 * AT_ONCE * (number + 1))
    expected = {*chain(*shorts, *longs)}
    counts.compare(expected, expected, Counter({name: times for name, times in handler.times_back.items() if name in expected}))
    behind = [handler.back_at[name] - handler.back_at[f"{CONTROL}-{name}"] for name in chain(*shorts)]
    counts.notes.append(
        f"behind a control message that waits alone: {statistics.median(behind):.3f} s of {SHORT_S} s in the median"
    )
    counts.check()
    assert statistics.median(behind) < TOLERANCE * SHORT_S
    assert min(handler.waited(name) for name in chain(*shorts)) > (1 - TOLERANCE) * SHORT_S
    assert min(handler.waited(name) for name in chain(*longs)) > (1 - TOLERANCE) * LONG_S
    for of_one_round, before in zip(shorts, longs, strict=True):
        assert not [pair for pair in product(of_one_round, before) if handler.came_behind(*pair)]


def names(kind: str, rounds: int) -> list[list[str]]:
    return [[f"{kind}-{number}-{one}" for one in range(AT_ONCE)] for number in range(rounds)]


async def all_wait(place: Place, delay_s: int) -> bool:
    return (await ready_in(place, topology.retry_queue("documents", delay_s)))[0] == AT_ONCE
