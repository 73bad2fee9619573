"""A whole stack: its small consulate is there once, whatever interrupts that; the ledger holds, and finds what is taken away."""

import asyncio
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from cli.databases import stack_now
from cli.kernel_databases import open_databases
from cli.ledger_reading import Page, queued_at, read_all
from cli.seed import WITH_DOCUMENT
from cli.seed_cases import CASES
from cli.stack import Stack
from services.applications.ledger import ApplicationsAccount
from services.documents.ledger import DocumentsAccount
from services.notifications.ledger import MessagesAccount
from shared.mongo.database import Database, Db
from shared.mongo.ledger import Account, Span, parts_of_all, settled
from tests.support.seeding import planned, statuses
from tests.support.serving import eventually
from tests.support.stacks import RunningStack, running_stack

Document = dict[str, Any]
LONG_AGO = timedelta(minutes=5)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """To be filled: by the first test, or for the others."""
    with running_stack(tmp_path_factory.mktemp("ledger")) as running:
        yield running


@pytest.fixture(scope="module")
def stack(empty: RunningStack) -> RunningStack:
    assert empty.eshik("up", "--detach").returncode == 0
    assert empty.eshik("demo").returncode == 0
    with MongoClient[Document](empty.ports.mongo_url) as client:
        for service in ("applications", "documents"):  # old enough to be asked for
            move = {"$set": {"at": datetime.now(UTC) - LONG_AGO}}
            client[service].published_events.update_many({}, move)
    return empty


@pytest.fixture
def databases(stack: RunningStack) -> Iterator[MongoClient[Document]]:
    with MongoClient[Document](stack.ports.mongo_url, tz_aware=True) as client:
        yield client


def ledger(stack: RunningStack, *, expect: int) -> dict[str, list[str]]:
    """By the command's own reading, in this process: the ids of faults by the rule that they break."""

    url = f"http://guest:guest@127.0.0.1:{stack.ports.rabbit_management}"

    async def nothing_waits() -> bool:
        queued = await asyncio.to_thread(queued_at, url, "")
        return queued is not None and all(each.messages == 0 for each in queued.values())

    async def read() -> list[Page]:
        outside = Stack(stack.places, stack.ports)
        if expect:  # what is missing may lie in a queue as long as one is not empty, and a load was before
            await eventually(nothing_waits, every_s=0.5)
        async with open_databases(outside, {}) as databases:
            return await read_all(databases, stack_now(outside), lambda: queued_at(url, ""), between_s=3)

    verdicts = [verdict for page in asyncio.run(read()) for verdict in page.verdicts]
    broken = {verdict.rule: [fault.id for fault in verdict.faults] for verdict in verdicts if not verdict.holds}
    assert bool(broken) == bool(expect), broken
    return broken


def commanded(stack: RunningStack, *, expect: int) -> dict[str, list[str]]:
    """The same by ./eshik ledger."""
    done = stack.eshik("ledger", "--json")
    assert done.returncode == expect, f"{done.stdout[-2500:]}\n{done.stderr[-500:]}"
    rules = json.loads(done.stdout)["rules"]
    return {rule["rule"]: [fault["id"] for fault in rule["ids"]] for rule in rules if not rule["holds"]}


@contextmanager
def without(client: MongoClient[Document], path: str, query: Document) -> Iterator[Document]:
    """One document is taken away, and put back at the end."""
    database, _, collection = path.partition(".")
    row = client[database][collection].find_one(query)
    assert row is not None, (path, query)
    client[database][collection].delete_one({"_id": row["_id"]})
    try:
        yield row
    finally:
        client[database][collection].insert_one(row)


@contextmanager
def altered(client: MongoClient[Document], path: str, query: Document, change: Document) -> Iterator[Document]:
    database, _, collection = path.partition(".")
    row = client[database][collection].find_one(query)
    assert row is not None, (path, query)
    client[database][collection].update_one({"_id": row["_id"]}, {"$set": change})
    try:
        yield row
    finally:
        client[database][collection].replace_one({"_id": row["_id"]}, row)


def kill_while_seeding(stack: RunningStack, *, after: int) -> None:
    """Up, killed once there are so many applications."""
    filling = subprocess.Popen(
        stack.command("up", "--detach"), env=stack.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while len(stack.rows("applications", "applications")) < after:
        assert filling.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
    filling.kill()
    filling.wait()
    assert after <= len(stack.rows("applications", "applications")) < len(CASES), "it was to be killed in the middle"


@pytest.mark.timeout(300)
def test_the_consulate_is_filled_once_also_when_that_is_killed_and_begun_again(empty: RunningStack) -> None:
    assert empty.rows("applications", "applications") == [], "a test's stack is empty unless it asks"
    kill_while_seeding(empty, after=3)
    kill_while_seeding(empty, after=11)

    filled = empty.eshik("up", "--detach")
    assert filled.returncode == 0, filled.stderr
    assert "not all there" not in filled.stderr
    assert statuses(empty) == planned()

    again = empty.eshik("up", "--detach")
    assert "filled" not in again.stderr
    assert statuses(empty) == planned()
    assert len(empty.rows("documents", "documents")) == sum(case.until in WITH_DOCUMENT for case in CASES)


def test_a_sound_stack_holds_and_says_what_each_side_was_taken_from(stack: RunningStack) -> None:
    assert commanded(stack, expect=0) == {}
    printed = stack.eshik("ledger").stdout
    assert "All of it holds" in printed
    assert "entries of the journal = status of each application" in printed


def test_a_running_load_gives_no_false_alarm(stack: RunningStack) -> None:
    services = ("passport-child", "birth-registration", "minor-travel-consent")
    with ThreadPoolExecutor(3) as pool:
        load = [pool.submit(stack.eshik, "demo", "--service", name) for name in services]
        while not all(case.done() for case in load):
            assert ledger(stack, expect=0) == {}
    assert [case.result().returncode for case in load] == [0, 0, 0]
    assert ledger(stack, expect=0) == {}


def test_an_event_in_no_outbox_and_no_inbox_is_found(stack: RunningStack, databases: MongoClient[Document]) -> None:
    """As when a row of the outbox was deleted before its event was sent: only its id is left."""
    row = {"_id": "0-never-sent", "type": "application.submitted.v1", "at": datetime.now(UTC) - LONG_AGO}
    databases.applications.published_events.insert_one(row)
    try:
        assert ledger(stack, expect=1) == {"events of applications": ["0-never-sent"]}
        unsent = {"_id": row["_id"], "held_until": datetime(2100, 1, 1, tzinfo=UTC), "occurred_at": row["at"]}
        databases.applications.outbox.insert_one(unsent)  # with its row there it is known where it is
        assert ledger(stack, expect=0) == {}
    finally:
        databases.applications.outbox.delete_one({"_id": row["_id"]})
        databases.applications.published_events.delete_one({"_id": row["_id"]})


def test_an_event_whose_mark_is_gone_from_an_inbox_is_found_unless_it_is_parked(
    stack: RunningStack, databases: MongoClient[Document]
) -> None:
    with without(databases, "documents.inbox", {"_id": {"$regex": "^on_application_approved:"}}) as mark:
        event_id = mark["_id"].partition(":")[2]
        found = ledger(stack, expect=1)
        assert found["events of applications"] == [event_id]
        databases.documents.dead_letters.insert_one({"_id": "m", "event_id": event_id, "state": "parked"})
        assert "events of applications" not in ledger(stack, expect=0)
        databases.documents.dead_letters.delete_one({"_id": "m"})


def test_a_lost_message_is_found(stack: RunningStack, databases: MongoClient[Document]) -> None:
    with without(databases, "notifications.notifications", {"event_type": "application.submitted.v1"}) as message:
        assert commanded(stack, expect=1) == {"messages": [message["_id"]]}


def test_a_message_that_waits_for_no_job_is_found(stack: RunningStack, databases: MongoClient[Document]) -> None:
    with altered(databases, "notifications.notifications", {"state": "sent"}, {"state": "sending"}) as message:
        assert ledger(stack, expect=1) == {"message jobs": [message["_id"]]}


def test_a_job_in_a_state_that_nobody_knows_is_found(stack: RunningStack, databases: MongoClient[Document]) -> None:
    with altered(databases, "applications.jobs", {"kind": "expire_draft"}, {"state": "half-done"}) as job:
        assert ledger(stack, expect=1)["jobs"] == [job["_id"]]


def test_a_job_that_is_leased_long_past_its_end_is_found(stack: RunningStack, databases: MongoClient[Document]) -> None:
    """Of a kind that nobody works, so that no worker takes it up."""
    job = {"_id": "nobody:1", "kind": "nobody", "state": "leased", "leased_until_ms": 0, "fence": 1}
    databases.documents.jobs.insert_one(job)
    try:
        assert ledger(stack, expect=1) == {"jobs": ["nobody:1"]}
    finally:
        databases.documents.jobs.delete_one({"_id": "nobody:1"})


@pytest.mark.parametrize("status", ["half-ready", "refused", "draft"])
def test_an_application_in_a_state_that_its_journal_does_not_lead_to_is_found(
    stack: RunningStack, databases: MongoClient[Document], status: str
) -> None:
    with altered(databases, "applications.applications", {"status": "in_review"}, {"status": status}) as application:
        found = ledger(stack, expect=1)
        assert found["journal"] == [application["_id"]]
        assert found.get("applications", [application["_id"]]) == [application["_id"]]
        assert ("applications" in found) == (status != "refused")


def test_a_lost_application_and_a_missing_entry_of_a_journal_are_found(
    stack: RunningStack, databases: MongoClient[Document]
) -> None:
    with without(databases, "applications.applications", {"status": "submitted"}) as application:
        assert ledger(stack, expect=1) == {"applications": [application["_id"]], "journal": [application["_id"]]}
    with without(databases, "applications.journal", {"sequence": 1}) as entry:
        assert entry["application_id"] in ledger(stack, expect=1)["journal"]


def test_an_event_of_the_journal_that_was_never_published_is_found(stack: RunningStack, databases: MongoClient[Document]) -> None:
    newest_first = {"action": "application:approve"}
    entry = databases.applications.journal.find_one(newest_first)
    assert entry is not None
    own = next(i for i, kind in zip(entry["event_ids"], entry["event_types"], strict=True) if kind.startswith("application."))
    with without(databases, "applications.published_events", {"_id": own}):
        databases.applications.published_events.insert_one(
            {"_id": "0-first", "type": "application.none.v1", "at": datetime.now(UTC) - timedelta(days=1)}
        )
        assert ledger(stack, expect=1) == {"journal's events": [own]}
    databases.applications.published_events.delete_one({"_id": "0-first"})


def test_a_lost_document_a_lost_file_and_one_that_nobody_ordered_are_found(
    stack: RunningStack, databases: MongoClient[Document]
) -> None:
    with without(databases, "documents.documents", {"state": "issued"}) as entry:
        found = ledger(stack, expect=1)
        assert found == {"documents": [entry["_id"]], "documents ordered": [entry["application_id"]]}
    with without(databases, "documents.files.files", {"_id": entry["file_id"]}):
        assert ledger(stack, expect=1) == {"documents": [entry["_id"]]}
    with altered(databases, "documents.documents", {"_id": entry["_id"]}, {"application_id": "0-nobody"}):
        assert "0-nobody" in ledger(stack, expect=1)["documents ordered"]


async def test_an_account_read_in_parts_finds_what_it_finds_as_a_whole(
    stack: RunningStack, databases: MongoClient[Document]
) -> None:
    async def found(service: str, account: Callable[[Db, datetime, Span], Account[Any]]) -> list[str]:
        database = Database(stack.ports.mongo_url, service)
        parts = [await settled(database.client, account(database.db, datetime.now(UTC), span)) for span in parts_of_all(16)]
        await database.close()
        return sorted({fault.id for verdicts in parts for verdict in verdicts for fault in verdict.faults})

    assert await found("applications", ApplicationsAccount) == []
    assert await found("documents", DocumentsAccount) == []
    assert await found("notifications", MessagesAccount) == []
    with without(databases, "applications.applications", {"status": "submitted"}) as application:
        assert await found("applications", ApplicationsAccount) == [application["_id"]]
    with without(databases, "documents.documents", {"state": "issued"}) as entry:
        assert await found("documents", DocumentsAccount) == [entry["_id"]]
    with without(databases, "notifications.notifications", {"event_type": "application.submitted.v1"}) as message:
        assert await found("notifications", MessagesAccount) == [message["_id"]]
    with without(databases, "notifications.jobs", {"kind": "send_notification"}) as job:
        assert await found("notifications", MessagesAccount) == [job["key"]]


@pytest.mark.timeout(230)  # longer than it waits
async def test_each_service_keeps_its_own_ledger_and_asks_those_that_hear_its_events(stack: RunningStack) -> None:
    """With tokens of identity and over HTTP, each minute; nothing is carried on that has arrived."""

    async def kept() -> bool:
        last = {name: stack.rows(name, "ledger", {"_id": "last"}) for name in ("identity", "applications", "documents")}
        missing = stack.rows("applications", "ledger", {"_id": "missing"})
        return all(rows and rows[0]["holds"] for rows in last.values()) and bool(missing) and not missing[0]["deliveries"]

    await eventually(kept, within_s=200, every_s=1)


def test_a_database_that_does_not_answer_is_said_in_one_line(stack: RunningStack) -> None:
    away = {**stack.environment, "ESHIK_MONGO_URL": "mongodb://127.0.0.1:9/?replicaSet=none"}
    done = RunningStack(stack.places.home, stack.ports, away).eshik("ledger")
    assert done.returncode == 2
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr
