"""The next piece of an upload is stored."""

from dataclasses import dataclass

from services.applications.domain.upload import Piece, Upload
from services.applications.domain.upload_errors import NotWhereItWas, UploadNotFound
from services.applications.uploads.schema import Uploads
from shared.actors import Citizen
from shared.errors import ConcurrentUpdate, NotFound
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AddPiece:
    upload_id: str
    application_id: str
    offset: int
    piece: Piece
    by: Citizen


async def add_piece(command: AddPiece, uow: UnitOfWork) -> Upload:
    """The same piece told twice is one. Raises UploadNotFound, NotWhereItWas."""
    uploads = Uploads(uow)
    upload = await found(uploads, command.upload_id, command.application_id, command.by, uow)
    if command.piece in upload.pieces:
        return upload
    upload.add(command.piece, offset=command.offset)
    try:
        await uploads.save(upload)
    except ConcurrentUpdate:
        raise NotWhereItWas from None
    return upload


async def found(uploads: Uploads, upload_id: str, application_id: str, by: Citizen, uow: UnitOfWork) -> Upload:
    """Raises UploadNotFound."""
    try:
        upload = await uploads.get(upload_id)
    except NotFound:
        raise UploadNotFound from None
    upload.must_be_of(by, application_id, at=uow.at)
    return upload
