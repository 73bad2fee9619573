"""Events come in any order, in batches, more than once, and those of different cases between each other."""

import asyncio
import copy
from collections import Counter
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.contracts.documents import DocumentIssueFailed
from tests.support.faults import Counts
from tests.support.lives import BROKEN, UNPRINTABLE, Life, any_life
from tests.support.places import Place
from tests.support.reordering import Act, Delivery, House, house_in

REPEATS = 3
BATCH = 5


async def in_order(house: House, lives: list[Life]) -> list[str]:
    """The first that became possible comes first, alone and once."""
    await begin(house, lives)
    while house.pending:
        await take(house, [house.pending.pop(0)])
    return await house.state()


async def in_any_order(house: House, lives: list[Life], chance: Random, delivered: Counter[str]) -> list[str]:
    """Any of what is possible comes next, with others for the same service; most of it comes again, at any time."""
    await begin(house, lives)
    while house.pending:
        first = house.pending.pop(chance.randrange(len(house.pending)))
        batch: list[Delivery | Act] = [first]
        if isinstance(first, Delivery):
            others = [item for item in house.pending if isinstance(item, Delivery) and item.service == first.service]
            batch += chance.sample(others, min(len(others), chance.randrange(BATCH)))
            house.pending = [item for item in house.pending if not any(item is taken for taken in batch)]
            for item in batch:
                assert isinstance(item, Delivery)
                key = f"{item.service} {item.envelope.event_id}"
                delivered[key] += 1
                if delivered[key] < REPEATS and chance.random() < 0.6:
                    house.pending.append(Delivery(item.service, item.envelope))
        await take(house, batch)
    return await house.state()


async def begin(house: House, lives: list[Life]) -> None:
    await house.clear()
    for life in lives:
        await house.bring_in(copy.deepcopy(life))


async def take(house: House, batch: list[Delivery | Act]) -> None:
    if isinstance(first := batch[0], Act):
        await first.run()
    else:
        await house.deliver(first.service, [item.envelope for item in batch if isinstance(item, Delivery)])


def twice_given_up(number: int, chance: Random) -> Life:
    while (life := any_life(number, chance)).tries != (BROKEN, UNPRINTABLE):
        pass
    return life


async def test_an_older_problem_of_a_document_that_is_told_last_does_not_replace_the_newer_one(
    place: Place, counts: Counts
) -> None:
    house, chance = await house_in(place), Random(1)
    for number in range(counts.pick(3, 200)):
        life = twice_given_up(number, chance)
        expected = await in_order(house, [life])
        await begin(house, [life])
        held: list[Delivery | Act] = []
        while house.pending:
            item = house.pending.pop(0)
            if isinstance(item, Delivery) and isinstance(item.envelope.event, DocumentIssueFailed):
                held.append(item)
            else:
                await take(house, [item])
        assert len(held) == 2
        for item in reversed(held):
            await take(house, [item])
        counts.compare(set(expected), set(expected), Counter(await house.state()))
    await house.close()
    counts.check()


def test_events_in_any_order_in_batches_and_repeated_end_in_the_state_of_in_order_delivery(place: Place, counts: Counts) -> None:
    """Through the real handlers of applications, documents and notifications, on the real database, whatever became of each
    case. That an event is missing altogether no handler can see: the ledger does (./eshik ledger)."""
    kinds: Counter[str] = Counter()
    with asyncio.Runner() as runner:
        house = runner.run(house_in(place))

        # not shrunk: that is a hundred lives lived again, longer than a test may last
        @settings(max_examples=counts.pick(12, 1500), deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(st.integers(1, 4), st.randoms(use_true_random=False))
        def try_one(cases: int, chance: Random) -> None:
            lives, delivered = [any_life(number, chance) for number in range(cases)], Counter[str]()
            expected = runner.run(in_order(house, lives))
            found = runner.run(in_any_order(house, lives, chance, delivered))
            assert found == expected, lives
            kinds.update(event.type for life in lives for event in life.events)
            counts.compare(set(expected), set(expected), Counter(found))
            counts.redelivered += sum(delivered.values()) - len(delivered)

        try:
            try_one()
        finally:
            runner.run(house.close())
    counts.notes.append(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    counts.check()
    assert len(kinds) >= counts.pick(2, 6)
