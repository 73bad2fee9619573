"""The application and its life. Every method checks, changes, and returns the act; or raises and leaves all as it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.applications.domain import authority, errors
from services.applications.domain.attachments import Attachment, paper_pointer
from services.applications.domain.calendars import Calendar
from services.applications.domain.case import Case, Proposal
from services.applications.domain.fees import NO_FEE, FeeState, Money
from services.applications.domain.form import oddities
from services.applications.domain.journal import CLOCK, Act, Action, ActorRef, citizen, officer, service
from services.applications.domain.legal_clock import TermAlarm
from services.applications.domain.relations import NONE_DECLARED, Relations
from services.applications.domain.service_definition import Formats, Post, ServiceDefinition
from services.applications.domain.status import ISSUED, Status
from services.applications.domain.term import clock_for, extended
from services.applications.domain.transitions import AFTER_APPROVAL, NOT_PAID_FOR
from shared.actors import Citizen, Officer
from shared.contracts import applications as events
from shared.contracts.applications import ApplicationEvent, OutcomeKind

TERM_EVENTS: Mapping[TermAlarm, type[ApplicationEvent]] = {
    TermAlarm.AT_RISK: events.ApplicationTermAtRisk,
    TermAlarm.OVERDUE: events.ApplicationTermOverdue,
}
__all__ = ["Application", "Attachment", "Proposal"]


@dataclass(slots=True)
class Application(Case):
    """Its facts, and what is asked of them, are those of a case."""

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
        self.must_take_change(paper_pointer(attachment.paper), by=by)
        self.asked = self.asked and self.asked.changed({paper_pointer(attachment.paper)})
        kept = (each for each in self.attachments if beside or each.paper != attachment.paper)
        self.attachments = (*kept, attachment)
        return self._done(Action.ATTACH, citizen(by), at)

    def detach(self, attachment_id: str, *, by: Citizen, at: datetime) -> Act | None:
        """None: it is not there, perhaps because it was taken off before."""
        self.must_take_change(None, by=by)
        kept = tuple(each for each in self.attachments if each.id != attachment_id)
        if kept == self.attachments:
            return None
        gone = {paper_pointer(each.paper) for each in set(self.attachments) - set(kept)}
        for pointer in gone:
            self.must_take_change(pointer, by=by)
        self.attachments, self.asked = kept, self.asked and self.asked.changed(gone)
        return self._done(Action.DETACH, citizen(by), at)

    def submit(
        self,
        *,
        by: Citizen,
        definition: ServiceDefinition,
        post: Post,
        formats: Formats,
        at: datetime,
        fee: FeeState = NO_FEE,
        pay_by: date | None = None,
        calendar: Calendar | None = None,
    ) -> Act:
        """definition: the newest version, which is kept from now on. calendar: of the post; None: it has no holidays. pay_by: the
        last day on which the post waits for the fee. Raises InvalidInput naming all that is missing."""
        answers = self.must_be_submittable(by=by, definition=definition, post=post, formats=formats, at=at)
        known = by.assurance if by.assurance.reaches(self.assurance) else self.assurance
        if not known.reaches(definition.assurance.at("submission")):
            raise errors.AssuranceTooLow
        self.answers, self.assurance = answers, known
        self.service_version, self.outcome = definition.version, definition.outcome
        self.handed_over_from = definition.assurance.at("handover")
        self.officers_required, self.deciding_at = definition.officers_required.value, post.decisions_at
        self.applicant = self.answers[definition.holder_field("name").key]
        odd = oddities(answers, definition=definition, formats=formats)
        self.turn = self.turn.handed_in(urgent=definition.urgent, warnings=len(odd))
        self.fee, self.submitted_at = fee, at
        owed = events.Owed.FEE if fee.state == "due" else events.Owed.NOTHING
        event = self._event(events.ApplicationSubmitted, at, owed=owed)
        to = Status.FEE_DUE if fee.blocks("review") else Status.SUBMITTED
        self.pay_by = pay_by.isoformat() if pay_by and to is Status.FEE_DUE else None
        days = calendar or Calendar.all_week(post.time_zone)
        self.clock = clock_for(definition, days, status=to, post_id=self.post_id, at=at)
        return self._done(Action.SUBMIT, citizen(by), at, event, to=to)

    def withdraw(self, *, by: Citizen, at: datetime) -> Act:
        self.must_be_withdrawable(by=by)
        event = self._event(events.ApplicationWithdrawn, at)
        return self._done(Action.WITHDRAW, citizen(by), at, event, to=Status.WITHDRAWN)

    # what officers of its post do

    def claim(self, *, by: Officer, at: datetime, relations: Relations = NONE_DECLARED) -> Act:
        role = authority.to_claim(self, by, relations)
        self.claimed_by, self.turn = by.id, self.turn.taken()
        return self._done(Action.CLAIM, officer(by, role), at, to=Status.IN_REVIEW)

    def release(self, *, by: Officer, at: datetime) -> Act:
        """Back to all who may review: for an officer who is ill, away, or knows the citizen."""
        role = authority.to_release(self, by, NONE_DECLARED)
        self.turn = self.turn.given_back(self.claimed_by or by.id, at)
        self.claimed_by = None
        return self._done(Action.RELEASE, officer(by, role), at, to=Status.SUBMITTED)

    def propose_approval(self, *, by: Officer, at: datetime, relations: Relations = NONE_DECLARED) -> Act:
        """Raises NotConfirmedAnew too."""
        return self._propose(Proposal("approve", by.id, at), Action.PROPOSE_APPROVAL, by, relations)

    def propose_refusal(
        self, reason: str, *, by: Officer, definition: ServiceDefinition, at: datetime, relations: Relations = NONE_DECLARED
    ) -> Act:
        if reason not in {ground.code for ground in definition.grounds_at(self.post_id)}:
            raise errors.InvalidReason("/reason")
        return self._propose(Proposal("refuse", by.id, at, reason), Action.PROPOSE_REFUSAL, by, relations)

    def _propose(self, proposal: Proposal, action: Action, by: Officer, relations: Relations) -> Act:
        role = authority.to_propose(self, by, relations)
        if proposal.outcome == "approve":
            self._must_be_confirmed()
        self.proposal = proposal
        return self._done(action, officer(by, role), proposal.at, reason=proposal.reason, to=Status.PROPOSED)

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
        self._must_be_confirmed()
        if self.outcome is OutcomeKind.DIGITAL_DOCUMENT:  # nothing else stands between the decision and the document
            self._must_be_paid()
        self.decided_by, self.decided_at = by.id, at
        event: ApplicationEvent
        if self.outcome is OutcomeKind.MADE_ELSEWHERE:
            event = self._event(events.ApplicationApprovedElsewhere, at)
        else:
            event = self._event(events.ApplicationApproved, at, outcome=self.outcome)
        return self._done(Action.APPROVE, officer(by, role), at, event, to=AFTER_APPROVAL[self.outcome])

    def refuse(
        self,
        reason: str,
        *,
        by: Officer,
        definition: ServiceDefinition,
        at: datetime,
        relations: Relations = NONE_DECLARED,
        appeal_until: date | None = None,
    ) -> Act:
        """appeal_until: the last day on which its citizen can appeal."""
        role = authority.to_decide(self, by, relations)
        if definition.refusal_reason(reason) is None:
            raise errors.InvalidReason("/reason")
        self._must_be_what_was_proposed("refuse", reason)
        self.decided_by, self.decided_at, self.refusal_reason = by.id, at, reason
        self.appeal_until = appeal_until.isoformat() if appeal_until else None
        event = self._event(events.ApplicationRefused, at, reason=reason)
        return self._done(Action.REFUSE, officer(by, role), at, event, reason=reason, to=Status.REFUSED)

    def send_back(
        self, note: str, *, by: Officer, definition: ServiceDefinition, at: datetime, relations: Relations = NONE_DECLARED
    ) -> Act:
        """Back to the one who claimed it; the proposal is gone but for the journal."""
        role = authority.to_send_back(self, by, relations)
        if definition.send_back_note(note) is None:
            raise errors.InvalidReason("/reason")
        self.proposal = None
        return self._done(Action.SEND_BACK, officer(by, role), at, reason=note, to=Status.IN_REVIEW)

    def note_fee(self, fee: FeeState, *, by: ActorRef, at: datetime) -> Act:
        """What is owed changed: a part was paid, waived, or taken back. Where the case waited for all of it, it goes on. It is an
        act of the case also where it still waits for the rest: so no payment and no end of the case miss each other."""
        settled = self.fee.state == "due" and fee.state != "due"
        event = self._event(events.ApplicationFeeSettled, at) if settled else None
        self.fee, self.payment_taken_back_at = fee, self.payment_taken_back_at if fee.state == "due" else None
        if self.status is Status.FEE_DUE and not fee.blocks("review"):
            return self._done(Action.SETTLE_FEE, by, at, event, to=Status.SUBMITTED)
        return self._done(Action.NOTE_FEE, by, at, event)

    def take_back_payment(self, fee: FeeState, taken: Money, *, pay_by: date, by: ActorRef, at: datetime) -> Act:
        """What had settled a part is gone. pay_by: of a case with which nothing begins before it is paid, its last day from now
        on. Wherever the case is by then, nothing of it is issued or given before it is paid anew."""
        due = fee.state == "due"
        facts: dict[str, object] = {"amount_minor": taken.amount_minor, "currency": taken.currency}
        if due and self.status not in NOT_PAID_FOR:
            facts["owed"] = events.Owed.FEE
        if due and self.status is Status.FEE_DUE:
            self.pay_by = facts["pay_by"] = pay_by.isoformat()
        event = self._event(events.ApplicationPaymentTakenBack, at, **facts)
        self.fee, self.payment_taken_back_at = fee, at if due else None
        return self._done(Action.TAKE_BACK_PAYMENT, by, at, event)

    def record_blank(self, number: str, *, by: Officer, definition: ServiceDefinition, at: datetime) -> Act:
        role = authority.to_record_blank(self, by, NONE_DECLARED)
        self._must_be_paid()
        if definition.blank is None:
            raise errors.NotAwaitingBlank
        if (canonical := definition.blank.canonical(number)) is None:
            raise errors.InvalidBlankNumber(definition.blank.example)
        self.blank_number = canonical
        return self._cleared(Action.RECORD_BLANK, officer(by, role), at)

    def record_identity_check(self, *, by: Officer, at: datetime) -> Act:
        role = authority.to_check_identity(self, by, NONE_DECLARED)
        self._must_be_paid()
        self.identity_checked_at = at
        return self._cleared(Action.RECORD_IDENTITY_CHECK, officer(by, role), at)

    def record_handover(self, *, by: Officer, at: datetime) -> Act:
        role = authority.to_hand_over(self, by, NONE_DECLARED)
        self._must_be_paid()
        if not self.assurance.reaches(self.handed_over_from):
            raise errors.PapersNotSeen
        self.handed_over_at = at
        return self._done(Action.RECORD_HANDOVER, officer(by, role), at, to=Status.HANDED_OVER)

    # what other services and the clock do; events come twice, late and out of order

    def mark_ready(self, document_id: str, *, at: datetime, document_version: int = 0) -> Act | None:
        """None: it was ready with this document before. Raises NotAwaitingDocument."""
        if self.document_id == document_id:  # also where it was corrected or annulled since
            return None
        self._must_await_document()
        self.document_id, self.ready_at, self.issue_problem = document_id, at, None
        self.document_version = max(self.document_version, document_version)
        return self._done(Action.MARK_READY, service("documents"), at, to=Status.READY)

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

    def note_term(self, *, at: datetime) -> Act | None:
        """Its term runs out, or has run out. None: it does not, or that was told before."""
        alarm = self.clock.alarm(at) if self.clock else None
        if self.clock is None or alarm is None or alarm is self.term_alarm:
            return None
        self.term_alarm = alarm
        event = self._event(TERM_EVENTS[alarm], at, ends_at=self.clock.overdue_at)
        return self._done(Action.NOTE_TERM, CLOCK, at, event, reason=alarm.value)

    def extend_term(self, days: int, reason: str, *, by: Officer, definition: ServiceDefinition, at: datetime) -> Act:
        """days: of the kind that the rule says, and at most so many in all. reason: of the list of the service."""
        role = authority.to_extend_term(self, by, NONE_DECLARED)
        self.clock = extended(self.clock, definition, days=days, reason=reason, at=at)
        self.due_on, self.term_alarm = self.clock.due_on.isoformat(), None
        event = self._event(events.ApplicationTermExtended, at, ends_at=self.clock.overdue_at, reason=reason)
        return self._done(Action.EXTEND_TERM, officer(by, role), at, event, reason=reason)

    def expire(self, *, at: datetime) -> Act | None:
        """None: it is no draft any more. What was typed is deleted; the bytes of the files are the caller's to sweep."""
        return self._closed(Action.EXPIRE, events.Expiry.LEFT, at) if self.status is Status.DRAFT else None

    def remind_of_fee(self, *, pay_by: date, until: datetime, at: datetime) -> Act | None:
        """Nothing was paid, and the last day comes. until: when it has ended at the post. None: nothing is awaited, or it was
        said before."""
        if self.status is not Status.FEE_DUE or self.told_to_pay_at is not None:
            return None
        self.pay_by, self.told_to_pay_at = pay_by.isoformat(), at
        event = self._event(events.ApplicationFeeRunsOut, at, until=until)
        return self._done(Action.REMIND_OF_FEE, CLOCK, at, event)

    def lapse(self, *, at: datetime) -> Act | None:
        """Its fee was never paid: closed, as a draft that was left, but it stays a case of the post. None: it goes on."""
        return self._closed(Action.LAPSE, events.Expiry.UNPAID, at) if self.status is Status.FEE_DUE else None

    def _closed(self, action: Action, because: events.Expiry, at: datetime) -> Act:
        self.answers, self.attachments = {}, ()
        event = self._event(events.ApplicationExpired, at, started_at=self.started_at, because=because)
        return self._done(action, CLOCK, at, event, to=Status.EXPIRED)

    def _cleared(self, action: Action, by: ActorRef, at: datetime) -> Act:
        event = self._event(events.ApplicationClearedForIssue, at, outcome=self.outcome, revision=self.revision)
        return self._done(action, by, at, event, to=Status.APPROVED)
