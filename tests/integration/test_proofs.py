"""Proofs of rows in a real database: kept by what the service itself changes, through rotations and erasures."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo.errors import WriteError

from shared.clock import SystemClock
from shared.mongo.database import Database, WrittenBeforeSealing
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.ledger import settled
from shared.mongo.operation import Operation
from shared.mongo.rewrapping import Rewrapper
from shared.mongo.sealing import SealedFields
from shared.mongo.seals_account import SealsAccount
from shared.mongo.transactions import OnceOnly, Transactions, UnitOfWork
from shared.sealing.errors import SealBroken
from shared.sealing.key_file import keys_from_file, keys_from_text
from tests.support.badges import DAY, FIELDS, MAPPER, Badge, add, database_at, erase, make_badges, mark, put, read, run, stored
from tests.support.places import Place
from tests.support.sealing import KEYS_OF_TESTS, KeyFile


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    opened = await make_badges(place)
    yield opened
    await opened.close()


async def test_what_may_change_by_itself_and_what_is_changed_in_many_rows_keeps_them_proven(database: Database) -> None:
    await database.db.badges.update_one({"_id": "b1"}, {"$inc": {"seen": 1}})
    assert await run(database, mark, "p1") == 2
    assert [(await read(database, one)).version for one in ("b1", "b2")] == [3, 2]
    row = (await stored(database))["b1"]
    await put(database, row | {"roles": []})
    assert await run(database, mark, "p1") == 2  # as a session that somebody moved is ended with the others
    with pytest.raises(SealBroken):
        await read(database)
    assert (await read(database, "b2")).version == 3


async def test_proofs_outlive_a_rotation_of_keys_and_are_asked_of_nobody_who_was_erased(place: Place, tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    database = database_at(place, keys_from_file(file.path))
    await database.ensure_indexes({**KERNEL_INDEXES, "badges": []}, {"badges": FIELDS.validator()})
    await run(database, add, Badge("b1", "p1", [], DAY))
    file.add("second")
    keys = keys_from_file(file.path)
    assert await Rewrapper(database, keys.encryption, "badges").bring_up_to_date() == 1
    file.destroy("first")
    fresh = database_at(place, keys_from_file(file.path))
    fresh.prepared = True
    assert (await read(fresh)).name == "Айгерим"
    await run(fresh, erase, "p1")
    assert (await read(fresh)).name == "erased"
    [verdict] = await settled(fresh.client, SealsAccount(fresh.db, [FIELDS]))
    assert verdict.holds
    await database.db.data_keys.delete_one({"_id": "p1"})  # nor is a person erased whose key was only taken away
    later = database_at(place, keys_from_file(file.path))
    with pytest.raises(SealBroken):
        await MAPPER.read(later.db, (await stored(fresh))["b1"])
    await asyncio.gather(*(one.close() for one in (database, fresh, later)))


async def test_an_erasure_in_one_process_is_heard_by_the_others(place: Place, database: Database) -> None:
    other = database_at(place, keys_from_text(KEYS_OF_TESTS))
    other.prepared = True
    assert (await read(other)).name == "Айгерим"
    await other.db.keys.hear_of_destroyed()
    await run(database, erase, "p1")
    assert (await read(other)).name == "Айгерим"  # it remembers the key
    await other.db.keys.hear_of_destroyed()
    assert (await read(other)).name == "erased"
    await other.close()


async def test_the_database_refuses_a_row_without_a_proof_and_older_data_is_told_at_the_start(
    place: Place, database: Database
) -> None:
    with pytest.raises(WriteError):
        await database.db.badges.insert_one({"_id": "b9", "person_id": "p1", "version": 1})
    await database.db.command("collMod", "badges", validator=SealedFields("badges", "person_id", FIELDS.fields).validator())
    await database.db.badges.update_one({"_id": "b1"}, {"$unset": {"proof": ""}})
    with pytest.raises(WrittenBeforeSealing):
        await database.ensure_indexes({**KERNEL_INDEXES, "badges": []}, {"badges": FIELDS.validator()})


async def test_what_a_request_is_remembered_by_cannot_be_guessed_at_without_the_key(database: Database) -> None:
    async def nothing(_command: None, _uow: UnitOfWork) -> None: ...

    transactions, at = Transactions(database, SystemClock()), SystemClock()
    once = OnceOnly("p1:key", "5e884898da28")
    for replayed in (False, True):
        _, was_there = await transactions.run_idempotently(nothing, None, once, operation=Operation.now(at), respond=lambda _: {})
        assert was_there is replayed
    row = await database.db.idempotency_keys.find_one({"_id": "p1:key"})
    assert row is not None
    assert "5e884898" not in row["request_hash"]
