"""Events published by the applications service."""

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from shared.contracts.base import Event
from shared.contracts.erasure import ErasureAnswered


class OutcomeKind(StrEnum):
    """What a service ends in. Not every outcome is a digital document (consular-facts, section 11)."""

    DIGITAL_DOCUMENT = "digital_document"
    PRINT_ON_BLANK = "print_on_blank"  # an officer takes a numbered blank first
    PREPARED_FOR_VISIT = "prepared_for_visit"  # identity is checked at the counter before it is issued
    MADE_ELSEWHERE = "made_elsewhere"  # another body makes it, and the post hands over or sends what arrives


# of what is made by us: the events that documents hear; what others make has an event of its own
MadeHere = Literal[OutcomeKind.DIGITAL_DOCUMENT, OutcomeKind.PRINT_ON_BLANK, OutcomeKind.PREPARED_FOR_VISIT]


class Owed(StrEnum):
    NOTHING = "nothing"
    FEE = "fee"


class Expiry(StrEnum):
    LEFT = "left"
    UNPAID = "unpaid"


class RequestEnd(StrEnum):
    TAKEN_BACK = "taken_back"
    RAN_OUT = "ran_out"


class Cosigning(StrEnum):
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class Writer(StrEnum):
    CITIZEN = "citizen"
    POST = "post"


class MovedAs(StrEnum):
    GOING_ON = "going_on"
    OVER = "over"


class Custody(StrEnum):
    """What became of an original paper of a citizen that a post holds."""

    KEPT = "kept"
    RETURNED = "returned"
    SENT_WITH_POUCH = "sent_with_pouch"
    ARRIVED_WITH_POUCH = "arrived_with_pouch"


class ApplicationEvent(Event):
    application_id: str
    citizen_id: str
    reference: str
    service_id: str
    post_id: str
    acted_by_role: str | None = None  # the role that allowed the act; system: another service or the clock

    @property
    def subject_id(self) -> str:
        return self.application_id


class ApplicationSubmitted(ApplicationEvent):
    """A citizen handed in an application; the post now owes an answer. owed: nothing,
    or a fee that is to be paid first, or before its paper is issued."""

    type: ClassVar[str] = "application.submitted.v1"
    owed: Owed = Owed.NOTHING


class ApplicationFeeSettled(ApplicationEvent):
    """Nothing is owed for the application any more: it was paid, or waived."""

    type: ClassVar[str] = "application.fee_settled.v1"


class ApplicationFeeRunsOut(ApplicationEvent):
    """Nothing was paid yet, and the last day for it comes. until: when the application is closed otherwise."""

    type: ClassVar[str] = "application.fee_runs_out.v1"
    until: AwareDatetime


class ApplicationPaymentTakenBack(ApplicationEvent):
    """A payment that had settled a part of the fee was taken back, of so much. owed: a fee, which is to be paid anew; nothing,
    where nothing is owed by it, or nothing is paid for the case any more. pay_by: where nothing begins before it is paid, the
    last day for it (ISO, at the post)."""

    type: ClassVar[str] = "application.payment_taken_back.v1"
    amount_minor: int
    currency: str
    owed: Owed = Owed.NOTHING
    pay_by: str | None = None


class ApplicationApproved(ApplicationEvent):
    """A second officer approved. Whether a document follows at once depends on the outcome kind."""

    type: ClassVar[str] = "application.approved.v1"
    outcome: MadeHere


class ApplicationApprovedElsewhere(ApplicationEvent):
    """A second officer approved, and another body makes what was applied for: no document of ours follows."""

    type: ClassVar[str] = "application.approved_elsewhere.v1"


class ApplicationClearedForIssue(ApplicationEvent):
    """What had to happen at the post has happened (blank taken, or identity checked): the document may be issued."""

    type: ClassVar[str] = "application.cleared_for_issue.v1"
    outcome: MadeHere
    revision: int = 1  # of the document: a further one after each correction


class ApplicationRefused(ApplicationEvent):
    """A second officer refused; reason is a code of the service's own list, with its text in the catalogues."""

    type: ClassVar[str] = "application.refused.v1"
    reason: str


class ApplicationWithdrawn(ApplicationEvent):
    """The citizen took the application back before a decision."""

    type: ClassVar[str] = "application.withdrawn.v1"


class ApplicationPapersRequested(ApplicationEvent):
    """The post asked its citizen to change what it marked. until: when it goes on with what it has."""

    type: ClassVar[str] = "application.papers_requested.v1"
    until: AwareDatetime


class Unconfirmed(StrEnum):
    NOTHING = "nothing"
    ANEW = "anew"


class ApplicationPapersRequestEnded(ApplicationEvent):
    """That question is not open any more, and the citizen has not answered it. owed: a further fee, by what they changed.
    to_confirm: by somebody else, who confirmed other answers."""

    type: ClassVar[str] = "application.papers_request_ended.v1"
    because: RequestEnd
    owed: Owed = Owed.NOTHING
    to_confirm: Unconfirmed = Unconfirmed.NOTHING


class ApplicationHandedInAgain(ApplicationEvent):
    """The citizen changed what was asked for: the review goes on. owed: a further fee, by what they changed."""

    type: ClassVar[str] = "application.handed_in_again.v1"
    owed: Owed = Owed.NOTHING


class Confirmed(StrEnum):
    """case: the post goes on with it already."""

    DRAFT = "draft"
    CASE = "case"


class ApplicationCosignatureAnswered(ApplicationEvent):
    """Whom the applicant asked to confirm it said yes or no."""

    type: ClassVar[str] = "application.cosignature_answered.v1"
    decision: Cosigning
    of: Confirmed = Confirmed.DRAFT


class ApplicationSentToBody(ApplicationEvent):
    """The post asked another body. body: an id of catalogue/departments.toml."""

    type: ClassVar[str] = "application.sent_to_body.v1"
    body: str


class ApplicationBodyAnswered(ApplicationEvent):
    """The answer of the other body was recorded: the review goes on."""

    type: ClassVar[str] = "application.body_answered.v1"


class ApplicationArrived(ApplicationEvent):
    """What another body made is at the post: it can be collected or sent."""

    type: ClassVar[str] = "application.arrived.v1"


class ApplicationSent(ApplicationEvent):
    """It was sent to the citizen by mail. carrier: a code of catalogue/casework.toml."""

    type: ClassVar[str] = "application.sent.v1"
    carrier: str


class ApplicationCorrected(ApplicationEvent):
    """A mistake in what was issued is put right: what was issued before is no longer good, and this revision follows."""

    type: ClassVar[str] = "application.corrected.v1"
    outcome: OutcomeKind
    revision: int
    reason: str


class ApplicationAnnulled(ApplicationEvent):
    """What was issued is no longer good, and nothing follows. reason: a code of catalogue/casework.toml."""

    type: ClassVar[str] = "application.annulled.v1"
    reason: str


class ApplicationMessageWritten(ApplicationEvent):
    """The citizen or the post wrote to the other about this application; the words are read there."""

    type: ClassVar[str] = "application.message_written.v1"
    written_by: Writer


class ApplicationCustodyChanged(ApplicationEvent):
    """An original paper of the citizen was taken in, given back, or travels with the pouch."""

    type: ClassVar[str] = "application.custody_changed.v1"
    change: Custody


class ApplicationMoved(ApplicationEvent):
    """Its post was closed and it goes on at another one, which is post_id from now on. closure_id: one for all that moved from
    there, so that a citizen is told once. over: its citizen has what was issued, and waits for nothing; the other post answers
    for it from now on."""

    type: ClassVar[str] = "application.moved.v1"
    from_post_id: str
    closure_id: str
    moved_as: MovedAs = MovedAs.GOING_ON


class ApplicationTermAtRisk(ApplicationEvent):
    """Four fifths of the term are used up, and it is not answered. ends_at: when the term ends, if nothing stops it."""

    type: ClassVar[str] = "application.term_at_risk.v1"
    ends_at: AwareDatetime


class ApplicationTermOverdue(ApplicationEvent):
    """The term has ended, and it is not answered."""

    type: ClassVar[str] = "application.term_overdue.v1"
    ends_at: AwareDatetime


class ApplicationTermExtended(ApplicationEvent):
    """The post takes more time, as the law of the service lets it; reason is a code of the service's list. ends_at: now."""

    type: ClassVar[str] = "application.term_extended.v1"
    reason: str
    ends_at: AwareDatetime


class ApplicationExpired(ApplicationEvent):
    """A draft was left alone for too long, or the fee of what was handed in was not paid in time. It is closed, and what was
    typed is deleted."""

    type: ClassVar[str] = "application.expired.v1"
    started_at: AwareDatetime
    because: Expiry = Expiry.LEFT


class AppointmentEvent(Event):
    """starts_at: of the first visit; time_zone: of where they come to, an IANA name. town: where that is not at the post,
    as it is written in all languages."""

    appointment_id: str
    citizen_id: str
    reference: str
    post_id: str
    starts_at: AwareDatetime
    time_zone: str
    town: str | None = None

    @property
    def subject_id(self) -> str:
        return self.appointment_id


class AppointmentBooked(AppointmentEvent):
    """A citizen booked times at a post, took one from a waiting list, or was drawn one."""

    type: ClassVar[str] = "appointment.booked.v1"


class AppointmentConfirmationAsked(AppointmentEvent):
    """The citizen is asked, so many days ahead, whether they will come."""

    type: ClassVar[str] = "appointment.confirmation_asked.v1"
    days_ahead: int


class AppointmentCancelled(AppointmentEvent):
    """It was given up; reason is a code: by-citizen, by-post, or no-answer to a question that arrived."""

    type: ClassVar[str] = "appointment.cancelled.v1"
    reason: str


class AppointmentOffered(AppointmentEvent):
    """A time became free and is kept for somebody on the waiting list until then."""

    type: ClassVar[str] = "appointment.offered.v1"
    expires_at: AwareDatetime


class DrawEntryPassedOver(Event):
    """Times were drawn, and this entry got none: it waits in the order of the draw."""

    type: ClassVar[str] = "draw_entry.passed_over.v1"
    entry_id: str
    draw_id: str
    citizen_id: str
    reference: str
    post_id: str

    @property
    def subject_id(self) -> str:
        return self.entry_id


class ApplicationsAnsweredErasure(ErasureAnswered):
    """This service has destroyed what it kept about an erased person, or says what holds it back."""

    type: ClassVar[str] = "applications.answered_erasure.v1"
