"""The relay on a backlog: several rounds of one reading, each aggregate in its order, held rows when their time has come."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved
from shared.messaging.broker import Broker
from shared.messaging.publisher import Publisher
from shared.mongo.database import Database, Document
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.outbox import outbox_row
from shared.mongo.relay import ROUND, OutboxRelay
from tests.support.faults import approved, envelope_of, tapped
from tests.support.places import Place
from tests.support.serving import eventually

STEPS = 12
AGGREGATES = 3 * ROUND // STEPS


def row(number: int, sequence: int) -> Document:
    return outbox_row(envelope_of(approved(number).model_copy(update={"sequence": sequence})), 0)


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    database = Database(place.mongo_url, f"{place.database_prefix}documents")
    await database.ensure_indexes(KERNEL_INDEXES)
    yield database
    await database.close()


@asynccontextmanager
async def relaying(place: Place, database: Database) -> AsyncIterator[OutboxRelay]:
    broker = Broker(place.rabbit_url, "documents")
    publisher = Publisher(broker)
    await publisher.open()
    relay = OutboxRelay(database, publisher, SystemClock())
    running = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await broker.close()


async def test_a_backlog_of_several_rounds_goes_out_once_and_each_aggregate_in_its_order(
    place: Place, database: Database
) -> None:
    rows = [row(number, sequence) for number in range(AGGREGATES) for sequence in range(STEPS)]
    random.Random(4).shuffle(rows)
    await database.db.outbox.insert_many(rows)
    async with tapped(place, ApplicationApproved) as tap, relaying(place, database):
        await eventually(lambda: _is_empty(database), within_s=60)
        await eventually(lambda: _heard(tap.keys, len(rows)))
    assert tap.repeated == 0
    for number in range(AGGREGATES):
        mine = [key for key in tap.keys if key.startswith(f"a{number}/")]
        assert mine == [f"a{number}/{sequence}" for sequence in range(STEPS)]


async def test_a_held_row_waits_until_its_time_and_goes_out_then(place: Place, database: Database) -> None:
    now = SystemClock().now()
    await database.db.outbox.insert_many(
        [
            row(1, 1) | {"held_until": now - timedelta(seconds=1)},
            row(2, 1) | {"held_until": now + timedelta(hours=1)},
            row(3, 1),
        ]
    )
    async with tapped(place, ApplicationApproved) as tap, relaying(place, database):
        await eventually(lambda: _heard(tap.keys, 2))
        await database.db.outbox.insert_one(row(4, 1))
        await eventually(lambda: _heard(tap.keys, 3))
    assert set(tap.keys) == {"a1/1", "a3/1", "a4/1"}
    assert [held["subject"] async for held in database.db.outbox.find({})] == ["a2"]


async def _is_empty(database: Database) -> bool:
    return await database.db.outbox.count_documents({}) == 0


async def _heard(keys: list[str], count: int) -> bool:
    return len(keys) >= count
