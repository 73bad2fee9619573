"""An event that no queue wants is not gone: it waits in the outbox until one does."""

from pathlib import Path

from shared.contracts.applications import ApplicationClearedForIssue, ApplicationEvent
from shared.messaging import topology
from shared.mongo.database import Database
from tests.fault.conftest import load_of
from tests.support.faults import INBOX, Child, Counts, Load, approved, broker_channel, cleared, settle
from tests.support.places import Place
from tests.support.serving import eventually


def by_turns(number: int) -> ApplicationEvent:
    """Cleared is heard by documents alone, approved by others too."""
    return cleared(number) if number % 2 else approved(number)


async def test_an_event_whose_binding_is_deleted_under_load_is_never_marked_sent_and_blocks_no_other_type(
    place: Place, child: Child, documents: Database, counts: Counts, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    child.environment["ESHIK_CLOCK_FILE"] = str(clock)
    load = load_of(documents, by_turns)
    await child.start()
    async with broker_channel(place) as channel:
        queue = await channel.get_queue(INBOX)
        async with load.going_on():
            await at_least(load, "c", 10)
            await queue.unbind(topology.EXCHANGE, ApplicationClearedForIssue.type)
            others = await handled(load, "a")
            await at_least(load, "a", others + counts.pick(30, 300))
        await eventually(lambda: only_refused_wait(load), within_s=60)
        waiting = await documents.db.outbox.count_documents({})
        await queue.bind(topology.EXCHANGE, ApplicationClearedForIssue.type)
        clock.write_text("11")  # refused events are tried again every 10 s
        await settle(load, counts, child)
    counts.notes.append(f"waited for their binding: {waiting}; marked sent and absent: {counts.lost}")
    assert waiting


async def handled(load: Load, prefix: str) -> int:
    return sum(1 for key in await load.effects() if key.startswith(prefix))


async def at_least(load: Load, prefix: str, count: int) -> None:
    async def check() -> bool:
        return await handled(load, prefix) >= count

    await eventually(check, within_s=60)


async def only_refused_wait(load: Load) -> bool:
    return all([row["subject"].startswith("c") async for row in load.database.db.outbox.find({})])
