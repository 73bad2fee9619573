"""What must hold in the register: each entry has its job, the waiting ones a live one, and an issued one its file."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.documents.domain.register_entry import EntryState
from services.documents.use_cases.order_document import ISSUE_DOCUMENT
from shared.jobs.job import JobState
from shared.ledger import KEPT_FOR, Fault, Groups, Side, Verdict, balance
from shared.mongo.database import Db, Session
from shared.mongo.ledger import ALL, Span, job_states, those

WAITING = (EntryState.ORDERED, EntryState.NUMBERED)
GROUPS: Groups = {"issued": (EntryState.ISSUED,), "failed": (EntryState.FAILED,), "waiting": WAITING}
LIVE = (JobState.WAITING, JobState.LEASED)


@dataclass(slots=True)
class Entry:
    state: str | None = None
    ordered_at: datetime | None = None
    job: str | None = None
    file_id: str | None = None
    file_deleted: bool = False
    has_file: bool = False

    def said_by(self, now: datetime) -> str | None:
        if self.job is not None:
            return "a job was ordered to issue it"
        settled = self.state in (EntryState.ISSUED, EntryState.FAILED)
        return "long ago" if settled and self.ordered_at and now - self.ordered_at > KEPT_FOR else None


class DocumentsAccount:
    def __init__(self, db: Db, now: datetime, span: Span = ALL) -> None:
        self._db, self._now, self._span = db, now, span

    async def gather(self, session: Session | None, again: Mapping[str, Entry] | None) -> dict[str, Entry]:
        keys = None if again is None else list(again)
        entries: dict[str, Entry] = defaultdict(Entry)
        for key, state in (await job_states(self._db, ISSUE_DOCUMENT, keys, session, self._span)).items():
            entries[key].job = state
        wanted = {"state": 1, "ordered_at": 1, "file_id": 1, "file_deleted_at": 1}
        async for row in self._db.documents.find(those(keys, span=self._span), wanted, session=session):
            entry = entries[row["_id"]]
            entry.state, entry.ordered_at, entry.file_id = row["state"], row["ordered_at"], row.get("file_id")
            entry.file_deleted = row.get("file_deleted_at") is not None  # by its rule
        files = None if keys is None else [entry.file_id for entry in entries.values() if entry.file_id]
        there = {
            row["_id"] async for row in self._db["files.files"].find(those(files, span=self._span), {"_id": 1}, session=session)
        }
        for entry in entries.values():
            entry.has_file = entry.file_id in there
        return dict(entries)

    def judge(self, evidence: Mapping[str, Entry]) -> list[Verdict]:
        due = {key: entry.said_by(self._now) for key, entry in evidence.items()}
        by_job = sum(entry.job is not None for entry in evidence.values())
        left = Side("jobs to issue them; older ones by their date", {"jobs": by_job, "long ago": _count(due, "long ago")})
        found = {key: entry.state for key, entry in evidence.items()}
        verdict = balance("documents", left, found, due, GROUPS, "state of each entry of the register")
        faults = [fault for key, entry in sorted(evidence.items()) for fault in _own_faults(key, entry)]
        return [Verdict(verdict.rule, verdict.left, verdict.right, (*verdict.faults, *faults))]


def _own_faults(key: str, entry: Entry) -> list[Fault]:
    if entry.state in WAITING and entry.job is not None and entry.job not in LIVE:
        return [Fault(key, key, f"it waits, and its job is {entry.job}")]
    if entry.state == EntryState.ISSUED and not entry.has_file and not entry.file_deleted:
        return [Fault(key, key, "it is issued, and its file is not there")]
    if entry.file_deleted and entry.has_file:
        return [Fault(key, key, "its file was deleted by its rule, and it is still there")]
    return []


def _count(due: Mapping[str, str | None], said_by: str) -> int:
    return sum(said == said_by for said in due.values())
