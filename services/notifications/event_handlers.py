"""What this service hears, and which notice each event becomes. Handlers only queue; jobs send."""

from services.notifications.appointment_handlers import APPOINTMENT_HANDLERS
from services.notifications.domain.notification import Facts
from services.notifications.use_cases.erase_person import erase_person
from services.notifications.use_cases.queue_invitation import QueueInvitation, queue_invitation
from services.notifications.use_cases.queue_notification import QueueNotification, queue_notification
from services.notifications.use_cases.queue_sign_in_code import QueueSignInCode, queue_sign_in_code
from shared.contracts.applications import (
    ApplicationAnnulled,
    ApplicationApproved,
    ApplicationApprovedElsewhere,
    ApplicationArrived,
    ApplicationCorrected,
    ApplicationCosignatureAnswered,
    ApplicationCustodyChanged,
    ApplicationEvent,
    ApplicationExpired,
    ApplicationFeeRunsOut,
    ApplicationFeeSettled,
    ApplicationHandedInAgain,
    ApplicationMessageWritten,
    ApplicationMoved,
    ApplicationPapersRequested,
    ApplicationPapersRequestEnded,
    ApplicationPaymentTakenBack,
    ApplicationRefused,
    ApplicationsAnsweredErasure,
    ApplicationSent,
    ApplicationSentToBody,
    ApplicationSubmitted,
    ApplicationTermExtended,
    ApplicationWithdrawn,
    Confirmed,
    Cosigning,
    Custody,
    Expiry,
    MovedAs,
    OutcomeKind,
    Owed,
    Unconfirmed,
    Writer,
)
from shared.contracts.base import Event
from shared.contracts.documents import DocumentIssued
from shared.contracts.identity import OfficerInvited, RightsRequestAnswered, SignInCodeRequested
from shared.mongo.erasure import ErasePerson
from shared.mongo.transactions import Handler, UnitOfWork
from shared.sealing.holds import account_stays, kinds_in

# nothing for a digital document: document.issued follows within seconds and says more
_NOTICE_OF_APPROVAL = {
    OutcomeKind.PRINT_ON_BLANK: "document_in_preparation",
    OutcomeKind.PREPARED_FOR_VISIT: "visit_needed",
}

_NOTICE_OF_COSIGNING = {Cosigning.CONFIRMED: "other_confirmed", Cosigning.DECLINED: "other_declined"}
_NOTICE_OF_CUSTODY = {
    Custody.KEPT: "original_kept",
    Custody.RETURNED: "original_returned",
    Custody.SENT_WITH_POUCH: "original_in_pouch",
    Custody.ARRIVED_WITH_POUCH: "original_arrived",
}


async def on_application_submitted(event: ApplicationSubmitted, uow: UnitOfWork) -> None:
    await _tell("fee_to_be_paid" if event.owed is Owed.FEE else "application_received", event, uow)


async def on_application_fee_settled(event: ApplicationFeeSettled, uow: UnitOfWork) -> None:
    await _tell("fee_settled", event, uow)


async def on_application_fee_runs_out(event: ApplicationFeeRunsOut, uow: UnitOfWork) -> None:
    await _tell("fee_runs_out", event, uow)


async def on_application_payment_taken_back(event: ApplicationPaymentTakenBack, uow: UnitOfWork) -> None:
    again = "payment_taken_back_until" if event.pay_by else "payment_taken_back"
    facts = _facts(again if event.owed is Owed.FEE else "payment_taken_back_only", event)
    facts["amount_minor"], facts["currency"], facts["pay_by"] = event.amount_minor, event.currency, event.pay_by
    await queue_notification(QueueNotification(uow.operation.causation_id or uow.operation.operation_id, facts), uow)


async def on_application_approved(event: ApplicationApproved, uow: UnitOfWork) -> None:
    if notice := _NOTICE_OF_APPROVAL.get(event.outcome):
        await _tell(notice, event, uow)


async def on_application_approved_elsewhere(event: ApplicationApprovedElsewhere, uow: UnitOfWork) -> None:
    await _tell("being_made_elsewhere", event, uow)


async def on_application_refused(event: ApplicationRefused, uow: UnitOfWork) -> None:
    await _tell("application_refused", event, uow)


async def on_application_papers_requested(event: ApplicationPapersRequested, uow: UnitOfWork) -> None:
    await _tell("papers_requested", event, uow)


async def on_application_papers_request_ended(event: ApplicationPapersRequestEnded, uow: UnitOfWork) -> None:
    if event.to_confirm is Unconfirmed.ANEW:
        await _tell("confirm_anew_and_pay" if event.owed is Owed.FEE else "confirm_anew", event, uow)
    else:
        await _tell("further_fee" if event.owed is Owed.FEE else "papers_request_ended", event, uow)


async def on_application_handed_in_again(event: ApplicationHandedInAgain, uow: UnitOfWork) -> None:
    await _tell("further_fee" if event.owed is Owed.FEE else "handed_in_again", event, uow)


async def on_application_cosignature_answered(event: ApplicationCosignatureAnswered, uow: UnitOfWork) -> None:
    anew = event.decision is Cosigning.CONFIRMED and event.of is Confirmed.CASE
    await _tell("other_confirmed_anew" if anew else _NOTICE_OF_COSIGNING[event.decision], event, uow)


async def on_application_sent_to_body(event: ApplicationSentToBody, uow: UnitOfWork) -> None:
    await _tell("with_another_body", event, uow)


async def on_application_arrived(event: ApplicationArrived, uow: UnitOfWork) -> None:
    await _tell("arrived_at_post", event, uow)


async def on_application_sent(event: ApplicationSent, uow: UnitOfWork) -> None:
    await _tell("sent_by_mail", event, uow)


async def on_application_corrected(event: ApplicationCorrected, uow: UnitOfWork) -> None:
    await _tell("document_corrected", event, uow)


async def on_application_annulled(event: ApplicationAnnulled, uow: UnitOfWork) -> None:
    await _tell("document_annulled", event, uow)


async def on_application_message_written(event: ApplicationMessageWritten, uow: UnitOfWork) -> None:
    """What the citizen wrote themselves, they know."""
    if event.written_by is Writer.POST:
        await _tell("message_from_post", event, uow)


async def on_application_custody_changed(event: ApplicationCustodyChanged, uow: UnitOfWork) -> None:
    await _tell(_NOTICE_OF_CUSTODY[event.change], event, uow)


async def on_application_withdrawn(event: ApplicationWithdrawn, uow: UnitOfWork) -> None:
    await _tell("application_withdrawn", event, uow)


async def on_application_expired(event: ApplicationExpired, uow: UnitOfWork) -> None:
    await _tell("fee_expired" if event.because is Expiry.UNPAID else "draft_expired", event, uow)


async def on_application_moved(event: ApplicationMoved, uow: UnitOfWork) -> None:
    """Once a person, however many of their cases moved: the message's id is made of the closure and the person. Nothing of what
    they have already."""
    if event.moved_as is not MovedAs.OVER:
        await _tell("post_closed", event, uow, once=f"{event.closure_id}:{event.citizen_id}")


async def on_application_term_extended(event: ApplicationTermExtended, uow: UnitOfWork) -> None:
    await _tell("term_extended", event, uow)


async def on_document_issued(event: DocumentIssued, uow: UnitOfWork) -> None:
    await _tell("document_ready", event, uow)


async def on_applications_answered_erasure(event: ApplicationsAnsweredErasure, uow: UnitOfWork) -> None:
    """Not at person.erased itself: while a case is open, its citizen is told about it, and may take the request back."""
    if not account_stays(kinds_in(event.held_for)):
        await erase_person(ErasePerson(event.person_id), uow)


async def on_rights_request_answered(event: RightsRequestAnswered, uow: UnitOfWork) -> None:
    facts = Facts(
        event_type=event.type,
        notice="rights_request_answered",
        citizen_id=event.person_id,
        application_id=None,
        reference=event.reference,
        post_id=None,
    )
    await queue_notification(QueueNotification(uow.operation.causation_id or uow.operation.operation_id, facts), uow)


async def on_sign_in_code_requested(event: SignInCodeRequested, uow: UnitOfWork) -> None:
    await queue_sign_in_code(QueueSignInCode(event.challenge_id), uow)


async def on_officer_invited(event: OfficerInvited, uow: UnitOfWork) -> None:
    await queue_invitation(QueueInvitation(event.invitation_id), uow)


async def _tell(notice: str, event: ApplicationEvent | DocumentIssued, uow: UnitOfWork, once: str | None = None) -> None:
    """once: what must not be told twice, where that is not the event."""
    about = once or uow.operation.causation_id or uow.operation.operation_id
    await queue_notification(QueueNotification(about, _facts(notice, event)), uow)


def _facts(notice: str, event: ApplicationEvent | DocumentIssued) -> Facts:
    return Facts(
        event_type=event.type,
        notice=notice,
        citizen_id=event.citizen_id,
        application_id=event.application_id,
        reference=event.reference,
        post_id=event.post_id if isinstance(event, ApplicationEvent) else None,
    )


HANDLERS: dict[type[Event], Handler] = {
    ApplicationSubmitted: on_application_submitted,
    ApplicationFeeSettled: on_application_fee_settled,
    ApplicationFeeRunsOut: on_application_fee_runs_out,
    ApplicationPaymentTakenBack: on_application_payment_taken_back,
    ApplicationApproved: on_application_approved,
    ApplicationApprovedElsewhere: on_application_approved_elsewhere,
    ApplicationRefused: on_application_refused,
    ApplicationPapersRequested: on_application_papers_requested,
    ApplicationPapersRequestEnded: on_application_papers_request_ended,
    ApplicationHandedInAgain: on_application_handed_in_again,
    ApplicationCosignatureAnswered: on_application_cosignature_answered,
    ApplicationSentToBody: on_application_sent_to_body,
    ApplicationArrived: on_application_arrived,
    ApplicationSent: on_application_sent,
    ApplicationCorrected: on_application_corrected,
    ApplicationAnnulled: on_application_annulled,
    ApplicationMessageWritten: on_application_message_written,
    ApplicationCustodyChanged: on_application_custody_changed,
    ApplicationWithdrawn: on_application_withdrawn,
    ApplicationExpired: on_application_expired,
    ApplicationMoved: on_application_moved,
    ApplicationTermExtended: on_application_term_extended,
    DocumentIssued: on_document_issued,
    ApplicationsAnsweredErasure: on_applications_answered_erasure,
    SignInCodeRequested: on_sign_in_code_requested,
    OfficerInvited: on_officer_invited,
    RightsRequestAnswered: on_rights_request_answered,
    **APPOINTMENT_HANDLERS,
}
