"""What the documents service hears."""

from services.documents.use_cases.erase_person import erase_person
from services.documents.use_cases.order_document import order_document
from shared.contracts.applications import (
    ApplicationApproved,
    ApplicationClearedForIssue,
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
    await order_document(event, uow)


async def on_applications_answered_erasure(event: ApplicationsAnsweredErasure, uow: UnitOfWork) -> None:
    """Not at person.erased itself: while applications holds an open case, a paper may still have to be made for it."""
    if not account_stays(kinds_in(event.held_for)):
        await erase_person(ErasePerson(event.person_id), uow)


HANDLERS: dict[type[Event], Handler] = {
    ApplicationApproved: on_application_approved,
    ApplicationClearedForIssue: on_application_cleared_for_issue,
    ApplicationsAnsweredErasure: on_applications_answered_erasure,
}
