"""Files of a case as officers see them: the attachment, a preview of the paper, the issued document."""

from contextlib import AsyncExitStack

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from services.portal.apis import Service
from services.portal.pages.citizen_files import PassedOn
from services.portal.pages.officer_case import AtDesk, Desk

router = APIRouter(prefix="/officer/applications/{application_id}")
SHOWN = ("image/png", "image/jpeg", "application/pdf")
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
NEVER_A_PAGE = "default-src 'none'; sandbox"
PDF_POLICY = "frame-ancestors 'none'"  # browsers show no PDF in a sandbox


@router.get("/attachment")
async def attachment(desk: AtDesk) -> Response:
    """Shown in full; it is what the answers are compared with."""
    return await _passed_on(desk, "applications", f"{desk.api_path}/attachment")


@router.get("/preview.png")
async def preview_picture(desk: AtDesk) -> Response:
    return await _passed_on(desk, "documents", f"/api/documents/previews/{desk.application_id}", {"format": "png"})


@router.get("/preview.pdf")
async def preview(desk: AtDesk) -> Response:
    return await _passed_on(desk, "documents", f"/api/documents/previews/{desk.application_id}", {"format": "pdf"})


@router.get("/document.pdf")
async def document(desk: AtDesk) -> Response:
    """The issued paper, to be printed."""
    document_id = (await desk.case())["document_id"]
    if not document_id:
        raise HTTPException(404)
    return await _passed_on(desk, "documents", f"/api/documents/{document_id}/file")


async def _passed_on(desk: Desk, service: Service, path: str, params: dict[str, str] | None = None) -> Response:
    """Piece by piece, to be shown by the browser. Raises ApiProblem before the first piece."""
    async with AsyncExitStack() as opened:
        upstream = await opened.enter_async_context(desk.api.stream(service, path, params=params))
        until_read = opened.pop_all()
    media_type = upstream.headers.get("content-type", "").partition(";")[0]
    disposition = upstream.headers.get("content-disposition", "attachment")
    if media_type in SHOWN:
        disposition = disposition.replace("attachment", "inline", 1)
    policy = PDF_POLICY if media_type == "application/pdf" else NEVER_A_PAGE
    headers = HEADERS | {"Content-Disposition": disposition, "Content-Security-Policy": policy}
    return PassedOn(upstream.aiter_bytes(), until_read, media_type=media_type, headers=headers)
