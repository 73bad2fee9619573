"""A process is killed at the worst moments, again and again, while others go on committing."""

import asyncio
import json
from collections import Counter

import pytest

from shared.contracts.applications import ApplicationApproved
from shared.messaging.consumer import BATCH, PREFETCH
from tests.support.faults import KILLED, Child, Counts, Load, Tap, is_heard, settle, tapped
from tests.support.places import Place
from tests.support.serving import eventually


async def test_a_relay_killed_between_confirm_and_delete_loses_nothing_and_repeats_only_what_was_in_flight(
    place: Place, child: Child, load: Load, counts: Counts
) -> None:
    in_flight = await kill_relays(place, child, load, counts, at="relay.confirmed")
    counts.notes.append(f"in flight when killed, at most this much repeated: {in_flight}")
    assert 0 < counts.redelivered <= in_flight


async def test_a_relay_killed_after_the_delete_loses_nothing_and_repeats_nothing(
    place: Place, child: Child, load: Load, counts: Counts
) -> None:
    in_flight = await kill_relays(place, child, load, counts, at="relay.deleted")
    assert (in_flight, counts.redelivered) == (0, 0)


async def kill_relays(place: Place, child: Child, load: Load, counts: Counts, *, at: str) -> int:
    """Out: how many were confirmed and not yet deleted, at all kills together."""
    in_flight = 0
    async with tapped(place, ApplicationApproved) as tap:
        for _ in range(counts.pick(3, 100)):
            await child.start(crash_at=at)
            await load.run(40)
            child.arm()
            await load.run(40)
            assert await child.died() == KILLED
            in_flight += await confirmed_and_not_deleted(load, tap)
        await child.start()
        await settle(load, counts, child)
        counts.redelivered = tap.repeated
    return in_flight


async def confirmed_and_not_deleted(load: Load, tap: Tap) -> int:
    """Rows still in the outbox whose message is already at the exchange."""
    await eventually(lambda: _quiet(tap))
    waiting = {row["_id"] async for row in load.database.db.outbox.find({}, {"_id": 1})}
    return len(waiting & set(tap.event_ids))


async def _quiet(tap: Tap) -> bool:
    before = len(tap.event_ids)
    await asyncio.sleep(1)
    return before == len(tap.event_ids)


@pytest.mark.parametrize("point", ["consumer.committed", "consumer.before_commit"])
async def test_a_consumer_killed_around_its_commit_has_its_effect_exactly_once(
    place: Place, child: Child, load: Load, counts: Counts, point: str
) -> None:
    kills = counts.pick(3, 100)
    async with tapped(place, ApplicationApproved) as tap:
        for _ in range(kills):
            await child.start(crash_at=point)
            child.arm()
            await load.run(60)
            assert await child.died() == KILLED
            if point == "consumer.before_commit" and not counts.full:
                await end_abandoned_transactions(load)
        await child.start()
        await settle(load, counts, child)
    counts.redelivered = sum(times - 1 for times in child.handed().values())
    assert 0 < counts.redelivered <= kills * BATCH + tap.repeated
    by_life = handed_by_life(child)
    in_hand, twice = {event_id for life in by_life[:kills] for event_id in life[-1]}, handed_in_two_lives(by_life)
    counts.notes.append(f"in hand when killed: {len(in_hand)}, handed over in two lives: {len(twice)}")
    assert in_hand <= twice <= in_hand | tap.published_twice


def handed_by_life(child: Child) -> list[list[list[str]]]:
    """The batches of each process that bore the child's role, one process after the other."""
    lives: list[list[list[str]]] = []
    for line in child.journal.read_text().splitlines():
        note = json.loads(line)
        if "began" in note:
            lives.append([])
        elif "handed" in note:
            lives[-1].append(note["handed"])
    return lives


def handed_in_two_lives(lives: list[list[list[str]]]) -> set[str]:
    in_lives = Counter(event_id for life in lives for event_id in {each for batch in life for each in batch})
    return {event_id for event_id, times in in_lives.items() if times > 1}


async def end_abandoned_transactions(load: Load) -> None:
    """What the database does by itself after 60 s (transactionLifetimeLimitSeconds); --full waits for that."""
    await load.database.client.admin.command("killAllSessions", [])


async def test_a_process_told_to_stop_under_load_ends_with_0_and_loses_and_doubles_nothing(
    place: Place, child: Child, load: Load, counts: Counts
) -> None:
    child.environment["FAULT_SLOW_S"] = "0.004"  # so that it has messages in hand
    stops = counts.pick(3, 50)
    for _ in range(stops):
        await child.start()
        async with load.going_on(at_once=3, pause_s=0.01):
            await two_more_batches(child)
            assert await child.stop() == 0
    assert not await is_heard(place), "a consumer that has ended is still counted"
    await child.start()
    await settle(load, counts, child)
    counts.redelivered = sum(times - 1 for times in child.handed().values())
    assert counts.redelivered <= stops * PREFETCH


async def two_more_batches(child: Child) -> None:
    wanted = len(child.notes("handed")) + 2

    async def check() -> bool:
        return len(child.notes("handed")) >= wanted

    await eventually(check)
