"""Previews for officers: what would be printed if the case were approved now."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from services.documents.previewing import PreviewFormat
from shared.web.auth import CurrentOfficer
from shared.web.description import also
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/documents/previews", tags=["documents"])

_MEDIA_TYPES = {PreviewFormat.PDF: "application/pdf", PreviewFormat.PNG: "image/png"}
_FILE: dict[str, Any] = {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _MEDIA_TYPES.values()}}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


@router.get("/{application_id}", response_class=Response, responses={200: _FILE, **also(409)})
async def preview(
    application_id: Annotated[str, Path(pattern=r"^[0-9A-Za-z-]{1,64}$")],
    officer: CurrentOfficer,
    request: Request,
    looks: RequestLooks,
    form: Annotated[PreviewFormat, Query(alias="format", description="pdf: all pages; png: the first, for a screen")],
) -> Response:
    """For an officer who sees the case. It has no number, seal or signature, and says PREVIEW in three languages.

    409: not handed in, or closed already; or it holds what cannot be printed. 428: say why, in Eshik-Access-Reason. 503: too many
    ask at once.
    """
    state = request.app.state
    made = await state.previewer.preview(application_id, officer, form, state.runtime.clock.now())
    await looks("document:preview", about={"case": application_id, "person": made.citizen_id, "post": made.post_id})
    shown = "inline" if form is PreviewFormat.PNG else "attachment"
    name = f'{shown}; filename="preview-{made.reference}.{form.value}"'
    return Response(made.data, media_type=_MEDIA_TYPES[form], headers={**_HEADERS, "Content-Disposition": name})
