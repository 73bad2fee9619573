"""Entries of the audit that lose their content by rule, and a chain that still verifies."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pymongo import MongoClient

from cli.audit_export import write_export
from cli.erasure import place_hold
from services.applications.domain.errors import LookNotFound
from services.applications.objections import look_of
from services.applications.retention import retention
from shared.audit.verifying import judge
from shared.mongo.audit import AUDIT, LOG, OWN_ROWS
from shared.mongo.audit_account import AuditAccount
from shared.mongo.database import Database, Document
from shared.mongo.ledger import settled
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.support.keeping import DUE, Still, database_of, numbered, purged
from tests.support.places import Place

pytestmark = pytest.mark.places_again
OPERATOR = {"who": "operator", "note": "request 17"}
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    async with database_of(place) as made:
        yield made


def everything(keys: set[str]) -> dict[str, set[str]]:
    return dict.fromkeys(("applications", "journal", "files", "chunks", "objections", "jobs"), keys)


async def test_old_entries_of_the_audit_lose_their_content_and_the_export_still_verifies(
    place: Place, database: Database, tmp_path: Path
) -> None:
    long_ago, db = DUE - timedelta(days=4 * 366), database.db
    for number, at in [*((n, long_ago) for n in range(8)), *((n, DUE) for n in range(8, 12))]:
        await Transactions(database, Still(at)).run(note_in_applications, number)
    await numbered(database, [], own=await db[AUDIT].find().sort("at", 1).to_list())
    with MongoClient[Document](place.mongo_url, tz_aware=True) as client:
        place_hold(client[database.name], "person-3", "case-3", "investigation", DUE, **OPERATOR)

        told = await purged(database, retention(), DUE)

        assert (told["access-log"]["deleted"], told["access-log"]["held"]) == (7, {"hold-investigation": 1})
        emptied = await db[LOG].find({"text": {"$exists": False}}).sort("_id", 1).to_list()
        assert [row["_id"] for row in emptied] == [1, 2, 3, 5, 6, 7, 8]
        assert all(row.keys() == {"_id", "id", "hash", "link", "emptied_at"} for row in emptied)
        with pytest.raises(LookNotFound):  # nobody can object to it any more
            await look_of(db, "case-0", emptied[0]["id"])
        assert await db[AUDIT].count_documents({"at": long_ago}) == 1
        await number_the_rest(database)
        assert [v.faults for v in await settled(database.client, AuditAccount(db, "applications", DUE))] == [()]
        file = tmp_path / "audit.jsonl"
        write_export(client[database.name], "applications", file)
        with file.open("rb") as lines:
            judged = judge(lines, None)
        assert (judged.broken, judged.emptied) == (None, 7)
        assert not any(f'"case-{number}"' in file.read_text(encoding="utf-8") for number in (0, 1, 2, 4, 5, 6, 7))

        later = await purged(database, retention(), DUE + timedelta(days=4 * 366), "2036-01-12")
        assert later["access-log"]["held"] == {"hold-investigation": 3}  # 3 and 10, of one person, and that it was held
        await number_the_rest(database)
        assert await db[LOG].count_documents({"act": "audit:forget"}) == 2  # what accounts for the emptied ones stays whole
        write_export(client[database.name], "applications", file)
        with file.open("rb") as lines:
            assert judge(lines, None).broken is None
        await db[LOG].update_one({"_id": 4}, {"$unset": {"text": ""}})  # by hand, and no entry says so
        write_export(client[database.name], "applications", file)
    with file.open("rb") as lines:
        found = judge(lines, None).broken
    assert found is not None
    assert (found.what, found.number) == ("deleted", 4)


async def note_in_applications(number: int, uow: UnitOfWork) -> None:
    uow.audit("case:note", about={"case": f"case-{number}", "person": f"person-{number % 7}", "post": "yek"})


async def number_the_rest(database: Database) -> None:
    known = {row["id"] async for row in database.db[LOG].find({}, {"id": 1})}
    rows = await database.db[AUDIT].find().sort("at", 1).to_list()
    await numbered(database, [], own=[row for row in rows if OWN_ROWS.entry_id(row["_id"]) not in known])


async def test_an_entry_that_was_signed_long_after_it_was_written_waits_until_the_signature_is_old_enough(
    database: Database,
) -> None:
    for number in range(3):
        await Transactions(database, Still(DUE - timedelta(days=4 * 366))).run(note_in_applications, number)
    await number_the_rest(database)
    checkpoints = [
        {"_id": 1, "size": 2, "at": DUE - timedelta(days=3 * 366)},
        {"_id": 2, "size": 3, "at": DUE - timedelta(days=3)},
    ]
    await database.db["audit_checkpoints"].insert_many(checkpoints)
    told = await purged(database, retention(), DUE)
    assert (told["access-log"]["deleted"], told["access-log"]["held"]) == (2, {"signed-late": 1})
