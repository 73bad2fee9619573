"""The application and its life. Every method checks, changes, and returns the act; or raises and leaves all as it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar

from services.applications.domain import authority, errors
from services.applications.domain.attachments import Attachment
from services.applications.domain.due_dates import due_date
from services.applications.domain.form import check_complete, oddities
from services.applications.domain.journal import CLOCK, Act, Action, ActorRef, citizen, officer, service
from services.applications.domain.papers import ONLY_PAPER
from services.applications.domain.relations import NONE_DECLARED, Relations
from services.applications.domain.service_definition import Formats, Post, ServiceDefinition
from services.applications.domain.status import DECIDED, ISSUED, PREVIEWED, UNDECIDED, Status
from services.applications.domain.turn import Turn
from shared.actors import Assurance, Citizen, Officer
from shared.contracts import applications as events
from shared.contracts.applications import ApplicationEvent, OutcomeKind
from shared.sealing.erased import ERASED

KEEPS_STATUS = {
    Action.SAVE_ANSWERS, Action.ATTACH, Action.DETACH, Action.REFER, Action.NOTE_ISSUE_PROBLEM, Action.NOTE_UNDELIVERABLE,
    Action.MOVE, Action.MOVE_TO_QUEUE,
}  # fmt: skip
AFTER_APPROVAL = {
    OutcomeKind.DIGITAL_DOCUMENT: Status.APPROVED,
    OutcomeKind.PRINT_ON_BLANK: Status.AWAITING_BLANK,
    OutcomeKind.PREPARED_FOR_VISIT: Status.AWAITING_VISIT,
    OutcomeKind.MADE_ELSEWHERE: Status.AWAITING_ARRIVAL,
}

E = TypeVar("E", bound=ApplicationEvent)


@dataclass(frozen=True, slots=True)
class Proposal:
    outcome: Literal["approve", "refuse"]
    by: str
    at: datetime
    reason: str | None = None


@dataclass(slots=True)
class Application:
    id: str
    reference: str
    citizen_id: str
    language: str  # of the paper
    service_id: str
    service_version: int  # a draft follows the newest; from the submission on it stays
    post_id: str
    outcome: OutcomeKind
    started_at: datetime
    status: Status = Status.DRAFT
    answers: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()  # one or more for a paper
    submitted_at: datetime | None = None
    applicant: str | None = None  # the holder's name, for lists of the post
    due_on: str | None = None  # ISO date, in the post's time zone
    officers_required: int = 2  # of the version it runs on
    assurance: Assurance = Assurance.SELF_ASSERTED  # what is known of who the citizen is
    assurance_sequence: int = 0  # of the event that said so
    handed_over_from: Assurance = Assurance.SELF_ASSERTED  # the level below which it is not handed over
    deciding_at: str | None = None  # a post or the ministry, besides its own post, where a second officer may be
    claimed_by: str | None = None
    proposal: Proposal | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    refusal_reason: str | None = None
    blank_number: str | None = None
    identity_checked_at: datetime | None = None
    issue_problem: str | None = None
    document_version: int = 0  # the newest of its document that was told: what comes late is told by it from what is new
    document_id: str | None = None
    ready_at: datetime | None = None
    handed_over_at: datetime | None = None
    status_since: datetime | None = None
    turn: Turn = Turn()  # in the queue of its post
    version: int = 1

    @classmethod
    def start(
        cls,
        application_id: str,
        reference: str,
        *,
        by: Citizen,
        language: str,
        definition: ServiceDefinition,
        post: Post,
        at: datetime,
    ) -> tuple["Application", Act]:
        application = cls(
            id=application_id,
            reference=reference,
            citizen_id=by.id,
            language=language,
            service_id=definition.id,
            service_version=definition.version,
            post_id=post.id,
            outcome=definition.outcome,
            started_at=at,
            status_since=at,
        )
        return application, Act(Action.START, citizen(by), at, application.version)

    @property
    def attachment(self) -> Attachment | None:
        """The newest file of the only paper of services that name none."""
        return next((each for each in reversed(self.attachments) if each.paper == ONLY_PAPER), None)

    @property
    def is_erased(self) -> bool:
        """Its citizen was erased: what is left says what was done when, by which office."""
        return self.applicant == ERASED

    # what its citizen does

    def save_answers(self, answers: Mapping[str, str], *, by: Citizen, at: datetime) -> Act | None:
        """answers: what domain.form.check_answers let through; a draft may be incomplete. None: they were there before."""
        self.must_be_own_draft(by=by)
        if answers == self.answers:
            return None
        self.answers = dict(answers)
        return self._done(Action.SAVE_ANSWERS, citizen(by), at)

    def attach(self, attachment: Attachment, *, by: Citizen, at: datetime, beside: bool = False) -> Act:
        """beside: with the files that its paper has, else in their place."""
        self.must_be_own_draft(by=by)
        kept = (each for each in self.attachments if beside or each.paper != attachment.paper)
        self.attachments = (*kept, attachment)
        return self._done(Action.ATTACH, citizen(by), at)

    def detach(self, attachment_id: str, *, by: Citizen, at: datetime) -> Act | None:
        """None: it is not there, perhaps because it was taken off before."""
        self.must_be_own_draft(by=by)
        kept = tuple(each for each in self.attachments if each.id != attachment_id)
        if kept == self.attachments:
            return None
        self.attachments = kept
        return self._done(Action.DETACH, citizen(by), at)

    def submit(self, *, by: Citizen, definition: ServiceDefinition, post: Post, formats: Formats, at: datetime) -> Act:
        """definition: the newest version, which is kept from now on. Raises InvalidInput naming all that is missing."""
        answers = self.must_be_submittable(by=by, definition=definition, post=post, formats=formats, at=at)
        known = by.assurance if by.assurance.reaches(self.assurance) else self.assurance
        if not known.reaches(definition.assurance.at("submission")):
            raise errors.AssuranceTooLow
        self.answers, self.assurance = answers, known
        self.service_version, self.outcome = definition.version, definition.outcome
        self.handed_over_from = definition.assurance.at("handover")
        self.officers_required, self.deciding_at = definition.officers_required.value, post.decisions_at
        self.applicant = self.answers[definition.holder_field("name").key]
        self.due_on = due_date(at, definition.term, post.time_zone).isoformat()
        odd = oddities(answers, definition=definition, formats=formats)
        self.turn = self.turn.handed_in(urgent=definition.urgent, warnings=len(odd))
        self.status, self.submitted_at = Status.SUBMITTED, at
        return self._done(Action.SUBMIT, citizen(by), at, self._event(events.ApplicationSubmitted, at))

    def withdraw(self, *, by: Citizen, at: datetime) -> Act:
        self.must_be_withdrawable(by=by)
        self.status = Status.WITHDRAWN
        return self._done(Action.WITHDRAW, citizen(by), at, self._event(events.ApplicationWithdrawn, at))

    # what officers of its post do

    def claim(self, *, by: Officer, at: datetime, relations: Relations = NONE_DECLARED) -> Act:
        role = authority.to_claim(self, by, relations)
        self.status, self.claimed_by = Status.IN_REVIEW, by.id
        return self._done(Action.CLAIM, officer(by, role), at)

    def release(self, *, by: Officer, at: datetime) -> Act:
        """Back to all who may review: for an officer who is ill, away, or knows the citizen."""
        role = authority.to_release(self, by, NONE_DECLARED)
        self.turn = self.turn.given_back(self.claimed_by or by.id)
        self.status, self.claimed_by = Status.SUBMITTED, None
        return self._done(Action.RELEASE, officer(by, role), at)

    def propose_approval(self, *, by: Officer, at: datetime, relations: Relations = NONE_DECLARED) -> Act:
        return self._propose(Proposal("approve", by.id, at), Action.PROPOSE_APPROVAL, by, relations)

    def propose_refusal(
        self, reason: str, *, by: Officer, definition: ServiceDefinition, at: datetime, relations: Relations = NONE_DECLARED
    ) -> Act:
        if definition.refusal_reason(reason) is None:
            raise errors.InvalidReason("/reason")
        return self._propose(Proposal("refuse", by.id, at, reason), Action.PROPOSE_REFUSAL, by, relations)

    def _propose(self, proposal: Proposal, action: Action, by: Officer, relations: Relations) -> Act:
        role = authority.to_propose(self, by, relations)
        self.status, self.proposal = Status.PROPOSED, proposal
        return self._done(action, officer(by, role), proposal.at, reason=proposal.reason)

    def refer(self, to: str, *, by: Officer, at: datetime) -> Act | None:
        """Let a second officer elsewhere decide too. to: a post, the ministry, or its own post: none besides. None: so it was."""
        role = authority.to_refer(self, by, NONE_DECLARED)
        wanted = None if to == self.post_id else to
        if wanted == self.deciding_at:
            return None
        self.deciding_at = wanted
        return self._done(Action.REFER, officer(by, role), at, reason=to)

    def approve(self, *, by: Officer, at: datetime, relations: Relations = NONE_DECLARED) -> Act:
        role = authority.to_decide(self, by, relations)
        self._must_be_what_was_proposed("approve", None)
        self.status, self.decided_by, self.decided_at = AFTER_APPROVAL[self.outcome], by.id, at
        event: ApplicationEvent
        if self.outcome is OutcomeKind.MADE_ELSEWHERE:
            event = self._event(events.ApplicationApprovedElsewhere, at)
        else:
            event: ApplicationEvent
        if self.outcome is OutcomeKind.MADE_ELSEWHERE:
            event = self._event(events.ApplicationApprovedElsewhere, at)
        else:
            event = self._event(events.ApplicationApproved, at, outcome=self.outcome)
        return self._done(Action.APPROVE, officer(by, role), at, event)

    def refuse(
        self, reason: str, *, by: Officer, definition: ServiceDefinition, at: datetime, relations: Relations = NONE_DECLARED
    ) -> Act:
        role = authority.to_decide(self, by, relations)
        if definition.refusal_reason(reason) is None:
            raise errors.InvalidReason("/reason")
        self._must_be_what_was_proposed("refuse", reason)
        self.status, self.decided_by, self.decided_at, self.refusal_reason = Status.REFUSED, by.id, at, reason
        event = self._event(events.ApplicationRefused, at, reason=reason)
        return self._done(Action.REFUSE, officer(by, role), at, event, reason=reason)

    def send_back(
        self, note: str, *, by: Officer, definition: ServiceDefinition, at: datetime, relations: Relations = NONE_DECLARED
    ) -> Act:
        """Back to the one who claimed it; the proposal is gone but for the journal."""
        role = authority.to_send_back(self, by, relations)
        if definition.send_back_note(note) is None:
            raise errors.InvalidReason("/reason")
        self.status, self.proposal = Status.IN_REVIEW, None
        return self._done(Action.SEND_BACK, officer(by, role), at, reason=note)

    def record_blank(self, number: str, *, by: Officer, definition: ServiceDefinition, at: datetime) -> Act:
        role = authority.to_record_blank(self, by, NONE_DECLARED)
        if definition.blank is None:
            raise errors.NotAwaitingBlank
        if (canonical := definition.blank.canonical(number)) is None:
            raise errors.InvalidBlankNumber(definition.blank.example)
        self.status, self.blank_number = Status.APPROVED, canonical
        return self._cleared(Action.RECORD_BLANK, officer(by, role), at)

    def record_identity_check(self, *, by: Officer, at: datetime) -> Act:
        role = authority.to_check_identity(self, by, NONE_DECLARED)
        self.status, self.identity_checked_at = Status.APPROVED, at
        return self._cleared(Action.RECORD_IDENTITY_CHECK, officer(by, role), at)

    def record_handover(self, *, by: Officer, at: datetime) -> Act:
        role = authority.to_hand_over(self, by, NONE_DECLARED)
        if not self.assurance.reaches(self.handed_over_from):
            raise errors.PapersNotSeen
        self.status, self.handed_over_at = Status.HANDED_OVER, at
        return self._done(Action.RECORD_HANDOVER, officer(by, role), at)

    # what other services and the clock do; events come twice, late and out of order

    def mark_ready(self, document_id: str, *, at: datetime, document_version: int = 0) -> Act | None:
        """None: it was ready with this document before. Raises NotAwaitingDocument."""
        if self.status in ISSUED and self.document_id == document_id:
            return None
        self._must_await_document()
        self.status, self.document_id, self.ready_at, self.issue_problem = Status.READY, document_id, at, None
        self.document_version = max(self.document_version, document_version)
        return self._done(Action.MARK_READY, service("documents"), at)

    def note_issue_problem(self, reason: str, *, at: datetime, document_version: int | None = None) -> Act | None:
        """None: a document came after all, or a newer problem was told before. The case stays approved, so that issuing can be
        tried again."""
        if self.status in ISSUED:
            return None
        self._must_await_document()
        if document_version is not None and document_version <= self.document_version:
            return None
        self.issue_problem, self.document_version = reason, document_version or self.document_version
        return self._done(Action.NOTE_ISSUE_PROBLEM, service("documents"), at, reason=reason)

    def note_undeliverable(self, reason: str, *, at: datetime) -> Act:
        """A message to its citizen did not arrive: whatever the state, the journal must say so."""
        return self._done(Action.NOTE_UNDELIVERABLE, service("notifications"), at, reason=reason)

    def expire(self, *, at: datetime) -> Act | None:
        """None: it is no draft any more. What was typed is deleted; the bytes of the files are the caller's to sweep."""
        if self.status is not Status.DRAFT:
            return None
        self.status, self.answers, self.attachments = Status.EXPIRED, {}, ()
        return self._done(Action.EXPIRE, CLOCK, at, self._event(events.ApplicationExpired, at, started_at=self.started_at))

    # what a citizen may do now: each is what its act asks first, and what a page is told by domain/permissions.py

    def must_be_own_draft(self, *, by: Citizen) -> None:
        self._must_be_own(by)
        if self.status is Status.EXPIRED:
            raise errors.DraftExpired
        if self.status is not Status.DRAFT:
            raise errors.NotADraft

    def must_be_submittable(
        self, *, by: Citizen, definition: ServiceDefinition, post: Post, formats: Formats, at: datetime
    ) -> dict[str, str]:
        """Its answers as they are kept. Raises InvalidInput too, naming all that is missing."""
        self.must_be_own_draft(by=by)
        return check_complete(
            self.answers, attachments=self.attachments, definition=definition, formats=formats, post=post, at=at
        )

    def must_be_withdrawable(self, *, by: Citizen) -> None:
        self._must_be_own(by)
        if self.status in (*DECIDED, Status.ANNULLED):
            raise errors.AlreadyDecided
        if self.status not in UNDECIDED:
            raise errors.NothingToWithdraw

    # rules

    def must_be_seen_by(self, actor: Citizen | Officer) -> None:
        """A citizen sees their own; for officers see authority.sees. For all others it is not there: ApplicationNotFound."""
        if isinstance(actor, Citizen):
            self._must_be_own(actor)
        elif not authority.sees(actor, post_id=self.post_id, deciding_at=self.deciding_at, status=self.status):
            raise errors.ApplicationNotFound

    def must_have_dossier(self) -> datetime:
        """When it was approved. Raises NoDossier where it is not, waits for a blank or visit, is not made by us, or was erased."""
        made_here = self.outcome is not OutcomeKind.MADE_ELSEWHERE
        if not made_here or self.status not in (Status.APPROVED, *ISSUED) or self.decided_at is None or self.is_erased:
            raise errors.NoDossier
        return self.decided_at

    def must_have_preview(self) -> None:
        """Raises NoPreview where nothing was handed in, nothing will be issued by us (any more), or it was erased."""
        if self.status not in PREVIEWED or self.outcome is OutcomeKind.MADE_ELSEWHERE or self.is_erased:
            raise errors.NoPreview

    def _must_be_own(self, by: Citizen) -> None:
        if by.id != self.citizen_id:
            raise errors.ApplicationNotFound

    def _must_be_what_was_proposed(self, outcome: Literal["approve", "refuse"], reason: str | None) -> None:
        if self.proposal is None or (self.proposal.outcome, self.proposal.reason) != (outcome, reason):
            raise errors.DecisionDiffersFromProposal

    def _must_await_document(self) -> None:
        if self.status is not Status.APPROVED:
            raise errors.NotAwaitingDocument

    def _cleared(self, action: Action, by: ActorRef, at: datetime) -> Act:
        return self._done(action, by, at, self._event(events.ApplicationClearedForIssue, at, outcome=self.outcome))

    def _done(
        self, action: Action, by: ActorRef, at: datetime, event: ApplicationEvent | None = None, reason: str | None = None
    ) -> Act:
        self.version += 1
        if action not in KEEPS_STATUS:
            self.status_since = at
        self.turn = self.turn.now(self)
        return Act(action, by, at, self.version, reason, event)

    def _event(self, kind: type[E], at: datetime, **facts: object) -> E:
        """Its sequence is the version that _done is about to set."""
        common = {
            "application_id": self.id,
            "citizen_id": self.citizen_id,
            "reference": self.reference,
            "service_id": self.service_id,
            "post_id": self.post_id,
            "sequence": self.version + 1,
            "occurred_at": at,
        }
        return kind.model_validate(common | facts)
