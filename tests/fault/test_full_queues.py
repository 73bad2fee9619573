"""A queue that is full: what it wants waits in the outbox, and nobody else is held up or crowded."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from shared.clock import SystemClock
from shared.contracts.applications import ApplicationEvent, ApplicationRefused
from shared.contracts.envelope import Envelope
from shared.messaging import topology
from shared.mongo.database import Database
from shared.mongo.relay import FULL_S, IN_FLIGHT, ROUND
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.support.faults import AT, INBOX, Child, Counts, approved, broker_channel, key_of, ready_in, tapped
from tests.support.places import Place, managing
from tests.support.serving import eventually

ROOM = 20
NEIGHBOUR = topology.inbox("notifications")


def refused(number: int) -> ApplicationRefused:
    """Wanted by notifications alone; approved is wanted by documents, too."""
    return ApplicationRefused(
        sequence=6, occurred_at=AT, application_id=f"r{number}", citizen_id="c1", reference="YEK-26-AAAA",
        service_id="s", post_id="yek", reason="documents-missing",
    )  # fmt: skip


async def publish_all(events: Sequence[ApplicationEvent], uow: UnitOfWork) -> None:
    for event in events:
        uow.publish(event)


async def limit_inbox(place: Place, room: int | None) -> None:
    """By a policy of the broker: the smaller of it and the queue's own bound counts. None: as it was."""
    async with managing(place.servers) as client:
        path = f"/api/policies/{place.vhost}/full"
        if room is None:
            (await client.delete(path)).raise_for_status()
            return
        policy = {"pattern": f"^{INBOX}$", "definition": {"max-length": room}, "apply-to": "queues"}
        (await client.put(path, json=policy)).raise_for_status()

        async def in_force() -> bool:
            queue = (await client.get(f"/api/queues/{place.vhost}/{INBOX}")).json()
            return bool((queue.get("effective_policy_definition") or {}).get("max-length") == room)

        await eventually(in_force)


async def test_a_full_inbox_holds_back_only_what_it_wants_and_does_not_crowd_the_inboxes_that_have_room(
    place: Place, documents: Database, counts: Counts, tmp_path: Path
) -> None:
    """The broker refuses a message when one of the queues that want it is full, and the others have it all the same. So the
    refused ones must neither take up the relay's rounds nor be tried so often that each try is a copy more for the others:
    within FULL_S at most what is in flight at once."""
    transactions = Transactions(documents, SystemClock())
    wanted_by_both = [approved(number) for number in range(counts.pick(ROUND + 200, 10 * ROUND))]
    wanted_by_neighbour = [refused(number) for number in range(30)]
    relay = Child(place, tmp_path, role="relay")
    async with broker_channel(place), tapped(place, ApplicationRefused) as tap:
        await limit_inbox(place, ROOM)
        for start in range(0, len(wanted_by_both), 100):
            await transactions.run(publish_all, wanted_by_both[start : start + 100])
        began = time.monotonic()
        await relay.start()
        try:
            for event in wanted_by_neighbour:  # each wakes the relay
                await transactions.run(publish_all, [event])
                await asyncio.sleep(0.02)
            await eventually(lambda: _arrived(tap.keys, len(wanted_by_neighbour)), within_s=60)
            await asyncio.sleep(counts.pick(0, 40))  # in full, longer than after which a silent connection is given up
            windows = 1 + (time.monotonic() - began) / FULL_S
            tries = Counter(relay.notes("published"))
            full, crowded = await ready_in(place, INBOX), await ready_in(place, NEIGHBOUR)
            await limit_inbox(place, None)
            await eventually(lambda: _sent(documents), within_s=90)
        finally:
            await relay.kill9()
    in_vain = sum(tries.values()) - len(wanted_by_neighbour) - full[0]
    counts.notes.append(f"inbox full at {full[0]}; tries in vain {in_vain} in {windows:.1f} times {FULL_S:.0f} s; "
                        f"in the neighbour's inbox then: {crowded[0]}")  # fmt: skip
    assert in_vain <= windows * IN_FLIGHT
    assert "publisher_gives_up_connection" not in (tmp_path / "relay.log").read_text()
    for queue, events in ((INBOX, wanted_by_both), (NEIGHBOUR, [*wanted_by_both, *wanted_by_neighbour])):
        keys = {key_of(event) for event in events}
        found = await _keys_in(place, queue)
        counts.redelivered += sum(found.values()) - len(found)  # the inbox collection knows them: no second effect
        counts.compare(keys, keys, Counter(set(found)))
    counts.check()


async def _arrived(keys: Sequence[str], count: int) -> bool:
    return len(set(keys)) >= count


async def _sent(documents: Database) -> bool:
    return not await documents.db.outbox.count_documents({})


async def _keys_in(place: Place, queue: str) -> Counter[str]:
    """Takes all that lies in the queue."""
    found: Counter[str] = Counter()
    async with broker_channel(place) as channel:
        taken = await channel.get_queue(queue, ensure=False)
        while message := await taken.get(no_ack=True, fail=False):
            found[key_of(Envelope.from_body(message.body).event)] += 1
    return found
