"""Three relays of one service, of which the one at work is frozen past its lease and then goes on."""

import asyncio
from collections import defaultdict
from typing import Any

from shared.contracts.applications import ApplicationApproved
from shared.mongo.database import Database
from tests.fault.conftest import load_of
from tests.support.faults import Child, Counts, Load, Tap, approved, settle, tapped
from tests.support.places import Place
from tests.support.serving import eventually

AGGREGATES = 10
LEASE_S = 6  # the one that holds it must be able to renew it in time on a busy machine
PACES_S = (0.6, 0.2, 0.2)  # how long each takes for a publish: the first one less than is committed, so that work waits
WAITING = 5 * AGGREGATES


def step_of_an_aggregate(number: int) -> ApplicationApproved:
    return approved(number % AGGREGATES).model_copy(update={"sequence": number // AGGREGATES})


async def test_a_relay_frozen_past_its_lease_publishes_nothing_more_and_one_of_the_two_others_keeps_the_order(
    place: Place, child: Child, documents: Database, counts: Counts, tmp_path: Any
) -> None:
    load = load_of(documents, step_of_an_aggregate)
    relays = [
        Child(place, tmp_path, f"relay-{number}", {"FAULT_LEASE_TTL_S": str(LEASE_S), "FAULT_SLOW_S": str(pace_s)})
        for number, pace_s in enumerate(PACES_S, start=1)
    ]
    async with tapped(place, ApplicationApproved) as tap:
        try:
            in_flight = sum([await one_round(load, tap, relays, counts) for _ in range(counts.pick(1, 20))])
        finally:
            for relay in relays:
                await relay.kill9()
        counts.redelivered = tap.repeated
    counts.notes.append(f"in flight when frozen, at most this much repeated: {in_flight}")
    assert counts.redelivered <= in_flight
    await child.start()
    await settle(load, counts, child)
    assert in_order(tap)


async def one_round(load: Load, tap: Tap, relays: list[Child], counts: Counts) -> int:
    """Out: how many were published and not yet deleted when the first relay was frozen."""
    frozen, *others = relays
    await frozen.start()
    await eventually(lambda: _fence_above(load, 0))
    await asyncio.gather(*(other.start() for other in others))
    had = len(frozen.notes("published"))
    await load.run(AGGREGATES * 30, at_once=AGGREGATES)  # at once, and each aggregate in its order
    await eventually(lambda: _published([frozen], had + 20))
    while await load.database.db.outbox.count_documents({}) < WAITING:  # so that it is frozen with work before it
        await load.run(WAITING, at_once=AGGREGATES)
    await frozen.freeze()
    before, fence = len(frozen.notes("published")), await _fence(load)
    had_just_asked = "asks" in frozen.all_notes()[-1]  # it stands between the look at its lease and the publish, if anywhere
    waiting = {row["_id"] async for row in load.database.db.outbox.find({})}
    unsent = waiting - set(tap.event_ids)
    async with load.going_on(at_once=1):
        await eventually(lambda: _fence_above(load, fence), within_s=60)
        first = len(_all_published(others))
        await eventually(lambda: _published(others, first + 20))
        frozen.thaw()
        await asyncio.sleep(LEASE_S)  # it has had its chance
        await eventually(lambda: _published(others, first + 40))
    await eventually(lambda: _outbox_empty(load), within_s=60)
    assert await _fence(load) == fence + 1, "one of the others held the lease all the time"
    late = len(frozen.notes("published")) - before
    counts.notes.append(f"left to publish when frozen: {len(unsent)}, published by the frozen one after: {late}")
    assert len(unsent) > AGGREGATES
    assert late <= had_just_asked, "published without asking for its lease again"
    assert await asyncio.gather(*(relay.stop() for relay in relays)) == [0, 0, 0]
    return len(waiting) - len(unsent) + AGGREGATES  # of each aggregate one may be on its way


def in_order(tap: Tap) -> bool:
    """The first message of each event comes after those of all earlier events of its aggregate."""
    steps: dict[str, list[int]] = defaultdict(list)
    for key in dict.fromkeys(tap.keys):
        subject, _, sequence = key.partition("/")
        steps[subject].append(int(sequence))
    return all(sequences == sorted(sequences) for sequences in steps.values())


async def _fence(load: Load) -> int:
    row = await load.database.db.leases.find_one({"_id": "outbox-relay"})
    return int(row["fence"]) if row else 0


async def _fence_above(load: Load, fence: int) -> bool:
    return await _fence(load) > fence


def _all_published(relays: list[Child]) -> list[str]:
    return [event_id for relay in relays for event_id in relay.notes("published")]


async def _published(relays: list[Child], count: int) -> bool:
    return len(_all_published(relays)) >= count


async def _outbox_empty(load: Load) -> bool:
    return not await load.database.db.outbox.count_documents({})
