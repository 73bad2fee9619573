"""A case as it is kept: its facts, what may be asked of them, and how an act on it is written down."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeVar

from services.applications.domain import authority, errors
from services.applications.domain.asked import BodyAsked, PapersRequest
from services.applications.domain.attachments import Attachment
from services.applications.domain.fee_errors import FeeNotPaid
from services.applications.domain.fees import NO_FEE, FeeState
from services.applications.domain.filling_errors import NotConfirmedAnew
from services.applications.domain.form import check_complete
from services.applications.domain.journal import Act, Action, ActorRef
from services.applications.domain.legal_clock import CaseClock, TermAlarm
from services.applications.domain.life_errors import NotMarked
from services.applications.domain.papers import ONLY_PAPER
from services.applications.domain.service_definition import Formats, Post, ServiceDefinition
from services.applications.domain.status import DECIDED, ISSUED, PREVIEWED, UNDECIDED, Status
from services.applications.domain.transitions import NOT_ANSWERED, must_be_legal
from services.applications.domain.turn import Turn
from shared.actors import Assurance, Citizen, Officer
from shared.contracts.applications import ApplicationEvent, OutcomeKind
from shared.sealing.erased import ERASED

E = TypeVar("E", bound=ApplicationEvent)


@dataclass(frozen=True, slots=True)
class Proposal:
    outcome: Literal["approve", "refuse"]
    by: str
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """carrier: a code of catalogue/casework.toml."""

    carrier: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Annulment:
    reason: str
    by: str
    at: datetime


@dataclass(slots=True)
class Case:
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
    due_on: str | None = None  # ISO date, in the post's time zone: what its clock says
    clock: CaseClock | None = None  # from its submission on
    term_alarm: TermAlarm | None = None  # what was told of a term that runs out
    fee: FeeState = NO_FEE  # what of it is due: worked out as it was handed in, kept with what was paid in `fees`
    payment_taken_back_at: datetime | None = None  # the last time, where it is not paid anew since
    pay_by: str | None = None  # ISO date, at the post: on the day after, it is closed where nothing was paid
    told_to_pay_at: datetime | None = None  # when its citizen was told that this day comes
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
    asked: PapersRequest | None = None  # of its citizen, the last time
    said: dict[str, str] = field(default_factory=dict)  # what officers wrote beside that, by pointer
    body: BodyAsked | None = None  # another body, the last time
    appeal_until: str | None = None  # ISO date
    mail: Mail | None = None  # how it was sent
    annulled: Annulment | None = None
    revision: int = 1  # of its document: one more with each correction
    unanswered_since: datetime | None = None  # the first message of its citizen that has no answer
    status_since: datetime | None = None
    turn: Turn = field(default_factory=Turn)  # in the queue of its post
    version: int = 1

    @property
    def attachment(self) -> Attachment | None:
        """The newest file of the only paper of services that name none."""
        return next((each for each in reversed(self.attachments) if each.paper == ONLY_PAPER), None)

    @property
    def is_erased(self) -> bool:
        """Its citizen was erased: what is left says what was done when, by which office."""
        return self.applicant == ERASED

    @property
    def can_change(self) -> bool:
        """By its citizen: a draft, or what the post asked to have changed."""
        return self.status in (Status.DRAFT, Status.PAPERS_REQUESTED)

    @property
    def can_be_confirmed(self) -> bool:
        """By others who must: while it can change, and where the post goes on with what they have not confirmed."""
        return self.can_change or self.turn.unconfirmed

    def must_be_own_draft(self, *, by: Citizen) -> None:
        self._must_be_own(by)
        if self.status is Status.EXPIRED:
            raise errors.DraftExpired
        if self.status is not Status.DRAFT:
            raise errors.NotADraft

    def must_take_change(self, pointer: str | None, *, by: Citizen) -> None:
        """A draft takes all; a case whose citizen was asked, what was marked. pointer: None asks whether it takes anything.

        Raises ApplicationNotFound, DraftExpired, NotADraft, NotMarked."""
        if self.status is not Status.PAPERS_REQUESTED or self.asked is None:
            self.must_be_own_draft(by=by)
            return
        self._must_be_own(by)
        if pointer is not None and pointer not in self.asked.opens:
            raise NotMarked([pointer])

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

    def must_be_seen_by(self, actor: Citizen | Officer) -> None:
        """A citizen sees their own; for officers see authority.sees. For all others it is not there: ApplicationNotFound."""
        if isinstance(actor, Citizen):
            self._must_be_own(actor)
        elif not self._is_seen_by(actor):
            raise errors.ApplicationNotFound

    def must_have_dossier(self) -> datetime:
        """When it was approved. Raises NoDossier where it is not, waits for a blank or visit, is made elsewhere, was erased;
        FeeNotPaid."""
        made_here = self.outcome is not OutcomeKind.MADE_ELSEWHERE
        if not made_here or self.status not in (Status.APPROVED, *ISSUED) or self.decided_at is None or self.is_erased:
            raise errors.NoDossier
        if self.status is Status.APPROVED:  # its document is not made yet, and a payment may have been taken back since
            self._must_be_paid()
        return self.decided_at

    def must_have_preview(self) -> None:
        """Raises NoPreview where nothing was handed in, nothing will be issued by us (any more), or it was erased."""
        if self.status not in PREVIEWED or self.outcome is OutcomeKind.MADE_ELSEWHERE or self.is_erased:
            raise errors.NoPreview

    def _is_seen_by(self, by: Officer) -> bool:
        handed_in = self.submitted_at is not None
        return authority.sees(by, post_id=self.post_id, deciding_at=self.deciding_at, status=self.status, handed_in=handed_in)

    def _must_be_own(self, by: Citizen) -> None:
        if by.id != self.citizen_id:
            raise errors.ApplicationNotFound

    def _must_be_what_was_proposed(self, outcome: Literal["approve", "refuse"], reason: str | None) -> None:
        if self.proposal is None or (self.proposal.outcome, self.proposal.reason) != (outcome, reason):
            raise errors.DecisionDiffersFromProposal

    def _must_be_paid(self) -> None:
        if self.fee.blocks("issue"):
            raise FeeNotPaid

    def _must_be_confirmed(self) -> None:
        if self.turn.unconfirmed:
            raise NotConfirmedAnew

    def _must_await_document(self) -> None:
        if self.status is not Status.APPROVED:
            raise errors.NotAwaitingDocument

    def _done(
        self,
        action: Action,
        by: ActorRef,
        at: datetime,
        event: ApplicationEvent | None = None,
        reason: str | None = None,
        *,
        to: Status | None = None,
    ) -> Act:
        """to: the state that it leads to, by domain/transitions.py. None: the state stays. Raises IllegalMove."""
        must_be_legal(action, self.status, to or self.status)
        self.version += 1
        if to is not None:
            self.status, self.status_since = to, at
        watch = self._keep_time(action, at)
        self.turn = self.turn.now(self)
        if event is not None:
            event = event.model_copy(update={"acted_by_role": by.role or by.kind})
        return Act(action, by, at, self.version, reason, event, watch)

    def _keep_time(self, action: Action, at: datetime) -> datetime | None:
        """The clock goes by who has the case now. Out: when somebody must look at its term, where nobody waits for that yet."""
        if self.clock is None:
            return None
        stood = self.clock.stopped or action is Action.SUBMIT
        self.clock = self.clock.moved(self.status, self.post_id, at, completed=action not in NOT_ANSWERED)
        self.due_on = self.clock.due_on.isoformat()
        if self.clock.stopped or self.clock.ended_at:
            self.term_alarm = None
        return self.clock.next_look(at, self.term_alarm) if stood else None

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
