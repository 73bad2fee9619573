"""Files of a case as officers see them: the files attached, a preview of the paper, the issued document."""

from uuid import UUID

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from services.portal.handing_on import PDF, PICTURES, hand_on
from services.portal.pages.officer_case import AtDesk, Desk

router = APIRouter(prefix="/officer/applications/{application_id}")
SHOWN = (*PICTURES, PDF)


@router.get("/attachment")
async def attachment(desk: AtDesk) -> Response:
    """Shown in full; it is what the answers are compared with."""
    return await hand_on(desk.api, "applications", f"{desk.api_path}/attachment", shown=SHOWN)


@router.get("/files/{file_id}")
async def one_file(desk: AtDesk, file_id: UUID) -> Response:
    """The copy in which nothing acts."""
    return await hand_on(desk.api, "applications", f"{desk.api_path}/files/{file_id}", shown=SHOWN)


@router.get("/files/{file_id}/original")
async def original(desk: AtDesk, file_id: UUID) -> Response:
    """As it came; it is saved, and never shown by the browser."""
    return await hand_on(desk.api, "applications", f"{desk.api_path}/files/{file_id}/original")


@router.get("/files/{file_id}/marked")
async def marked(desk: AtDesk, file_id: UUID) -> Response:
    return await hand_on(desk.api, "applications", f"{desk.api_path}/files/{file_id}/marked", shown=PICTURES)


@router.get("/preview.png")
async def preview_picture(desk: AtDesk) -> Response:
    return await _preview(desk, "png")


@router.get("/preview.pdf")
async def preview(desk: AtDesk) -> Response:
    return await _preview(desk, "pdf")


@router.get("/document.pdf")
async def document(desk: AtDesk) -> Response:
    """The issued paper, to be printed."""
    document_id = (await desk.case())["document_id"]
    if not document_id:
        raise HTTPException(404)
    return await hand_on(desk.api, "documents", f"/api/documents/{document_id}/file", shown=SHOWN)


async def _preview(desk: Desk, kind: str) -> Response:
    path = f"/api/documents/previews/{desk.application_id}"
    return await hand_on(desk.api, "documents", path, shown=SHOWN, params={"format": kind})
