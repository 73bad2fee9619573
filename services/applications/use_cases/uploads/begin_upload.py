"""A citizen announces a file that will come in pieces; what is left of it is swept when its time has passed."""

from dataclasses import dataclass
from datetime import timedelta

from services.applications.domain.errors import AttachmentTooLarge, AttachmentTypeNotAccepted
from services.applications.domain.upload import Upload
from services.applications.domain.upload_errors import TooManyFiles
from services.applications.repository import Applications
from services.applications.storage import kinds_of
from services.applications.uploads.limits import the_limits
from services.applications.uploads.schema import Uploads
from services.applications.use_cases.reserve_attachment import accepted_for
from shared.actors import Citizen
from shared.jobs.job import NewJob
from shared.mongo.sealing import key_for
from shared.mongo.transactions import UnitOfWork

SWEEP_UPLOAD = "sweep_upload"


@dataclass(frozen=True, slots=True)
class BeginUpload:
    upload_id: str
    application_id: str
    paper: str
    media_type: str
    length: int
    beside: bool
    by: Citizen


async def begin_upload(command: BeginUpload, uow: UnitOfWork) -> Upload:
    """Raises ApplicationNotFound, NotADraft, DraftExpired, PaperNotFound, TooManyFiles, AttachmentTooLarge,
    AttachmentTypeNotAccepted."""
    await key_for(uow, command.by.id)  # the pieces that come next are sealed with it
    application = await Applications(uow).get_for(command.by, command.application_id)
    accepted = accepted_for(application, command.paper, by=command.by, beside=command.beside)
    if command.media_type not in accepted.media_types:
        raise AttachmentTypeNotAccepted(accepted=kinds_of(accepted))
    if command.length > accepted.most_bytes:
        raise AttachmentTooLarge(limit_megabytes=accepted.most_bytes // 1_000_000)
    uploads, limits = Uploads(uow), the_limits()
    if await uploads.open_of(application.id) >= limits.files_a_case.value:
        raise TooManyFiles(most=limits.files_a_case.value)
    expires_at = uow.at + timedelta(hours=limits.upload_hours.value)
    upload = Upload(
        command.upload_id,
        application.id,
        command.by.id,
        command.paper,
        command.media_type,
        command.length,
        command.beside,
        uow.at,
        expires_at,
    )
    await uploads.add(upload)
    uow.schedule(swept(upload.id, "expired", uow, after=expires_at - uow.at))
    return upload


def swept(upload_id: str, cause: str, uow: UnitOfWork, *, after: timedelta = timedelta()) -> NewJob:
    """The job that deletes an upload and its pieces."""
    return NewJob(SWEEP_UPLOAD, f"{upload_id}:{cause}", uow.at + after, {"upload_id": upload_id})
