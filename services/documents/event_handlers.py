"""What the documents service hears."""

from services.documents.domain.register_entry import Revocation
from services.documents.use_cases.erase_person import erase_person
from services.documents.use_cases.move_documents import move_documents
from services.documents.use_cases.order_document import order_document
from services.documents.use_cases.revoke_documents import revoke_documents
from shared.contracts.applications import (
    ApplicationAnnulled,
    ApplicationApproved,
    ApplicationClearedForIssue,
    ApplicationCorrected,
    ApplicationMoved,
    ApplicationsAnsweredErasure,
    OutcomeKind,
)
from shared.contracts.base import Event
from shared.mongo.erasure import ErasePerson
from shared.mongo.transactions import Handler, UnitOfWork
from shared.sealing.holds import account_stays, kinds_in


async def on_application_approved(event: ApplicationApproved, uow: UnitOfWork) -> None:
    if event.outcome is OutcomeKind.DIGITAL_DOCUMENT:  # the others wait for an act at the post
        await order_document(event, uow)


async def on_application_cleared_for_issue(event: ApplicationClearedForIssue, uow: UnitOfWork) -> None:
    await order_document(event, uow, event.revision)


async def on_application_corrected(event: ApplicationCorrected, uow: UnitOfWork) -> None:
    """What waits for another blank is ordered when that is recorded."""
    await revoke_documents(event.application_id, Revocation.REPLACED, uow, before=event.revision)
    if event.outcome in (OutcomeKind.DIGITAL_DOCUMENT, OutcomeKind.PREPARED_FOR_VISIT):
        await order_document(event, uow, event.revision)


async def on_application_annulled(event: ApplicationAnnulled, uow: UnitOfWork) -> None:
    await revoke_documents(event.application_id, Revocation.ANNULLED, uow)


async def on_application_moved(event: ApplicationMoved, uow: UnitOfWork) -> None:
    """Who hands it over is at another post now. What is ordered later names that post already."""
    await move_documents(event.application_id, event.post_id, uow, sequence=event.sequence)


async def on_applications_answered_erasure(event: ApplicationsAnsweredErasure, uow: UnitOfWork) -> None:
    """Not at person.erased itself: while applications holds an open case, a paper may still have to be made for it."""
    if not account_stays(kinds_in(event.held_for)):
        await erase_person(ErasePerson(event.person_id), uow)


HANDLERS: dict[type[Event], Handler] = {
    ApplicationApproved: on_application_approved,
    ApplicationClearedForIssue: on_application_cleared_for_issue,
    ApplicationCorrected: on_application_corrected,
    ApplicationAnnulled: on_application_annulled,
    ApplicationMoved: on_application_moved,
    ApplicationsAnsweredErasure: on_applications_answered_erasure,
}
