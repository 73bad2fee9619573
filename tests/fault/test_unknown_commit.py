"""A commit whose answer never came: done or not, it must not be done twice."""

from collections import Counter

import pytest

from shared.clock import SystemClock
from shared.contracts.base import Event
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.fault.tcp_proxy import tcp_proxy
from tests.support.faults import Counts, approved, key_of
from tests.support.places import Place


async def write_and_publish(event: Event, uow: UnitOfWork) -> None:
    await uow.db.effects.insert_one({"key": key_of(event)}, session=uow.session)
    uow.publish(event)


async def count_rows(counts: Counts, documents: Database, keys: set[str]) -> None:
    """The state and the event, each once."""
    counts.compare(keys, keys, Counter([row["key"] async for row in documents.db.effects.find({})]))
    events = Counter([f"{row['subject']}/{row['sequence']}" async for row in documents.db.outbox.find({})])
    counts.compare(keys, keys, events)
    counts.check()


@pytest.mark.parametrize("times", [1, 2])
async def test_a_commit_that_the_database_never_got_is_made_once(documents: Database, counts: Counts, times: int) -> None:
    transactions, keys = Transactions(documents, SystemClock()), set()
    for number in range(counts.pick(3, 100)):
        broken = {"failCommands": ["commitTransaction"], "closeConnection": True}
        await documents.client.admin.command("configureFailPoint", "failCommand", mode={"times": times}, data=broken)
        await transactions.run(write_and_publish, approved(number))
        keys.add(key_of(approved(number)))
    await documents.client.admin.command("configureFailPoint", "failCommand", mode="off")
    await count_rows(counts, documents, keys)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_commit_whose_answer_is_cut_off_counts_once(
    place: Place, documents: Database, counts: Counts, times: int
) -> None:
    keys = set()
    async with tcp_proxy(place.servers.ports.mongo) as proxy:
        through_proxy = Database(f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true", documents.name)
        await through_proxy.ensure_indexes({**KERNEL_INDEXES, "effects": []})
        transactions = Transactions(through_proxy, SystemClock())
        for number in range(counts.pick(3, 100)):
            proxy.cuts_to_make = times
            await transactions.run(write_and_publish, approved(number))
            keys.add(key_of(approved(number)))
        counts.notes.append(f"answers cut off: {proxy.cuts_made}")
        assert proxy.cuts_made == times * len(keys)
        await through_proxy.close()
    await count_rows(counts, documents, keys)
