"""Cases and a purge for tests of retention: rows as they lie in the database, a clock that stands still, one run."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.applications.domain.status import Status
from services.applications.journal_rows import JOURNAL
from services.applications.schema import INDEXES
from services.documents.domain.register_entry import EntryState
from shared.contracts.applications import OutcomeKind
from shared.jobs.job import Job
from shared.mongo.audit import OWN_ROWS
from shared.mongo.audit_log import Append, append, begin_log
from shared.mongo.database import Database, Document, Indexes
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.purge_job import PURGE, Purge, Retention
from shared.mongo.purging import REPORTS
from shared.mongo.transactions import Transactions
from tests.support.places import Place
from tests.unit.applications.cases import REGISTRATION, RETURN

CLOSED = datetime(2027, 1, 10, 6, 0, tzinfo=UTC)  # noon in Bishkek
DUE = datetime(2032, 1, 10, 18, 0, tzinfo=UTC)  # five years and the rest of that day later, midnight there
RUN = "2032-01-11"


@dataclass
class Still:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@asynccontextmanager
async def database_of(place: Place, service: str = "applications", indexes: Indexes | None = None) -> AsyncIterator[Database]:
    database = Database(place.mongo_url, f"{place.database_prefix}{service}")
    await database.ensure_indexes({**KERNEL_INDEXES, **(indexes or INDEXES)})
    try:
        yield database
    finally:
        await database.close()


def purge_of(database: Database, retention: Retention, at: datetime) -> Purge:
    clock = Still(at)
    return Purge(database, Transactions(database, clock), clock, retention)


async def purged(database: Database, retention: Retention, at: datetime, run: str = RUN) -> dict[str, Document]:
    """One whole run. Out: its report, by kind."""
    purge = purge_of(database, retention, at)
    finish = await purge.run(job(run))
    await Transactions(database, Still(at)).run(finish.use_case, finish.command)
    return await report(database, run)


async def report(database: Database, run: str = RUN) -> dict[str, Document]:
    return {row["kind"]: row async for row in database.db[REPORTS].find({"run": run})}


def job(run: str) -> Job:
    return Job(f"{PURGE}:{run}", PURGE, run, {}, 0, 1, DUE, "corr-1234", None, None)


def case(key: str, status: Status, closed: datetime = CLOSED, **more: Any) -> Document:
    """As it lies there, without what is sealed."""
    row = {
        "_id": key,
        "reference": f"YEK-{key}",
        "citizen_id": f"p-{key}",
        "post_id": "yek",
        "status": status.value,
        "status_since": closed,
        "started_at": closed - timedelta(days=10),
        "service_id": REGISTRATION,
        "outcome": OutcomeKind.DIGITAL_DOCUMENT.value,
        "attachments": [{"id": f"f-{key}"}],
        "version": 3,
    }
    return row | more


async def put(database: Database, cases: Sequence[Document]) -> None:
    """With a journal of three entries, an attachment in two pieces, an answered objection and a job that was given up."""
    db = database.db
    keys = [row["_id"] for row in cases]
    await db.applications.insert_many(list(cases), bypass_document_validation=True)  # what is sealed is not looked at here
    await db.journal.insert_many([journal_entry(row, number) for row in cases for number in (1, 2, 3)])
    await db["attachments.files"].insert_many([{"_id": f"f-{key}", "filename": key} for key in keys])
    await db["attachments.chunks"].insert_many([{"files_id": f"f-{key}", "n": n, "data": b"x"} for key in keys for n in (0, 1)])
    answered = {"look_id": "l", "at": CLOSED, "answer": "justified", "answered_at": CLOSED}
    await db.objections.insert_many([{"_id": f"o-{key}", "application_id": key, **answered} for key in keys])
    await db.jobs.insert_many([{"_id": f"expire_draft:{key}", "state": "alarmed", "kind": "expire_draft"} for key in keys])
    await db.blanks.insert_many([{"_id": f"СВ-{key}", "application_id": key} for key in keys])


def journal_entry(row: Document, number: int) -> Document:
    acts = {1: "application:start", 2: "application:submit", 3: "application:refuse"}
    return {
        "_id": f"{row['_id']}:{number}",
        "application_id": row["_id"],
        "sequence": number,
        "at": row["status_since"],
        "actor": {"kind": "system", "id": "clock", "role": None},
        "action": acts[number],
        "reason": None,
        "event_ids": [],
        "event_types": [],
        "citizen_id": row["citizen_id"],
        "post_id": "yek",
        "request": "r",
    }


async def left(database: Database) -> dict[str, set[str]]:
    """Which cases something is left of, by collection."""
    db = database.db
    return {
        "applications": {row["_id"] async for row in db.applications.find({}, {"_id": 1})},
        "journal": {row["application_id"] async for row in db.journal.find({}, {"application_id": 1})},
        "files": {row["_id"].removeprefix("f-") async for row in db["attachments.files"].find({}, {"_id": 1})},
        "chunks": {row["files_id"].removeprefix("f-") async for row in db["attachments.chunks"].find({}, {"files_id": 1})},
        "objections": {row["application_id"] async for row in db.objections.find({}, {"application_id": 1})},
        "jobs": {row["_id"].partition(":")[2] async for row in db.jobs.find({"kind": "expire_draft"}, {"_id": 1})},
    }


async def numbered(database: Database, journal: Sequence[Document], own: Sequence[Document] = ()) -> None:
    """As the sequencer does."""
    await begin_log(database.db, "applications")
    entries = [JOURNAL.entry("applications", row) for row in journal] + [OWN_ROWS.entry("applications", row) for row in own]
    await Transactions(database, Still(DUE)).run(append, Append("applications", entries, fence=1))


def entry(
    key: str,
    application: str,
    *,
    signed_at: datetime = CLOSED,
    valid_until: str | None = None,
    service_id: str = RETURN,
) -> Document:
    numbering = {
        "number": f"YEK-KU-2027-{key.upper()}",
        "check_code": "AAAA-AAAA",
        "kind": "return-certificate",
        "issued_at": signed_at,
        "issued_on": "2027-01-10",
        "valid_until": valid_until,
    }
    return {
        "_id": key,
        "schema_version": 1,
        "application_id": application,
        "citizen_id": f"p-{application}",
        "reference": f"YEK-{application}",
        "service_id": service_id,
        "post_id": "yek",
        "outcome": OutcomeKind.DIGITAL_DOCUMENT.value,
        "revision": 1,
        "ordered_at": signed_at,
        "version": 3,
        "state": EntryState.ISSUED.value,
        "numbering": numbering,
        "post_names": {},
        "file_id": f"{key}.1",
        "sha256": "0" * 64,
        "size": 1,
        "signed_at": signed_at,
        "failure": None,
    }
