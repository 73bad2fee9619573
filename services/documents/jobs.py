"""The work that leaves the transaction: read the dossier, reserve the number, render, seal, sign, store."""

from collections.abc import Callable
from dataclasses import dataclass

from services.documents.domain.numbers import new_check_code
from services.documents.domain.paper import UnprintableText
from services.documents.domain.register_entry import EntryState, Numbering
from services.documents.dossiers import Dossiers
from services.documents.issuing import Issuer
from services.documents.papers import day_at_post, paper_of
from services.documents.repository import MAPPER
from services.documents.storage import Files
from services.documents.use_cases.erase_person import erase_person
from services.documents.use_cases.note_issue_failure import note_issue_failure
from services.documents.use_cases.order_document import ISSUE_DOCUMENT
from services.documents.use_cases.record_issued import RecordIssued, record_issued
from services.documents.use_cases.reserve_number import SWEEP_FILES, ReserveNumber, reserve_number
from shared.contracts.http import Dossier
from shared.crash_points import crash_point
from shared.errors import NotFound
from shared.jobs.job import Finish, GiveUp, Job, JobKind, JobKinds
from shared.mongo.database import BACKGROUND_TIMEOUT_S, within
from shared.mongo.erasure import ERASE_PERSON, erasing_kind
from shared.mongo.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Desk:
    """What issuing needs at hand. The callables give what exists only once the service has started."""

    dossiers: Dossiers
    issuer: Issuer
    verification_origin: str
    transactions: Callable[[], Transactions]

    @property
    def files(self) -> Files:
        return Files(self.transactions().database)


def jobs_of(desk: Desk) -> JobKinds:
    async def issue(job: Job) -> Finish | None:
        return await _issue(desk, job)

    async def sweep(job: Job) -> None:
        await _sweep(desk, job)

    return {
        ISSUE_DOCUMENT: JobKind(issue, max_attempts=8, retry_s=1, lease_s=10, on_alarm=note_issue_failure),
        SWEEP_FILES: JobKind(sweep, max_attempts=20, retry_s=60),
        ERASE_PERSON: erasing_kind(erase_person),
    }


async def _issue(desk: Desk, job: Job) -> Finish:
    document_id: str = job.data["document_id"]
    dossier = await _dossier(desk, document_id)
    transactions = desk.transactions()
    reservation = _reservation(document_id, dossier, transactions)
    _must_be_printable(dossier, reservation, desk.verification_origin)
    entry = await transactions.run(reserve_number, reservation)
    assert entry.numbering is not None  # noqa: S101 (reserve_number gave one)
    crash_point("documents.number_reserved")
    issued = await desk.issuer.issue(paper_of(dossier, entry.numbering, entry.revision, desk.verification_origin))
    crash_point("documents.signed")
    file_id = f"{document_id}.{job.fence}"
    await desk.files.store(file_id, document_id, issued.pdf, person=entry.citizen_id)
    crash_point("documents.stored")
    return Finish(record_issued, RecordIssued(document_id, file_id, issued.sha256, len(issued.pdf)))


async def _dossier(desk: Desk, document_id: str) -> Dossier:
    with within(BACKGROUND_TIMEOUT_S):
        row = await desk.transactions().database.db.documents.find_one({"_id": document_id}, {"application_id": 1})
    try:
        return await desk.dossiers.of(row["application_id"] if row else "")
    except NotFound:
        raise GiveUp("dossier-not-found") from None


def _reservation(document_id: str, dossier: Dossier, transactions: Transactions) -> ReserveNumber:
    now = transactions.clock.now().replace(microsecond=0)
    return ReserveNumber(
        document_id=document_id,
        kind=dossier.document_kind,
        check_code=new_check_code(),
        issued_at=now,
        issued_on=day_at_post(dossier, now),
        valid_days=dossier.valid_days,
        post_names=dossier.post_names,
    )


def _must_be_printable(dossier: Dossier, planned: ReserveNumber, origin: str) -> None:
    """Asked before a number is reserved: one that is never printed is a hole in the series. Raises GiveUp."""
    numbering = Numbering("0", planned.check_code, planned.kind, planned.issued_at, planned.issued_on, None)
    try:
        paper_of(dossier, numbering, 1, origin)
    except UnprintableText as error:
        raise GiveUp(error.code) from None


async def _sweep(desk: Desk, job: Job) -> None:
    """Delete files of attempts that did not become the document. Not while it is still being issued."""
    with within(BACKGROUND_TIMEOUT_S):
        row = await desk.transactions().database.db.documents.find_one({"_id": job.data["document_id"]})
    if row is None:
        return
    entry = MAPPER.from_document(row)
    if entry.state in (EntryState.ISSUED, EntryState.FAILED):
        await desk.files.sweep(entry.id, keep=entry.file_id)
    else:
        raise StillIssuing


class StillIssuing(Exception):
    """Come again later: a file that is being stored must not be swept."""
