"""An application has come to the point where its document may be issued: enter it in the register, order the work."""

from services.documents.domain.register_entry import RegisterEntry
from services.documents.repository import Register
from shared.contracts.applications import ApplicationApproved, ApplicationClearedForIssue, ApplicationCorrected
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

ISSUE_DOCUMENT = "issue_document"
FIRST_REVISION = 1


async def order_document(
    event: ApplicationApproved | ApplicationClearedForIssue | ApplicationCorrected,
    uow: UnitOfWork,
    revision: int = FIRST_REVISION,
) -> None:
    """Once per application and revision, whichever event said it and however often."""
    register = Register(uow)
    if await register.of_application(event.application_id, revision):
        return
    entry = RegisterEntry(
        id=uow.new_id(),
        application_id=event.application_id,
        citizen_id=event.citizen_id,
        reference=event.reference,
        service_id=event.service_id,
        post_id=event.post_id,
        outcome=event.outcome,
        revision=revision,
        ordered_at=uow.at,
    )
    await register.add(entry)
    uow.schedule(NewJob(ISSUE_DOCUMENT, entry.id, uow.at, {"document_id": entry.id}))
