"""Files by HTTP: three steps in (reserve; store and make harmless; record), one stream out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.applications.domain.application import Application
from services.applications.domain.attachments import Attachment
from services.applications.domain.errors import AttachmentNotFound, AttachmentTooLarge, AttachmentTypeNotAccepted
from services.applications.domain.papers import ONLY_PAPER
from services.applications.domain.upload_errors import FileNotFound, FilesTooLarge, TooManyFiles
from services.applications.storage import AttachmentStore
from services.applications.uploads.intake import Arriving, Intake
from services.applications.use_cases.record_attachment import RecordAttachment, record_attachment
from services.applications.use_cases.reserve_attachment import ReserveAttachment, reserve_attachment
from shared.actors import Citizen, Officer
from shared.errors import DomainError
from shared.texts import N_
from shared.web.commands import Commands
from shared.web.problems import HttpProblem

_EXTENSION = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
FILE: dict[str, Any] = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _EXTENSION}}
MARKED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
    204: {"description": "Nothing is wrong with it"},
}
BROKEN_OFF = N_("The upload broke off. Please send the file again.")


async def _store(request: Request) -> AttachmentStore:
    return AttachmentStore(request.app.state.runtime.database.db)


async def _intake(request: Request) -> Intake:
    state = request.app.state
    return Intake(AttachmentStore(state.runtime.database.db), state.cleaner, state.scanner)


Store = Annotated[AttachmentStore, Depends(_store)]
TakesIn = Annotated[Intake, Depends(_intake)]


@dataclass(frozen=True, slots=True)
class Sent:
    """A file on its way to a paper of a case. beside: with the files that the paper has, else in their place. helper: who scans
    it with the citizen at the counter."""

    application_id: str
    by: Citizen
    media_type: str
    paper: str = ONLY_PAPER
    beside: bool = False
    helper: Officer | None = None


def media_type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def take_file(sent: Sent, body: AsyncIterator[bytes], commands: Commands, intake: Intake) -> Application:
    """An upload that is cut off leaves bytes that the reservation's job sweeps. Raises HttpProblem 400, 413 or 415."""
    attachment_id, reserving = commands.new_id(), commands.next_operation()
    reservation = ReserveAttachment(sent.application_id, attachment_id, sent.by, sent.paper, sent.beside)
    try:
        accepted = await commands.run_repeatable(reserve_attachment, reservation, operation=reserving)
        arriving = Arriving(attachment_id, sent.by.id, sent.media_type, accepted)
        attachment = await intake.take(arriving, body, at=reserving.at)
        recording = commands.next_operation()
        command = RecordAttachment(sent.application_id, attachment, reserving.at, sent.by, sent.beside, sent.helper)
        return await commands.run_repeatable(record_attachment, command, operation=recording)
    except AttachmentTooLarge as error:
        raise problem(413, error, closing=not await came_to_its_end(body)) from None
    except (TooManyFiles, FilesTooLarge) as error:
        raise problem(413, error) from None
    except AttachmentTypeNotAccepted as error:
        raise problem(415, error, closing=not await came_to_its_end(body)) from None
    except ClientDisconnect:  # nobody reads this; it keeps a bad line from looking like our mistake
        raise HttpProblem(400, "upload-broken-off", BROKEN_OFF) from None


async def give_attachment(application: Application, store: AttachmentStore, *, to_look_at: bool = False) -> StreamingResponse:
    """The newest file of the only paper of services that name none. Raises AttachmentNotFound."""
    attachment = application.attachment
    if attachment is None:
        raise AttachmentNotFound
    return await give_file(application, attachment, store, to_look_at=to_look_at)


async def give_file(
    application: Application, attachment: Attachment, store: AttachmentStore, *, to_look_at: bool = False
) -> StreamingResponse:
    """It is handed out as a file and never shown as a page of ours. to_look_at: the copy in which nothing acts."""
    file_id = attachment.shown_id if to_look_at else attachment.kept_id
    size = attachment.shown_size if to_look_at and attachment.shown_size else attachment.size
    name = f"{application.reference}{_EXTENSION[attachment.media_type]}"
    pieces = await store.read(file_id, citizen_id=application.citizen_id)
    return _streamed(pieces, size, name, attachment.media_type)


async def give_marked(application: Application, attachment_id: str, store: AttachmentStore) -> Response:
    """The picture of what is wrong with a photograph; 204 where nothing is. Raises FileNotFound."""
    attachment = file_of(application, attachment_id)
    if attachment.marked_id is None:
        return Response(status_code=204)
    pieces = await store.read(attachment.marked_id, citizen_id=application.citizen_id)
    return _streamed(pieces, attachment.marked_size, f"{application.reference}-marked.jpg", "image/jpeg")


def file_of(application: Application, attachment_id: str) -> Attachment:
    """Raises FileNotFound, also where the personal data was erased."""
    found = next((each for each in application.attachments if each.id == attachment_id), None)
    if found is None or application.is_erased:
        raise FileNotFound
    return found


async def came_to_its_end(body: AsyncIterator[bytes]) -> bool:
    """Of what is sent on after it was refused, as much is read and dropped as any request may have: who closes at once resets the
    line, and the sender never reads why. What does not end then is closed: else it would be dropped for as long as it comes."""
    try:
        async for _piece in body:
            pass
    except (HTTPException, ClientDisconnect):
        return False
    return True


def problem(status: int, error: DomainError, *, closing: bool = False) -> HttpProblem:
    headers = {"Connection": "close"} if closing else None
    return HttpProblem(status, error.code, error.message, headers=headers, more=None, **error.params)


def _streamed(pieces: AsyncIterator[bytes], size: int, name: str, media_type: str) -> StreamingResponse:
    headers = {
        "Content-Length": str(size),
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(pieces, media_type=media_type, headers=headers)
