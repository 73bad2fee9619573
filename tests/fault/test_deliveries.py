"""Messages that come more than once, or cannot be handled at all."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import shuffle

import pytest

from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved
from shared.contracts.base import Event
from shared.messaging import topology
from shared.mongo.database import Database
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.fault.child import POISON
from tests.support.faults import (
    KILLED,
    Child,
    Counts,
    approved,
    broker_channel,
    envelope_of,
    is_empty,
    key_of,
    message_of,
)
from tests.support.places import Place, managing
from tests.support.serving import eventually

DELIVERIES = 5
TRIES = 3  # the first, and one after each of the two delays that tests have
DEAD = topology.dead_queue("documents")


async def deliver(place: Place, events: list[ApplicationApproved]) -> None:
    """All at once; an event that is in the list more than once comes that often."""
    async with broker_channel(place) as channel:
        exchange = await channel.get_exchange(topology.EXCHANGE, ensure=False)
        messages = [message_of(event) for event in events]
        await asyncio.gather(*(exchange.publish(message, ApplicationApproved.type) for message in messages))


async def effects_of(database: Database) -> Counter[str]:
    return Counter([row["key"] async for row in database.db.effects.find({}, {"key": 1})])


@pytest.fixture
async def notifications(place: Place) -> AsyncIterator[Database]:
    database = Database(place.mongo_url, f"{place.database_prefix}notifications")
    yield database
    await database.close()


async def test_an_event_delivered_one_to_five_times_at_once_to_three_processes_has_one_effect_in_each_service_that_hears_it(
    place: Place, child: Child, documents: Database, notifications: Database, counts: Counts, tmp_path: Path
) -> None:
    events = [approved(number) for number in range(counts.pick(60, 1000))]
    twins = [event for number, event in enumerate(events) for _ in range(1 + number % DELIVERIES)]
    shuffle(twins)  # so that they reach different processes, and the same one in different batches
    same = [child, *(Child(place, tmp_path / name) for name in ("second", "third"))]
    for each in same[1:]:
        each.folder.mkdir()
    children = [*same, Child(place, tmp_path, role="notifications")]
    for each in children:
        each.environment["FAULT_SLOW_S"] = "0.002"  # so that all three are at work at once
        await each.start()
    await deliver(place, twins)

    async def all_acted() -> bool:
        return len(await effects_of(documents)) == len(await effects_of(notifications)) == len(events)

    try:
        await eventually(all_acted, within_s=60)
        await eventually(lambda: is_empty(place))
        await eventually(lambda: is_empty(place, topology.inbox("notifications")))
    finally:
        assert {await each.stop() for each in children} == {0}
    keys = {key_of(event) for event in events}
    for database in (documents, notifications):
        counts.compare(keys, keys, await effects_of(database))
    counts.redelivered = 2 * (len(twins) - len(events))
    counts.check()
    assert all(each.handed() for each in same)


async def test_two_handlers_each_act_once_on_one_event_that_comes_five_times_at_once(documents: Database, counts: Counts) -> None:
    async def on_first(event: Event, uow: UnitOfWork) -> None:
        await uow.db.effects.insert_one({"key": f"first {key_of(event)}"}, session=uow.session)

    async def on_second(event: Event, uow: UnitOfWork) -> None:
        await uow.db.effects.insert_one({"key": f"second {key_of(event)}"}, session=uow.session)

    transactions = Transactions(documents, SystemClock())
    events = [approved(number) for number in range(counts.pick(5, 200))]
    for event in events:
        both = [transactions.run_once(handler, envelope_of(event)) for handler in (on_first, on_second) * DELIVERIES]
        await asyncio.gather(*both)
    keys = {f"{which} {key_of(event)}" for event in events for which in ("first", "second")}
    counts.compare(keys, keys, await effects_of(documents))
    counts.redelivered = len(keys) * (DELIVERIES - 1)
    counts.check()


async def test_poison_among_good_messages_is_parked_after_exactly_three_tries_and_the_good_ones_are_handled(
    place: Place, child: Child, documents: Database, counts: Counts
) -> None:
    size = counts.pick(120, 2000)
    poisoned = {number for number in range(size) if number % 40 in (20, 21)}
    events = [approved(number, reference=POISON if number in poisoned else "GOOD") for number in range(size)]
    await deliver(place, events)  # before anybody listens, so that they are handled in full batches
    await child.start()
    good = {key_of(event) for event in events if event.reference != POISON}

    async def all_settled() -> bool:
        parked = await documents.db.dead_letters.count_documents({})
        return parked == len(poisoned) and len(await effects_of(documents)) == len(good)

    await eventually(all_settled, within_s=60)
    assert await child.stop() == 0
    counts.compare(good, good, await effects_of(documents))
    counts.notes.append(f"poison parked: {len(poisoned)} of {len(poisoned)}, tries each: {TRIES}")
    counts.check()
    batches = child.notes("handed")
    assert max(len(batch) for batch in batches) > 1
    alone = Counter(batch[0] for batch in batches if len(batch) == 1)
    async for letter in documents.db.dead_letters.find({}):
        assert (letter["reason"], letter["queue"], letter["attempts"]) == ("RuntimeError", "documents.inbox", TRIES - 1)
        assert alone[letter["event_id"]] == TRIES


async def test_a_dead_letter_whose_process_is_killed_between_store_and_ack_is_kept_once(
    place: Place, child: Child, documents: Database, counts: Counts
) -> None:
    kills = counts.pick(2, 50)
    for number in range(kills):
        await child.start(crash_at="dead_letters.stored")
        child.arm()
        await dead_letter(place, f"body {number}", message_id=f"event-{number}.1")
        assert await child.died() == KILLED
    await child.start()
    await eventually(lambda: is_empty(place, DEAD))
    assert await child.stop() == 0
    assert await is_empty(place, DEAD)
    expected = {f"body {number}" for number in range(kills)}
    counts.compare(expected, expected, await parked(documents))
    counts.redelivered = kills
    counts.check()


async def test_dead_letters_that_came_without_an_id_are_all_kept_and_once_each(
    place: Place, child: Child, documents: Database, counts: Counts
) -> None:
    expected = set()
    for number in range(counts.pick(2, 10)):  # each is the first delivery of its process
        await child.start(crash_at="dead_letters.stored")
        child.arm()
        await dead_letter(place, f"body {number}")
        expected.add(f"body {number}")
        assert await child.died() == KILLED
        await child.start()
        await eventually(lambda: is_empty(place, DEAD))
        assert await child.stop() == 0
    counts.compare(expected, expected, await parked(documents))
    counts.check()


async def dead_letter(place: Place, body: str, **properties: str) -> None:
    """As the broker itself puts one there when its delivery limit is reached; over HTTP, as clients add ids of their own."""
    message = {"routing_key": DEAD, "payload": body, "payload_encoding": "string"}
    async with managing(place.servers) as client:
        path = f"/api/exchanges/{place.vhost}/amq.default/publish"
        answer = await client.post(path, json=message | {"properties": {"delivery_mode": 2, **properties}})
    assert answer.json() == {"routed": True}


async def parked(database: Database) -> Counter[str]:
    return Counter([row["body"].decode() async for row in database.db.dead_letters.find({}, {"body": 1})])
