"""A handler that takes longer than the broker waits for an acknowledgement."""

from shared.contracts.applications import ApplicationApproved
from shared.mongo.database import Database
from tests.fault.child import LONG
from tests.fault.conftest import load_of
from tests.support.brokers import setting
from tests.support.faults import Child, Counts, approved, is_heard, settle
from tests.support.places import Place
from tests.support.serving import eventually

CONSUMER_TIMEOUT_MS, TICK_MS, HANDLER_S = 3_000, 500, 8
EVERY = 60  # one in so many takes long; others are in its batch, and behind it


def now_and_then_a_long_one(number: int) -> ApplicationApproved:
    return approved(number, reference=LONG if number % EVERY == EVERY - 1 else "QUICK")


async def test_a_handler_longer_than_the_consumer_timeout_acts_once_and_its_consumer_lives_on(
    place: Place, child: Child, documents: Database, counts: Counts
) -> None:
    node, load = place.servers.broker, load_of(documents, now_and_then_a_long_one)
    child.environment["FAULT_LONG_S"] = str(HANDLER_S)
    async with setting(node, "consumer_timeout", CONSUMER_TIMEOUT_MS), setting(node, "channel_tick_interval", TICK_MS):
        await child.start()
        for _ in range(counts.pick(1, 20)):
            await load.run(EVERY)
            await eventually(load.is_handled, within_s=60)
        await eventually(lambda: is_heard(place))
        await load.run(EVERY // 2)
        await settle(load, counts, child)
    counts.redelivered = sum(times - 1 for times in child.handed().values())
    counts.notes.append(f"handlers of {HANDLER_S} s, a broker that waits {CONSUMER_TIMEOUT_MS / 1000:.0f} s")
    assert counts.redelivered > 0, "the broker never took a delivery back"
