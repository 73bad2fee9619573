"""The bytes of an attachment are stored: the draft holds them from now on, and those it held before are swept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.applications.domain.application import Application
from services.applications.domain.attachments import Attachment
from services.applications.domain.errors import UploadTookTooLong
from services.applications.repository import Applications
from services.applications.use_cases.reserve_attachment import sweep_gone
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork

UPLOAD_MAY_TAKE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RecordAttachment:
    application_id: str
    attachment: Attachment
    reserved_at: datetime
    by: Citizen


async def record_attachment(command: RecordAttachment, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, NotADraft, DraftExpired, UploadTookTooLong."""
    if uow.at - command.reserved_at > UPLOAD_MAY_TAKE:
        raise UploadTookTooLong
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    before = application.attachments
    await applications.save(application, application.attach(command.attachment, by=command.by, at=uow.at))
    sweep_gone(application, before, "replaced", uow)
    return application
