"""Leases: one holder, by the database's clock, with a greater fence for each new one."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.mongo.database import Collection, Database
from shared.mongo.leases import Lease
from tests.support.places import Place


@pytest.fixture
async def leases(place: Place) -> AsyncIterator[Collection]:
    database = Database(place.mongo_url, f"{place.database_prefix}leases")
    await database.ensure_indexes({"leases": []})
    yield database.db.leases
    await database.close()


async def test_of_ten_that_reach_for_a_lease_one_holds_it(leases: Collection) -> None:
    reaching = [Lease(leases, "relay") for _ in range(10)]
    answers = await asyncio.gather(*(lease.hold() for lease in reaching))
    assert sum(answers) == 1
    assert sum(lease.held for lease in reaching) == 1


async def test_a_lease_that_is_not_renewed_goes_to_the_next_with_a_greater_fence(leases: Collection) -> None:
    first, second = Lease(leases, "relay", ttl_s=2), Lease(leases, "relay", ttl_s=2)
    assert await first.hold()
    assert not await second.hold()
    await asyncio.sleep(2.1)
    assert not first.held  # it knows by itself, without asking
    assert await second.hold()
    assert second.fence > first.fence
    assert not await first.hold()


async def test_a_released_lease_is_free_at_once(leases: Collection) -> None:
    first, second = Lease(leases, "relay"), Lease(leases, "relay")
    await first.hold()
    await first.release()
    assert await second.hold()


async def test_a_renewed_lease_keeps_its_fence(leases: Collection) -> None:
    lease = Lease(leases, "relay", ttl_s=2.5)
    await lease.hold()
    fence = lease.fence
    for _ in range(4):  # longer than its time, each pause much shorter: a busy machine renews late
        await asyncio.sleep(0.7)
        assert await lease.hold()
    assert lease.fence == fence
