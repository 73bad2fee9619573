"""Before the bytes of an attachment are stored: may they come, and who sweeps them should the upload be cut off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.attachments import Attachment
from services.applications.domain.errors import AttachmentNotFound
from services.applications.domain.service_definition import AttachmentRule
from services.applications.repository import Applications
from shared.actors import Citizen
from shared.jobs.job import NewJob
from shared.mongo.sealing import key_for
from shared.mongo.transactions import UnitOfWork

SWEEP_ATTACHMENT = "sweep_attachment"
SWEPT_AFTER = timedelta(hours=2)  # longer than UPLOAD_MAY_TAKE, so that no sweep meets a late record


@dataclass(frozen=True, slots=True)
class ReserveAttachment:
    application_id: str
    attachment_id: str
    by: Citizen


async def reserve_attachment(command: ReserveAttachment, uow: UnitOfWork) -> AttachmentRule:
    """Out: what the service accepts. Raises ApplicationNotFound, NotADraft, DraftExpired."""
    await key_for(uow, command.by.id)  # the file that comes next is sealed with it
    application = await Applications(uow).get_for(command.by, command.application_id)
    application.must_be_own_draft(by=command.by)
    uow.schedule(sweep(command.application_id, command.attachment_id, "reserved", uow, after=SWEPT_AFTER))
    rule = the_catalogue().service(application.service_id).attachment
    if rule is None:
        raise AttachmentNotFound
    return rule


def sweep(application_id: str, attachment_id: str, cause: str, uow: UnitOfWork, *, after: timedelta = timedelta()) -> NewJob:
    """The job that deletes these bytes, unless the application holds them when it is due."""
    data = {"application_id": application_id, "attachment_id": attachment_id}
    return NewJob(SWEEP_ATTACHMENT, f"{attachment_id}:{cause}", uow.at + after, data)


def sweep_gone(application: Application, before: Iterable[Attachment], cause: str, uow: UnitOfWork) -> None:
    """The bytes of what the application held before and holds no longer."""
    held = {file_id for each in application.attachments for file_id in each.file_ids}
    for file_id in [file_id for each in before for file_id in each.file_ids if file_id not in held]:
        uow.schedule(sweep(application.id, file_id, cause, uow))
