"""The daily purge on a real database: what its rules name goes with all that belongs to it, and nothing that is held or open."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pymongo import MongoClient

from cli.erasure import place_hold, release_hold
from cli.ledger_reading import ApprovalsAccount
from cli.retention import previews
from services.applications.app import create_app as applications
from services.applications.domain.status import Status
from services.applications.journal_rows import JOURNAL
from services.applications.ledger import ApplicationsAccount
from services.applications.retention import CASE, REMEMBERED, retention
from services.documents.domain.register_entry import EntryState, FileNoLongerKept
from services.documents.ledger import DocumentsAccount
from services.documents.queries import Asked, document_on_paper
from services.documents.repository import INDEXES as OF_DOCUMENTS
from services.documents.retention import retention as of_documents
from services.notifications.domain.notification import Channel, notification_id
from services.notifications.ledger import ALWAYS_TELL, MessagesAccount
from services.notifications.retention import retention as of_notifications
from services.notifications.schema import INDEXES as OF_NOTIFICATIONS
from shared.clock import FileClock
from shared.contracts.applications import OutcomeKind
from shared.jobs.worker import Worker
from shared.mongo.audit import AUDIT, OWN_ROWS
from shared.mongo.audit_account import AuditAccount
from shared.mongo.database import Database, Db, Document, Session
from shared.mongo.inbox import inbox_key
from shared.mongo.ledger import settled
from shared.mongo.purge_account import PurgeAccount
from shared.mongo.purge_job import BEGAN, LAST, PURGE, Purge
from shared.mongo.purging import PURGED, REPORTS, STATE, BatchOutcome, Item, PurgeBatch, purge_batch
from shared.mongo.transactions import Transactions
from shared.retention.rules import KindRule
from tests.support.keeping import CLOSED, DUE, RUN, Still, case, database_of, entry, left, numbered, purge_of, purged, put
from tests.support.places import Place
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import POWER, RETURN

pytestmark = pytest.mark.places_again
OPERATOR = {"who": "operator", "note": "request 17"}
MOMENT = timedelta(milliseconds=1)


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    async with database_of(place) as made:
        yield made


def everything(keys: set[str]) -> dict[str, set[str]]:
    return dict.fromkeys(("applications", "journal", "files", "chunks", "objections", "jobs"), keys)


async def test_what_is_due_goes_with_all_that_belongs_to_it_and_what_is_young_open_or_a_record_stays(
    database: Database,
) -> None:
    waits: dict[str, Any] = {"service_id": RETURN, "outcome": OutcomeKind.PRINT_ON_BLANK.value}
    goes = [
        case("refused", Status.REFUSED),
        case("withdrawn", Status.WITHDRAWN),
        case("digital", Status.READY),
        case("fetched", Status.HANDED_OVER, **waits),
        case("refused-power", Status.REFUSED, service_id=POWER),
        case("never-paid", Status.EXPIRED, submitted_at=CLOSED),
        case("draft", Status.EXPIRED, DUE - timedelta(days=100)),
    ]
    stays = [
        case("young", Status.REFUSED, CLOSED + timedelta(days=1)),
        case("record", Status.HANDED_OVER, service_id=POWER, outcome=OutcomeKind.PREPARED_FOR_VISIT.value),
        case("record-ready", Status.READY, service_id=POWER, outcome=OutcomeKind.PREPARED_FOR_VISIT.value),
        case("never-fetched", Status.READY, **waits),
        case("forgotten", Status.IN_REVIEW),
        case("open-draft", Status.DRAFT),
        case("young-draft", Status.EXPIRED, DUE - timedelta(days=80)),
        case("lately-unpaid", Status.EXPIRED, DUE - timedelta(days=100), submitted_at=CLOSED),
        case("paid-twice", Status.REFUSED),
        case("untold", Status.REFUSED),
        case("objected", Status.REFUSED),
        case("original-here", Status.WITHDRAWN),
    ]
    await put(database, [*goes, *stays])
    await database.db.objections.update_one({"application_id": "objected"}, {"$unset": {"answer": "", "answered_at": ""}})
    await database.db.outbox.insert_one({"_id": "e1", "subject": "untold", "held_until": None})
    passports = [("original-here", None), ("refused", CLOSED)]  # one that the post still holds, one that it gave back
    await database.db.originals.insert_many(
        [{"_id": f"p-{of}", "application_id": of, "citizen_id": f"p-{of}", "returned_at": at} for of, at in passports],
        bypass_document_validation=True,
    )

    much = {"case_id": "paid-twice", "state": "surplus", "returned_at": None}
    await database.db.payments.insert_many([much | {"_id": "1"}, {"_id": "2", "case_id": "refused", "state": "counted"}])

    the_night_before = await purged(database, retention(), DUE - MOMENT, "2032-01-10")
    assert (the_night_before["case"]["deleted"], the_night_before["closed-draft"]["deleted"]) == (0, 1)
    told = await purged(database, retention(), DUE)

    assert await left(database) == everything({row["_id"] for row in stays})
    assert await database.db.blanks.count_documents({}) == len(goes) + len(stays)  # a register of its own
    of_cases = told["case"]
    assert (of_cases["deleted"], of_cases["held"]) == (
        6,
        {"not-closed": 3, "event-not-sent": 1, "objection-open": 1, "original-held": 1, "payment-to-return": 1},
    )
    assert [row["_id"] async for row in database.db.originals.find()] == ["p-original-here"]
    assert [row["_id"] async for row in database.db.payments.find()] == ["1"]
    assert (of_cases["closed_from"], of_cases["closed_to"], of_cases["state"]) == (CLOSED, CLOSED, "done")
    assert (of_cases["rule"], of_cases["keep_for"]) == ("applications-1", "P5Y")
    of_appointments = {"booking", "waiting-list", "walk-in", "turnstile", "draw-entry", "draw"}
    of_cases_and_more = {"case", "closed-draft", "financial", "relation", "access-log", "dead-letter", "legal-hold"}
    assert told.keys() == of_appointments | of_cases_and_more
    entries = await database.db[AUDIT].find({"act": "retention:purge"}).to_list()
    assert {tuple(sorted(row["about"]["ids"])) for row in entries} == {
        tuple(sorted(row["_id"] for row in goes if row["_id"] != "draft")),
        ("draft",),
    }
    assert {row["_id"] async for row in database.db[PURGED].find()} == {row["_id"] for row in goes}
    again = await purged(database, retention(), DUE, "2032-01-12")
    assert sum(row["deleted"] for row in again.values()) == 0


async def test_what_is_held_by_law_stays_until_the_hold_is_released_and_a_preview_says_the_same(
    place: Place, database: Database
) -> None:
    await put(database, [case("held", Status.REFUSED), case("other-of-the-person", Status.REFUSED), case("free", Status.REFUSED)])
    same = {"$set": {"citizen_id": "p-held"}}
    await database.db.applications.update_one({"_id": "other-of-the-person"}, same)
    with MongoClient[Document](place.mongo_url, tz_aware=True) as client:
        db = client[database.name]
        hold = place_hold(db, "p-held", "held", "court-order", DUE, **OPERATOR)
        place_hold(db, "somebody-else", "free", "appeal", DUE, **OPERATOR)  # by case alone
        seen = (await previews({"applications": database}, DUE))["applications"]["case"]
        assert (seen.due, dict(seen.held)) == (0, {"hold-court-order": 2, "hold-appeal": 1})

        told = await purged(database, retention(), DUE)
        assert (told["case"]["deleted"], told["case"]["held"]) == (0, {"hold-court-order": 2, "hold-appeal": 1})
        assert (await left(database))["applications"] == {"held", "other-of-the-person", "free"}

        assert release_hold(db, hold, DUE, **OPERATOR)
    seen = (await previews({"applications": database}, DUE))["applications"]["case"]
    assert (seen.due, dict(seen.held)) == (2, {"hold-appeal": 1})
    assert (await purged(database, retention(), DUE, "2032-01-12"))["case"]["deleted"] == 2
    assert await left(database) == everything({"free"})


async def test_a_hold_that_was_placed_is_never_too_late_however_near_the_purge_is(place: Place, database: Database) -> None:
    """It is placed while the purge's transaction is open and has asked for holds: one of the two must wait for the other."""
    await put(database, [case("held", Status.REFUSED)])
    placed: list[bool] = []
    threads: list[Thread] = []

    def place_it() -> None:
        with MongoClient[Document](place.mongo_url, tz_aware=True) as client:
            place_hold(client[database.name], "p-held", "held", "court-order", DUE, **OPERATOR)
            placed.append(True)

    async def while_it_is_open(
        _items: Sequence[Item], _db: Db, _session: Session | None, _rule: KindRule, _now: datetime
    ) -> dict[Any, str]:
        if not threads:
            threads.append(Thread(target=place_it))
            threads[0].start()
            await asyncio.to_thread(threads[0].join, 3)
            first.append(bool(placed))
        return {}

    first: list[bool] = []
    rule = retention().on(DUE).kinds["case"]
    watched = replace(CASE, spared=while_it_is_open)
    await purge_of(database, retention(), DUE)._begin()
    outcome: BatchOutcome = await Transactions(database, Still(DUE)).run(purge_batch, PurgeBatch(watched, rule, RUN, ["held"]))
    await asyncio.to_thread(threads[0].join)
    assert placed == [True]
    was_first = first == [True]
    assert bool(outcome.deleted) != was_first
    assert (await left(database))["applications"] == ({"held"} if was_first else set())


async def test_two_purges_at_once_delete_each_case_once_and_count_it_once(place: Place, database: Database) -> None:
    keys = [f"c{number:03d}" for number in range(120)]
    await put(database, [case(key, Status.REFUSED) for key in keys])
    async with database_of(place) as other:
        await asyncio.gather(purged(database, retention(), DUE), purged(other, retention(), DUE))
    assert await left(database) == everything(set())
    [line] = await database.db[REPORTS].find({"kind": "case"}).to_list()
    entries = await database.db[AUDIT].find({"about.kind": "case"}).to_list()
    assert line["deleted"] == sum(row["about"]["count"] for row in entries) == 120
    assert sorted(key for row in entries for key in row["about"]["ids"]) == keys


async def test_the_purge_is_a_job_of_each_night_and_one_that_was_missed_runs_at_once(database: Database, tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    offset = (datetime(2032, 1, 11, 12, tzinfo=UTC) - datetime.now(UTC)).total_seconds()  # a day and its night after it fell due
    (tmp_path / "clock").write_text(str(offset - 86_400))
    await put(database, [case("refused", Status.REFUSED)])
    transactions = Transactions(database, clock)
    purge = Purge(database, transactions, clock, retention())
    scheduling = asyncio.create_task(purge.keep_scheduled())

    async def scheduled() -> Document | None:
        return await database.db.jobs.find_one({"kind": PURGE})

    row = await eventually(scheduled)
    scheduling.cancel()
    assert row is not None
    assert (row["key"], row["due_at"], row["state"]) == ("2032-01-11", datetime(2032, 1, 10, 21, tzinfo=UTC), "waiting")
    (tmp_path / "clock").write_text(str(offset))  # while nobody worked
    working = asyncio.create_task(Worker(database, transactions, clock, {PURGE: purge.kind}).run())

    async def ended() -> Document | None:
        return await database.db[STATE].find_one({"_id": LAST})

    try:
        last = await eventually(ended)
    finally:
        working.cancel()
        await asyncio.gather(working, scheduling, return_exceptions=True)
    assert last is not None
    assert last["run"] == "2032-01-11"
    assert await database.db[STATE].count_documents({"_id": BEGAN}) == 1
    assert await left(database) == everything(set())


async def test_the_ledger_holds_after_a_purge_and_not_where_a_case_went_by_another_hand(place: Place, database: Database) -> None:
    a_draft = case("draft", Status.EXPIRED, DUE - timedelta(days=100))  # whose entries of the audit are younger than their term
    await put(database, [case("refused", Status.REFUSED), case("stolen", Status.REFUSED), a_draft])
    await numbered(database, [row async for row in database.db.journal.find().sort("_id", 1)])
    client, db = database.client, database.db
    async with database_of(place, "documents", OF_DOCUMENTS) as documents:
        await documents.db.documents.insert_many([entry("d1", "refused"), entry("d2", "stolen")])
        await purged(database, retention(), DUE)

        async def broken() -> dict[str, list[str]]:
            accounts = [
                ApplicationsAccount(db, DUE),
                AuditAccount(db, "applications", DUE, (OWN_ROWS, JOURNAL)),
                PurgeAccount(db, REMEMBERED),
                ApprovalsAccount(db, Db(client, documents.name, None, "documents")),
            ]
            verdicts = [verdict for account in accounts for verdict in await settled(client, account)]  # type: ignore[arg-type]
            return {verdict.rule: [fault.id for fault in verdict.faults] for verdict in verdicts if not verdict.holds}

        assert await broken() == {}
        await db[PURGED].delete_many({"_id": {"$in": ["stolen", "draft"]}})
        assert await broken() == {
            "audit": [f"journal:draft:{number}" for number in (1, 2, 3)],
            "deleted by rule": [f"{RUN}:case", f"{RUN}:closed-draft"],
            "documents ordered": ["stolen"],
        }


async def test_papers_go_when_their_term_and_their_validity_are_over_and_the_register_goes_on_answering(place: Place) -> None:
    async with database_of(place, "documents", OF_DOCUMENTS) as database:
        db = database.db
        rows = [
            entry("old", "a1"),
            entry("valid", "a2", valid_until="2033-01-01"),
            entry("over", "a3", valid_until="2032-01-01"),
            entry("record", "a4", service_id=POWER),
            entry("young", "a5", signed_at=CLOSED + timedelta(days=1)),
        ]
        await db.documents.insert_many(rows)
        await db["files.files"].insert_many([{"_id": row["file_id"], "filename": row["_id"]} for row in rows])
        await db["files.chunks"].insert_many([{"files_id": row["file_id"], "n": 0, "data": b"x"} for row in rows])

        told = await purged(database, of_documents(), DUE)

        assert (told["paper"]["deleted"], told["paper"]["held"]) == (2, {"still-valid": 1})
        kept = {f"{key}.1" for key in ("valid", "record", "young")}
        assert {row["_id"] async for row in db["files.files"].find()} == kept
        assert {row["files_id"] async for row in db["files.chunks"].find()} == kept
        asked = Asked("YEK-KU-2027-OLD", date(2027, 1, 10), "AAAA-AAAA")
        found = await document_on_paper(db, asked)
        assert found is not None
        assert (found.id, found.state) == ("old", EntryState.ISSUED)
        with pytest.raises(FileNoLongerKept):
            found.kept_file()
        assert [verdict.faults for verdict in await settled(database.client, DocumentsAccount(db, DUE))] == [()]
        acts = await db[AUDIT].find({"act": "document:drop-file"}).to_list()
        assert sorted(row["about"]["document"] for row in acts) == ["old", "over"]


async def test_one_row_that_cannot_be_read_is_counted_and_keeps_no_other_from_being_deleted(place: Place) -> None:
    async with database_of(place, "documents", OF_DOCUMENTS) as database:
        no_paper: dict[str, Any] = {"number": "YEK-KU-1", "valid_until": "soon"}
        unreadable: list[dict[str, Any]] = [{"file_id": None}, {"numbering": no_paper}, {"schema_version": 99}]
        rows = [entry(f"bad{number}", f"b{number}") | part for number, part in enumerate(unreadable)]
        await database.db.documents.insert_many([*rows, entry("d1", "a1"), entry("d2", "a2")])

        told = await purged(database, of_documents(), DUE)

        assert (told["paper"]["deleted"], told["paper"]["held"], told["paper"]["state"]) == (2, {"not-readable": 3}, "done")
        dropped = database.db.documents.find({"file_deleted_at": {"$exists": True}})
        assert {row["_id"] async for row in dropped} == {"d1", "d2"}


async def test_messages_go_after_a_year_and_one_that_waits_stays(place: Place) -> None:
    a_year_ago = DUE - timedelta(days=366)
    async with database_of(place, "notifications", OF_NOTIFICATIONS) as database:
        states = {"sent": "sent", "failed": "failed", "unknown": "unknown", "queued": "queued", "young": "sent"}
        await database.db.notifications.insert_many(
            [
                {
                    "_id": key,
                    "state": state,
                    "state_at": a_year_ago + (timedelta(days=2) if key == "young" else timedelta()),
                    "queued_at": a_year_ago,
                    "citizen_id": "p",
                    "application_id": "a",
                }
                for key, state in states.items()
            ]
        )
        await database.db.jobs.insert_one({"_id": "ask_about_notification:unknown", "state": "alarmed"})
        told = await purged(database, of_notifications(), DUE)
        assert (told["message"]["deleted"], told["message"]["held"]) == (3, {"not-closed": 1})
        assert {row["_id"] async for row in database.db.notifications.find()} == {"queued", "young"}
        assert await database.db.jobs.count_documents({"_id": {"$regex": "^ask"}}) == 0

        await database.db.notifications.delete_many({})  # the others by another hand; and then the clock is put back
        moments = {"before": a_year_ago - MOMENT, "after": a_year_ago + MOMENT}
        marks = [{"_id": inbox_key(ALWAYS_TELL[0], key), "handled_at": at} for key, at in moments.items()]
        await database.db.inbox.insert_many(marks)
        verdicts = await settled(database.client, MessagesAccount(database.db, a_year_ago + timedelta(days=3)))
        lost = {fault.id for verdict in verdicts for fault in verdict.faults}
        assert lost == {notification_id("after", channel) for channel in Channel}


async def test_the_ministry_and_auditors_read_rules_what_falls_due_and_the_report_and_nobody_else_does(
    place: Place, database: Database
) -> None:
    tokens = TestTokens(Still(DUE))
    app = applications(place.settings())
    app.state.runtime.clock = Still(DUE)
    async with serving(app, tokens) as client:
        await put(database, [case("due", Status.REFUSED), case("soon", Status.REFUSED, CLOSED + timedelta(days=20))])
        auditor = tokens.officer("melis", "auditor") | {"Accept-Language": "ru"}
        rules = (await client.get("/api/retention", headers=auditor)).json()
        await purged(database, retention(), DUE)
        told = (await client.get("/api/retention/reports", headers=tokens.officer("sagyn", "ministry"))).json()
        others = [tokens.officer("bakyt", "head"), tokens.officer("ainura", "administrator"), tokens.citizen(), {}]
        statuses = [(await client.get("/api/retention", headers=headers)).status_code for headers in others]

    [of_cases] = [rule for rule in rules["rules"] if rule["kind"] == "case"]
    assert (of_cases["keep_for"], of_cases["due"], of_cases["certainty"]) == ("P5Y", 2, "D")
    assert of_cases["title"].startswith("Дела")
    assert (rules["last_purge_at"], rules["next_purge_at"]) == (None, "2032-01-10T21:00:00Z")
    [line] = [line for line in told["reports"] if line["kind"] == "case"]
    assert (line["run"], line["deleted"], line["rule"], line["held"]) == (RUN, 1, "applications-1", {})
    assert statuses == [403, 403, 403, 401]
