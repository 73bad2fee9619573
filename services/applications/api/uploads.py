"""Uploads that can be broken off and gone on with: announced, then sent in pieces, each to the place where it begins.

It is what tus (tus.io) does, without its PATCH, HEAD and headers: a PUT to an offset may be repeated as it is, and no kept
library for Python stores what it takes anywhere but on a disk, in plain. docs/uploads.md has the whole of it.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from babel.numbers import format_decimal
from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from services.applications.api import paper_schemas as schemas
from services.applications.api.attachments import BROKEN_OFF, Sent, TakesIn, came_to_its_end, problem, take_file
from services.applications.domain.errors import AttachmentTooLarge, AttachmentTypeNotAccepted
from services.applications.domain.upload import Piece, Upload
from services.applications.domain.upload_errors import LONGER_THAN, NotWhereItWas, TooManyFiles
from services.applications.queries import upload_for
from services.applications.storage import AttachmentStore
from services.applications.use_cases.uploads.add_piece import AddPiece, add_piece
from services.applications.use_cases.uploads.begin_upload import BeginUpload, begin_upload
from services.applications.use_cases.uploads.end_upload import EndUpload, end_upload
from shared.actors import Citizen
from shared.errors import DomainError
from shared.web.auth import CurrentCitizen
from shared.web.commands import Commands, RepeatableCommands, RequestCommands, RequestQueries
from shared.web.description import also
from shared.web.language import language_of
from shared.web.problems import HttpProblem

router = APIRouter(prefix="/api/applications/{application_id}/uploads", tags=["citizen"])
PIECE = 1_000_000  # so much is kept when a line breaks, but for the rest of one piece
PIECES: dict[str, Any] = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
UploadId = Annotated[str, Path(max_length=64)]
Offset = Annotated[int, Path(ge=0, le=2**40, description="Where this piece begins: as many bytes are there already")]


@router.post("", status_code=201, response_model=schemas.UploadView, responses=also(404, 413, 415))
async def begin(application_id: str, body: schemas.NewUpload, by: CurrentCitizen, commands: RequestCommands) -> JSONResponse:
    """Announce a file that comes in pieces. One that nobody goes on with is swept when its time has passed."""
    command = BeginUpload(commands.new_id(), application_id, body.paper, body.media_type, body.length, body.beside, by)
    try:
        return await commands.run(begin_upload, command, _standing, status=201)
    except (AttachmentTooLarge, TooManyFiles) as error:
        raise problem(413, error) from None
    except AttachmentTypeNotAccepted as error:
        raise problem(415, error) from None


@router.get("/{upload_id}")
async def standing(
    application_id: str, upload_id: UploadId, by: CurrentCitizen, queries: RequestQueries, commands: RepeatableCommands
) -> schemas.UploadView:
    """How much of it is there. 404: it is over; look whether the file is there."""
    return _standing(await queries.run(upload_for, by, application_id, upload_id, commands.at))


@router.put(
    "/{upload_id}/{offset:int}", openapi_extra={"requestBody": {"required": True, **PIECES}}, responses=also(404, 413, 415)
)
async def go_on(
    application_id: Annotated[str, Path(max_length=64)],
    upload_id: UploadId,
    offset: Offset,
    request: Request,
    by: CurrentCitizen,
    queries: RequestQueries,
    commands: RepeatableCommands,
    intake: TakesIn,
) -> schemas.UploadView:
    """The next bytes, as many as one likes; those that came before a line broke are there. With the last ones the file is looked
    at and attached: it is then answered as a file sent at once is. 409: the upload stands elsewhere; ask where, and go on."""
    upload = await queries.run(upload_for, by, application_id, upload_id, commands.at)
    if offset != upload.offset:
        raise NotWhereItWas
    body = request.stream()
    try:
        upload = await _stored(upload, body, by, commands, intake.store)
    except _Longer:
        raise _longer(upload.length, language_of(request), closing=not await came_to_its_end(body)) from None
    if upload.is_whole:
        await _attached(upload, by, commands, intake)
    return _standing(upload, done=upload.is_whole)


@router.post("/{upload_id}/end", response_model=schemas.UploadEnded)
async def give_up(application_id: str, upload_id: UploadId, by: CurrentCitizen, commands: RequestCommands) -> JSONResponse:
    """Its pieces are deleted. One that is over is no error."""
    command = EndUpload(upload_id, application_id, by)
    return await commands.run(end_upload, command, lambda _none: schemas.UploadEnded(id=upload_id))


class _Longer(Exception):
    """More comes than was announced."""


def _longer(announced: int, language: str, *, closing: bool) -> HttpProblem:
    unit = next(each for each in LONGER_THAN if announced >= each)
    size = format_decimal(announced / unit, "#,##0.###", locale=language)
    headers, more = {"Connection": "close"} if closing else None, {"limit_bytes": announced}
    return HttpProblem(413, "longer-than-announced", LONGER_THAN[unit], headers=headers, more=more, size=size)


async def _stored(upload: Upload, body: AsyncIterator[bytes], by: Citizen, commands: Commands, store: AttachmentStore) -> Upload:
    """Piece by piece, each told to the database when it is stored: what came before a line broke is there.

    Raises HttpProblem, _Longer."""
    held = bytearray()

    async def keep() -> Upload:
        piece = Piece(commands.new_id(), len(held))
        await store.keep(piece.id, _once(bytes(held)), citizen_id=by.id, name=upload.id)
        held.clear()
        command = AddPiece(upload.id, upload.application_id, upload.offset, piece, by)
        return await commands.run_repeatable(add_piece, command, operation=commands.next_operation())

    try:
        async for chunk in body:
            if upload.offset + len(held) + len(chunk) > upload.length:
                raise _Longer
            held += chunk
            if len(held) >= PIECE:
                upload = await keep()
    except ClientDisconnect:
        if held:
            await keep()
        raise HttpProblem(400, "upload-broken-off", BROKEN_OFF) from None
    return await keep() if held else upload


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _attached(upload: Upload, by: Citizen, commands: Commands, intake: TakesIn) -> None:
    """A file that cannot be used ends its upload; where something of ours is away, it stands, to be asked for again."""
    sent = Sent(upload.application_id, by, upload.media_type, upload.paper, upload.beside)
    try:
        await take_file(sent, _whole(upload, intake.store), commands, intake)
    except (DomainError, HttpProblem):
        await _over(upload, by, commands)
        raise
    await _over(upload, by, commands)


async def _over(upload: Upload, by: Citizen, commands: Commands) -> None:
    command = EndUpload(upload.id, upload.application_id, by)
    await commands.run_repeatable(end_upload, command, operation=commands.next_operation())


async def _whole(upload: Upload, store: AttachmentStore) -> AsyncIterator[bytes]:
    for piece in upload.pieces:
        async for chunk in await store.read(piece.id, citizen_id=upload.citizen_id):
            yield chunk


def _standing(upload: Upload, *, done: bool = False) -> schemas.UploadView:
    return schemas.UploadView(id=upload.id, length=upload.length, offset=upload.offset, done=done, expires_at=upload.expires_at)
