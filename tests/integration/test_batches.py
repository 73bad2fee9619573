"""A batch of events in one transaction: written together, and each handler sees what the ones before it did."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import BulkWriteError
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved
from shared.jobs.job import NewJob
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Database, Db
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.support.faults import approved, envelope_of
from tests.support.places import Place

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@dataclass
class Tally:
    """How many events were heard about one application, and in which order."""

    id: str
    sequences: list[int]
    version: int = 1

    def hear(self, sequence: int) -> None:
        self.sequences.append(sequence)
        self.version += 1


class Tallies(Aggregates[Tally]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "tallies", Mapper(Tally))


class Commands(CommandListener):
    """Counts what is asked of the database, by command and collection."""

    def __init__(self) -> None:
        self.sent: Counter[tuple[str, Any]] = Counter()

    def started(self, event: CommandStartedEvent) -> None:
        self.sent[event.command_name, event.command.get(event.command_name)] += 1

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
async def database(place: Place, commands: Commands) -> AsyncIterator[Database]:
    database = Database(place.mongo_url, f"{place.database_prefix}documents")
    await database.ensure_indexes({**KERNEL_INDEXES, "effects": [], "tallies": []})
    await database.close()
    database.client = AsyncMongoClient(place.mongo_url, tz_aware=True, event_listeners=[commands])
    database.db = Db(database.client, database.name, None, database.name)
    yield database
    await database.close()


async def run(database: Database, handler: Any, *events: ApplicationApproved) -> None:
    transactions = Transactions(database, SystemClock())
    await transactions.run_batch({ApplicationApproved: handler}, [envelope_of(event) for event in events])


def steps(number: int, count: int) -> list[ApplicationApproved]:
    """Events of one application, in order."""
    return [approved(number).model_copy(update={"sequence": sequence}) for sequence in range(1, count + 1)]


async def leave_all_kinds(event: ApplicationApproved, uow: UnitOfWork) -> None:
    uow.insert("effects", {"_id": event.application_id})
    uow.schedule(NewJob("remind", event.application_id, uow.at))
    uow.publish(event)


async def test_what_handlers_gather_is_written_once_for_the_whole_batch(database: Database, commands: Commands) -> None:
    await run(database, leave_all_kinds, *(approved(number) for number in range(40)))
    counts = [await database.db[name].count_documents({}) for name in ("effects", "jobs", "outbox", "published_events", "inbox")]
    assert counts == [40] * 5
    writes = {collection: times for (command, collection), times in commands.sent.items() if command == "insert"}
    assert writes == dict.fromkeys(("effects", "jobs", "outbox", "published_events", "inbox"), 1)
    assert (commands.sent["find", "inbox"], commands.sent["find", "jobs"]) == (1, 1)


async def test_what_is_added_once_keeps_the_first_whether_stored_before_or_earlier_in_the_batch(database: Database) -> None:
    async def add_once(event: ApplicationApproved, uow: UnitOfWork) -> None:
        uow.insert_once("effects", {"_id": event.application_id, "sequence": event.sequence})

    await database.db.effects.insert_one({"_id": "a1", "sequence": 0})
    await run(database, add_once, *steps(1, 3), *steps(2, 3))
    assert await database.db.effects.find().sort("_id").to_list() == [
        {"_id": "a1", "sequence": 0},
        {"_id": "a2", "sequence": 1},
    ]


async def test_a_handler_finds_what_an_earlier_event_of_its_batch_added(database: Database) -> None:
    async def tally(event: ApplicationApproved, uow: UnitOfWork) -> None:
        tallies = Tallies(uow)
        found = await tallies.find({"_id": event.application_id})
        if found is None:
            tallies.add_once(Tally(event.application_id, [event.sequence]))
        else:
            found.hear(event.sequence)
            await tallies.save(found)

    await run(database, tally, *steps(1, 4))
    stored = await database.db.tallies.find_one({})
    assert stored is not None
    assert stored["sequences"] == [1, 2, 3, 4]


async def test_an_event_that_is_twice_in_a_batch_is_handled_once(database: Database) -> None:
    await run(database, leave_all_kinds, approved(1), approved(1), approved(2))
    assert await database.db.effects.count_documents({}) == 2
    await run(database, leave_all_kinds, approved(2), approved(3))
    assert await database.db.effects.count_documents({}) == 3
    assert await database.db.outbox.count_documents({}) == 3


async def test_a_batch_that_another_consumer_has_partly_handled_meanwhile_does_the_rest(database: Database) -> None:
    first_time = True

    async def overtaken(event: ApplicationApproved, uow: UnitOfWork) -> None:
        nonlocal first_time
        if event.application_id == "a2" and first_time:
            first_time = False
            await run(database, overtaken, approved(2))  # with its commit, before ours
        uow.insert("effects", {"_id": event.application_id})

    await run(database, overtaken, *(approved(number) for number in range(5)))
    assert await database.db.effects.count_documents({}) == 5
    assert await database.db.inbox.count_documents({}) == 5


async def test_a_batch_of_which_one_event_fails_leaves_nothing_at_all(database: Database) -> None:
    async def fail_on_the_last(event: ApplicationApproved, uow: UnitOfWork) -> None:
        await leave_all_kinds(event, uow)
        await uow.written("effects")
        if event.application_id == "a9":
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await run(database, fail_on_the_last, *(approved(number) for number in range(10)))
    for name in ("effects", "jobs", "outbox", "published_events", "inbox"):
        assert await database.db[name].count_documents({}) == 0


async def test_a_new_document_whose_id_is_taken_fails_its_batch(database: Database) -> None:
    await database.db.effects.insert_one({"_id": "a1"})
    with pytest.raises(BulkWriteError):
        await run(database, leave_all_kinds, approved(0), approved(1))
    assert await database.db.inbox.count_documents({}) == 0
