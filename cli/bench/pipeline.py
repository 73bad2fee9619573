"""Our processes of W5: transactions that publish with the relay beside them, and a service's consumer with one handler."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from cli.bench.cases import hand_in, on_submitted
from cli.bench.child import Link
from cli.bench.pace import at_once, per_second
from cli.bench.settled import until
from shared.clock import SystemClock
from shared.config import Settings
from shared.contracts.applications import ApplicationEvent
from shared.contracts.base import Event
from shared.contracts.envelope import Envelope
from shared.logs import configure_logs
from shared.messaging.broker import Broker
from shared.messaging.publisher import Publisher
from shared.messaging.topology import SUBSCRIPTIONS
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.relay import OutboxRelay
from shared.mongo.transactions import Handler, Transactions
from shared.runtime import Runtime

PRODUCER, CONSUMER = "applications", "notifications"
Key = tuple[str, int]  # of an event: whose, and which version


async def produce(link: Link) -> None:
    """Told a plan, it publishes those events, one transaction each, and says when each was due and how long it took.

    The relay works in this process, as in a service, which wakes its own without asking the database.
    """
    configure_logs("producer", "warning")
    database = Database(link.place.mongo_url, f"{link.place.database_prefix}{PRODUCER}")
    await database.ensure_indexes({**KERNEL_INDEXES, "cases": []})
    transactions = Transactions(database, SystemClock())
    publisher = Publisher(Broker(link.place.rabbit_url, PRODUCER))
    await publisher.open()
    relaying = asyncio.create_task(OutboxRelay(database, publisher, SystemClock()).run())
    link.say(ready=True)
    while plan := await link.heard("plan"):

        async def do(number: int, aggregates: int = plan["aggregates"]) -> None:
            case = (number % aggregates, 1 + number // aggregates) if aggregates else (number, 1)
            await transactions.run(hand_in, case)

        link.say(done=await driven(plan, do))
    relaying.cancel()


async def consume(link: Link) -> None:
    """Told how many, it says when each was committed first, and in which order, as soon as it has them all."""
    configure_logs("consumer", "warning")
    handlers: dict[type[Event], Handler] = dict.fromkeys(SUBSCRIPTIONS[CONSUMER], on_submitted)
    runtime = Runtime(CONSUMER, Settings(), handlers=handlers, jobs={}, indexes={"notes": [], "list_rows": []})
    await runtime.start()
    handled = runtime.transactions = WatchedTransactions(runtime.database, SystemClock())

    async def ready() -> bool:
        return set((await runtime.parts()).values()) == {"ok"}

    await until(ready, "the consumer is ready")
    link.say(ready=True)
    while wanted := await link.heard("wanted"):
        link.say(done=await all_of(handled.at, wanted))


class WatchedTransactions(Transactions):
    """Notes when the effects of each event were committed."""

    def __init__(self, database: Database, clock: SystemClock) -> None:
        super().__init__(database, clock)
        self.at: dict[Key, float] = {}

    async def run_batch(self, handlers: Mapping[type[Event], Handler], envelopes: Sequence[Envelope]) -> None:
        await super().run_batch(handlers, envelopes)
        committed = time.monotonic()
        for event in (envelope.event for envelope in envelopes):
            if isinstance(event, ApplicationEvent):
                self.at.setdefault((event.application_id, event.sequence), committed)


async def driven(plan: Mapping[str, Any], do: Any) -> dict[str, Any]:
    """plan: first, count, and at_once or per_second."""
    numbers = range(plan["first"], plan["first"] + plan["count"])
    if plan.get("per_second"):
        return (await per_second(numbers, plan["per_second"], do)).as_data()
    return (await at_once(numbers, plan["at_once"], do)).as_data()


async def all_of(handled: dict[Key, float], wanted: int) -> list[tuple[str, int, float]]:
    """Whose, which version and when, in the order of handling, as soon as there are so many."""

    async def enough() -> bool:
        return len(handled) >= wanted

    await until(enough, f"{wanted} events are handled", within_s=600)
    found = [(*key, at) for key, at in handled.items()]
    handled.clear()
    return found
