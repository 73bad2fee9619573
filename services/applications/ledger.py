"""What must hold among applications: each has its journal, which leads to the state it is in, and tells what was published."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.applications.domain.journal import Action
from services.applications.domain.status import DECIDED, UNDECIDED, Status
from services.applications.domain.transitions import TRANSITIONS
from services.applications.use_cases.start_application import EXPIRE_DRAFT
from shared.jobs.job import JobState
from shared.ledger import KEPT_FOR, Fault, Groups, Kept, Side, Told, Verdict, balance, journal_faults
from shared.mongo.database import Db, Document, Session
from shared.mongo.ledger import ALL, Span, first_published, in_parts, job_states, those

GROUPS: Groups = {
    "open": UNDECIDED,
    "decided": DECIDED,
    "withdrawn": (Status.WITHDRAWN,),
    "expired": (Status.EXPIRED,),
    "annulled": (Status.ANNULLED,),
}
# what the journal says by itself: the states that an act may lead to. Acts that are not named here leave the state alone
LEADS_TO: Mapping[Action, frozenset[Status]] = {
    action: frozenset(move.leads) for action, move in TRANSITIONS.items() if move.changes_state
}
LEAVES_DRAFT = {Action.SUBMIT.value: "its journal has its submission", Action.EXPIRE.value: "its journal has its expiry"}
LIVE = (JobState.WAITING, JobState.LEASED, JobState.ALARMED)
OWN = "application."


@dataclass(slots=True)
class Case:
    """One application: as it is kept, and as its journal tells it."""

    kept: Kept | None = None
    entries: int = 0
    last: int = 0
    moved: tuple[int, str] = (0, "")  # the number and the action of the last entry that changed the state
    left_draft: str | None = None  # who says so
    job: str | None = None
    events: list[str] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)

    def note(self, entry: Document, since: datetime | None) -> None:
        self.entries += 1
        self.last = max(self.last, entry["sequence"])
        action = entry["action"]
        self.left_draft = LEAVES_DRAFT.get(action, self.left_draft)
        if action in LEADS_TO and entry["sequence"] > self.moved[0]:
            self.moved = (entry["sequence"], action)
        if since is not None and entry["at"] >= since:
            told = zip(entry["event_ids"], entry["event_types"], strict=True)
            self.events += [event_id for event_id, kind in told if kind.startswith(OWN)]

    @property
    def told(self) -> Told | None:
        states = LEADS_TO.get(Action(self.moved[1]), frozenset()) if self.moved[1] else frozenset()
        return Told(self.entries, self.last, frozenset(state.value for state in states)) if self.entries else None


class ApplicationsAccount:
    def __init__(self, db: Db, now: datetime, span: Span = ALL) -> None:
        self._db, self._now, self._span = db, now, span
        self._since: datetime | None = None

    async def gather(self, session: Session | None, again: Mapping[str, Case] | None) -> dict[str, Case]:
        keys = None if again is None else list(again)
        if again is None and (first := await first_published(self._db)) is not None:
            self._since = max(first, self._now - KEPT_FOR)
        cases: dict[str, Case] = defaultdict(Case)
        wanted = {"application_id": 1, "sequence": 1, "action": 1, "at": 1, "event_ids": 1, "event_types": 1}
        async for entry in self._db.journal.find(those(keys, "application_id", self._span), wanted, session=session):
            cases[entry["application_id"]].note(entry, self._since)
        async for row in self._db.applications.find(those(keys, span=self._span), {"status": 1, "version": 1}, session=session):
            cases[row["_id"]].kept = Kept(row["version"], row["status"])
        for key, state in (await job_states(self._db, EXPIRE_DRAFT, keys, session, self._span)).items():
            cases[key].job = state
        await self._look_for_events(cases.values(), session)
        return dict(cases)

    async def _look_for_events(self, cases: Iterable[Case], session: Session | None) -> None:
        of_event = {event_id: case for case in cases for event_id in case.events}
        for part in in_parts(list(of_event)):
            known = {row["_id"] async for row in self._db.published_events.find(those(part), {"_id": 1}, session=session)}
            for event_id in set(part) - known:
                of_event[event_id].unpublished.append(event_id)

    def judge(self, evidence: Mapping[str, Case]) -> list[Verdict]:
        return [_accepted(evidence), _drafts(evidence), _journals(evidence), _published(evidence)]


def _accepted(cases: Mapping[str, Case]) -> Verdict:
    due = {key: case.left_draft for key, case in cases.items() if case.left_draft}
    found = {key: case.kept.state for key, case in cases.items() if case.kept and case.kept.state != Status.DRAFT}
    submitted = sum(said == LEAVES_DRAFT[Action.SUBMIT] for said in due.values())
    left = Side("entries of the journal", {"handed in": submitted, "drafts closed": len(due) - submitted})
    return balance("applications", left, found, due, GROUPS, "status of each application")


def _drafts(cases: Mapping[str, Case]) -> Verdict:
    due = {key: "its journal has its start" for key, case in cases.items() if case.entries and not case.left_draft}
    found = {key: case.kept.state for key, case in cases.items() if case.kept and case.kept.state == Status.DRAFT}
    left = Side("entries of the journal", {"started, not handed in": len(due)})
    verdict = balance(
        "drafts", left, found, due, {"drafts": (Status.DRAFT,)}, "status of each application, and a job to close it"
    )
    unclosed = [key for key in sorted(found) if cases[key].job not in LIVE]
    faults = [Fault(key, key, "a draft that no job will close") for key in unclosed]
    return Verdict(verdict.rule, verdict.left, verdict.right, (*verdict.faults, *faults))


def _journals(cases: Mapping[str, Case]) -> Verdict:
    faults = [fault for key, case in sorted(cases.items()) for fault in journal_faults(key, case.told, case.kept)]
    entries = {"entries": sum(case.entries for case in cases.values())}
    versions = {"versions": sum(case.kept.version for case in cases.values() if case.kept)}
    return Verdict("journal", Side("the journal", entries), Side("version of each application", versions), tuple(faults))


def _published(cases: Mapping[str, Case]) -> Verdict:
    told = sum(len(case.events) for case in cases.values())
    faults = [
        Fault(key, event_id, "the journal tells of this event, and it was never published")
        for key, case in sorted(cases.items())
        for event_id in case.unpublished
    ]
    right = Side("ids of published events", {"published": told - len(faults)})
    return Verdict("journal's events", Side("the journal, of the last 29 days", {"told": told}), right, tuple(faults))
