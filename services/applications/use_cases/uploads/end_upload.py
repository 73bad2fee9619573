"""An upload is over: its file was attached, cannot be used, or was given up. Its pieces are swept."""

from dataclasses import dataclass

from services.applications.domain.upload_errors import UploadNotFound
from services.applications.repository import Applications
from services.applications.uploads.schema import Uploads
from services.applications.use_cases.uploads.add_piece import found
from services.applications.use_cases.uploads.begin_upload import swept
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ForgetUpload:
    upload_id: str


@dataclass(frozen=True, slots=True)
class EndUpload:
    upload_id: str
    application_id: str
    by: Citizen


async def end_upload(command: EndUpload, uow: UnitOfWork) -> None:
    """Changes nothing where it was over before. Raises ApplicationNotFound."""
    await Applications(uow).get_for(command.by, command.application_id)
    uploads = Uploads(uow)
    try:
        upload = await found(uploads, command.upload_id, command.application_id, command.by, uow)
    except UploadNotFound:
        return
    await uploads.remove(upload.id)
    uow.schedule(swept(upload.id, "over", uow))


async def forget_upload(command: ForgetUpload, uow: UnitOfWork) -> None:
    """For the clock, when its pieces are gone."""
    await Uploads(uow).remove(command.upload_id)
