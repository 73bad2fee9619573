"""Broker and database are killed or frozen under load. They are this module's own: others would miss them."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.messaging import topology
from tests.conftest import BROKER_ROOTS
from tests.support.faults import INBOX, Child, Counts, Load, is_empty, is_heard, more_acknowledged, more_effects, settle
from tests.support.places import Place, new_place
from tests.support.servers import Servers, servers_of_their_own
from tests.support.serving import eventually
from tests.support.stalls import stopwatch

REATTACHED_WITHIN_S = 10
NEVER_RETRIED = 600  # a message that spends an attempt waits there, to be seen


@pytest.fixture(scope="module", params=list(BROKER_ROOTS.values()), ids=list(BROKER_ROOTS))
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with servers_of_their_own(tmp_path_factory.mktemp("killed-servers"), Path(request.param)) as own:
        yield own


@pytest.fixture
async def place(servers: Servers) -> Place:
    """Never cleared: its servers end with the module."""
    return await new_place(servers)


async def test_a_broker_killed_again_and_again_under_load_loses_and_doubles_nothing(
    place: Place, child: Child, load: Load, counts: Counts
) -> None:
    await end_and_start_again(place, child, load, counts, place.servers.broker.kill9, times=counts.pick(3, 10))


async def test_a_broker_restarted_in_order_under_load_loses_and_doubles_nothing(
    place: Place, child: Child, load: Load, counts: Counts
) -> None:
    await end_and_start_again(place, child, load, counts, place.servers.broker.stop, times=counts.pick(1, 10))


async def end_and_start_again(
    place: Place, child: Child, load: Load, counts: Counts, end: Callable[[], None], *, times: int
) -> None:
    broker, attached_after = place.servers.broker, []
    await child.start()
    async with load.going_on(at_once=6, pause_s=0.01):
        for _ in range(times):
            await more_effects(load, 20)
            await asyncio.to_thread(end)
            await more_acknowledged(load, 40)  # a use case needs no broker
            await asyncio.to_thread(broker.start)
            await asyncio.to_thread(broker.wait_ready)
            async with stopwatch() as watch:
                await eventually(lambda: is_heard(place), within_s=60)
            attached_after.append(watch.seconds)
    await eventually(lambda: is_heard(place, topology.dead_queue("documents")))  # nor are dead letters forgotten
    await settle(load, counts, child)
    counts.redelivered = sum(times - 1 for times in child.handed().values())
    counts.notes.append(f"consumers attached again at most {max(attached_after):.1f} s after the broker was back")
    assert max(attached_after) < REATTACHED_WITHIN_S
    assert await load.database.db.dead_letters.count_documents({}) == 0


@pytest.mark.skipif(not os.environ.get("ESHIK_TEST_FULL"), reason="lasts minutes: ./eshik test fault --full")
async def test_a_broker_frozen_past_every_time_out_is_used_again_after_and_loses_and_doubles_nothing(
    place: Place, child: Child, load: Load, counts: Counts
) -> None:
    broker = place.servers.broker
    frozen_s = 45  # from about 30 s on, connections are gone on both sides and none has been told so
    await child.start()
    async with load.going_on(at_once=4, pause_s=0.05):
        await more_effects(load, 20)
        broker.freeze()
        await asyncio.sleep(frozen_s)  # the pause itself
        broker.thaw()
        await eventually(lambda: is_heard(place), within_s=90)
        await eventually(lambda: is_heard(place, topology.dead_queue("documents")), within_s=90)
        await more_effects(load, 20)
    await settle(load, counts, child, within_s=120)
    counts.redelivered = sum(times - 1 for times in child.handed().values())
    counts.notes.append(f"broker frozen for {frozen_s} s")
    assert await load.database.db.dead_letters.count_documents({}) == 0


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_a_database_that_is_away_costs_no_message_an_attempt_and_nothing_acknowledged_is_lost(
    place: Place, child: Child, load: Load, counts: Counts, how: str
) -> None:
    database = place.servers.database
    child.environment |= {"ESHIK_RETRY_DELAYS_S": f"[{NEVER_RETRIED}]", "FAULT_SLOW_S": "0.01"}
    # so long the driver repeats a transaction by itself; the outage must last longer, to try the consumer's own patience
    child.environment["FAULT_PATIENCE_S"] = str(counts.pick(2, 30))
    away_s = counts.pick(6, 45)
    await child.start()
    await load.run(counts.pick(300, 3000))
    async with load.going_on(at_once=6):
        assert not await is_empty(place), "the outage must find messages in the queue"
        await more_acknowledged(load, 50)  # the last commits are those that a careless server loses
        await asyncio.to_thread(database.kill9 if how == "killed" else database.freeze)
        await asyncio.sleep(away_s)  # the outage itself
        if how == "killed":
            database.start()
            await asyncio.to_thread(database.wait_ready)
        else:
            database.thaw()
        await more_acknowledged(load, 20)
    await eventually(load.is_handled, within_s=90)
    await eventually(lambda: nothing_left(place))  # while it runs: what it had and forgot would come back only when it ends
    await settle(load, counts, child)
    counts.redelivered = sum(times - 1 for times in child.handed().values())
    counts.notes.append(f"database {how} for {away_s} s; transactions refused meanwhile: "
                        f"{counts.attempted - counts.acknowledged}")  # fmt: skip
    assert await is_empty(place, topology.retry_queue("documents", NEVER_RETRIED))
    assert await is_empty(place, topology.dead_queue("documents"))
    assert await load.database.db.dead_letters.count_documents({}) == 0


async def nothing_left(place: Place) -> bool:
    """Neither ready nor unacknowledged, as the broker's management counts."""
    return await place.queue_depth(INBOX) == 0
