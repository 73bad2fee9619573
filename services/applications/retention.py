"""What the daily purge deletes in applications, and what goes with it: by retention_rules/, in the words of the database."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from services.applications.appointments.retention import APPOINTMENTS_PURGED
from services.applications.domain.status import GIVEN, OPEN, Status
from services.applications.fees.schema import RECONCILED
from services.applications.journal_rows import COLLECTION as JOURNAL
from services.applications.life import MESSAGES, ORIGINALS
from services.applications.objections import OBJECTIONS
from services.applications.queue.claims import CLAIMS
from services.applications.schema import file_ids
from services.applications.use_cases.start_application import EXPIRE_DRAFT
from shared.contracts.applications import OutcomeKind
from shared.jobs.job import NewJob
from shared.mongo.database import Db, Document, Session
from shared.mongo.purge_job import Retention
from shared.mongo.purging import Item, Purged
from shared.mongo.transactions import UnitOfWork
from shared.retention.rules import KindRule, RulesUnusable
from shared.sealing.holds import hold_kinds

FOLDER: Final = Path(__file__).parent / "retention_rules"
NOTARIAL: Final = frozenset(hold_kinds()["notarial-record"].services)
_OPEN: Final = [*OPEN]
_OTHERS: Final = {"service_id": {"$nin": sorted(NOTARIAL)}}
# a paper that waits at the counter is not closed, however long it waits; what becomes a notarial record stays
CLOSED: Final[Document] = {
    "$or": [
        {"status": {"$in": [Status.REFUSED, Status.WITHDRAWN]}},
        {"status": Status.EXPIRED, "submitted_at": {"$ne": None}},  # its fee was never paid
        {"status": {"$in": [*GIVEN, Status.ANNULLED]}, **_OTHERS},
        {"status": Status.READY, "outcome": OutcomeKind.DIGITAL_DOCUMENT, **_OTHERS},
    ]
}
NOT_CLOSED: Final[Document] = {
    "$or": [{"status": {"$in": _OPEN}}, {"status": Status.READY, "outcome": {"$ne": OutcomeKind.DIGITAL_DOCUMENT}}]
}


async def _with_the_case(items: Sequence[Item], uow: UnitOfWork) -> None:
    """Its journal, objections, files, and the job that closed it as a draft where that was given up."""
    ids = [item.id for item in items]
    files = [file_id for item in items for file_id in file_ids(item.row)]
    drafts = [NewJob(EXPIRE_DRAFT, key, uow.at).id for key in ids]
    everywhere: dict[str, Document] = {
        JOURNAL: {"application_id": {"$in": ids}},
        CLAIMS: {"application_id": {"$in": ids}},
        OBJECTIONS: {"application_id": {"$in": ids}},
        "fillings": {"_id": {"$in": ids}},
        MESSAGES: {"application_id": {"$in": ids}},
        ORIGINALS: {"application_id": {"$in": ids}},
        "fees": {"_id": {"$in": ids}},
        "payments": {"case_id": {"$in": ids}},
        "checkouts": {"case_id": {"$in": ids}},
        "attachments.files": {"_id": {"$in": files}},
        "attachments.chunks": {"files_id": {"$in": files}},
        "jobs": {"_id": {"$in": drafts}},
    }
    for collection, query in everywhere.items():
        await uow.db[collection].delete_many(query, session=uow.session)


async def _unsettled(items: Sequence[Item], db: Db, session: Session | None, _rule: KindRule, _now: datetime) -> dict[Any, str]:
    """One whose last event has not left yet stays: others have not heard what became of it. So does one whose citizen objected
    to a look, and has no answer; and one of which the post still has an original, or money that is to be given back."""
    ids = {"$in": [item.id for item in items]}
    open_ones = db[OBJECTIONS].find({"application_id": ids, "answered_at": None}, {"application_id": 1}, session=session)
    found = {row["application_id"]: "objection-open" async for row in open_ones}
    held = db[ORIGINALS].find({"application_id": ids, "returned_at": None}, {"application_id": 1}, session=session)
    found |= {row["application_id"]: "original-held" async for row in held}
    much: Document = {"case_id": ids, "state": "surplus", "returned_at": None}
    found |= {row["case_id"]: "payment-to-return" async for row in db.payments.find(much, {"case_id": 1}, session=session)}
    return found | {
        row["subject"]: "event-not-sent" async for row in db.outbox.find({"subject": ids}, {"subject": 1}, session=session)
    }


CASE = Purged(
    "case",
    "applications",
    moment="status_since",
    closed=CLOSED,
    not_closed=("started_at", NOT_CLOSED),
    person="citizen_id",
    case="_id",
    more=("attachment", "attachments"),
    together=_with_the_case,
    spared=_unsettled,
    remembered=True,
    at_least="P91D",  # others' inboxes, and the ledger, look back so far
)
CLOSED_DRAFT = Purged(
    "closed-draft",
    "applications",
    moment="status_since",
    closed={"status": Status.EXPIRED, "submitted_at": None},
    person="citizen_id",
    case="_id",
    more=("attachment", "attachments"),
    together=_with_the_case,
    spared=_unsettled,
    remembered=True,
    at_least="P31D",  # the ledger looks back so far
)
REMEMBERED: Final = frozenset({CASE.kind, CLOSED_DRAFT.kind})
FINANCIAL = Purged("financial", RECONCILED, moment="ran_at", closed={"ran_at": {"$ne": None}})
RELATION = Purged("relation", "relations", moment="ended.at", not_closed=("declared_at", {"ended": None}))


def retention() -> Retention:
    """Raises RulesUnusable."""
    found = Retention.of("applications", FOLDER, (*APPOINTMENTS_PURGED, CASE, CLOSED_DRAFT, FINANCIAL, RELATION))
    for day in found.book.days():
        if set(found.book.on(day).kinds["notarial-case"].rule.services) != NOTARIAL:
            raise RulesUnusable("notarial-case: other services than those of the legal hold notarial-record")
    return found
