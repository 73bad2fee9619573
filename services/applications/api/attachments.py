"""Attachments by HTTP: three steps in (reserve, store, record), one stream out."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from services.applications.domain.application import Application
from services.applications.domain.attachments import Attachment
from services.applications.domain.errors import AttachmentNotFound, AttachmentTooLarge, AttachmentTypeNotAccepted
from services.applications.storage import AttachmentStore
from services.applications.use_cases.record_attachment import RecordAttachment, record_attachment
from services.applications.use_cases.reserve_attachment import ReserveAttachment, reserve_attachment
from shared.actors import Citizen
from shared.errors import DomainError
from shared.texts import N_
from shared.web.commands import Commands
from shared.web.problems import HttpProblem

_EXTENSION = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
FILE: dict[str, Any] = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _EXTENSION}}
_BROKEN_OFF = N_("The upload broke off. Please send the file again.")


async def _store(request: Request) -> AttachmentStore:
    return AttachmentStore(request.app.state.runtime.database.db)


Store = Annotated[AttachmentStore, Depends(_store)]


async def take_attachment(
    application_id: str, by: Citizen, *, media_type: str, body: AsyncIterator[bytes], commands: Commands, store: AttachmentStore
) -> Application:
    """An upload that is cut off leaves bytes that the reservation's job sweeps. Raises HttpProblem 413 or 415."""
    attachment_id, reserved_at = commands.new_id(), commands.at
    rule = await commands.run_repeatable(reserve_attachment, ReserveAttachment(application_id, attachment_id, by))
    try:
        stored = await store.store(attachment_id, body, citizen_id=by.id, media_type=media_type, rule=rule)
    except AttachmentTooLarge as error:
        raise _problem(413, error) from None
    except AttachmentTypeNotAccepted as error:
        raise _problem(415, error) from None
    except ClientDisconnect:  # nobody reads this; it keeps a bad line from looking like our mistake
        raise HttpProblem(400, "upload-broken-off", _BROKEN_OFF) from None
    recording = commands.next_operation()
    attachment = Attachment(attachment_id, media_type, stored.size, stored.sha256, recording.at)
    command = RecordAttachment(application_id, attachment, reserved_at, by)
    return await commands.run_repeatable(record_attachment, command, operation=recording)


async def give_attachment(application: Application, store: AttachmentStore) -> StreamingResponse:
    """Raises AttachmentNotFound. It is handed out as a file and never shown as a page of ours."""
    attachment = application.attachment
    if attachment is None:
        raise AttachmentNotFound
    headers = {
        "Content-Length": str(attachment.size),
        "Content-Disposition": f'attachment; filename="{application.reference}{_EXTENSION[attachment.media_type]}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    pieces = await store.read(attachment.id, citizen_id=application.citizen_id)
    return StreamingResponse(pieces, media_type=attachment.media_type, headers=headers)


def _problem(status: int, error: DomainError) -> HttpProblem:
    return HttpProblem(status, error.code, error.message, headers=None, more=None, **error.params)
