"""Files of a citizen: attaching one, looking at it, and the document that was issued."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import Faults
from services.portal.handing_on import PICTURES, hand_on
from services.portal.pages.citizen_draft import Draft, draft_of, stays_on_page
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/applications/{application_id}")
FIELD = "file"
PIECE = 64 * 1024
BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"%PDF": "application/pdf"}
HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1")  # from the fifth byte on
HEIC_NAMES = (".heic", ".heif")
TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)  # of what else is said, nothing goes into a header of ours
KINDS = {"image/jpeg": N_("a JPEG photo"), "image/png": N_("a PNG picture"), "application/pdf": N_("a PDF")}
CHOOSE_A_FILE = N_("Choose a file first.")
NO_HEIC = N_("This is a HEIC photo of an iPhone. Send a screenshot of it, or set the camera to 'Most Compatible'.")
EMPTY_FILE = N_("This file is empty. Choose another one.")


@router.get("/attachment")
async def attachment(
    request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen, back: str = ""
) -> Response:
    draft = await draft_of(api, application_id)
    if draft.case["status"] != "draft":
        return see_other(draft.path)
    return _draw(request, pages, draft, Faults(), back)


@router.post("/attachment")
async def attach(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    """Without a new file, what is attached stays and the way goes on; a file that must be there is asked for."""
    form = await form_of(request)
    given, back = form.get(FIELD), str(form.get("back", ""))
    draft = await draft_of(api, application_id)
    chosen = given if isinstance(given, UploadFile) and given.filename else None
    try:
        if chosen and chosen.size == 0:
            return _draw(request, pages, draft, _fault(pages.say(request, EMPTY_FILE)), back, 422)
        if chosen:
            media_type = await _kind_of(chosen)
            if media_type == "image/heic":
                return _draw(request, pages, draft, _fault(pages.say(request, NO_HEIC)), back, 415)
            await api.send_bytes("applications", "PUT", f"/api{draft.path}/attachment", _pieces(chosen), media_type)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        return _draw(request, pages, draft, _fault(problem.detail), back, problem.status)
    if form.get("then") == "list":
        return see_other(draft.path)
    if not chosen and draft.attachment_state() == "open":
        return _draw(request, pages, draft, _fault(pages.say(request, CHOOSE_A_FILE)), back, 422)
    return see_other(f"{draft.path}/check")


@router.get("/attachment/file")
async def attached_file(application_id: UUID, api: Asked, _who: CurrentCitizen) -> Response:
    """One's own file: a picture is shown, a PDF is saved."""
    return await hand_on(api, "applications", f"/api/applications/{application_id}/attachment", shown=PICTURES)


@router.get("/document")
async def document(application_id: UUID, api: Asked, _who: CurrentCitizen) -> Response:
    """The signed PDF of the newest document of this application."""
    listed = await api.get("documents", "/api/documents", {"application_id": str(application_id)})
    issued = [each for each in listed["documents"] if each["file"]]
    if not issued:
        raise HTTPException(404)
    newest = max(issued, key=lambda each: each["revision"])
    return await hand_on(api, "documents", newest["file"])


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    await file.seek(0)
    while piece := await file.read(PIECE):
        yield piece


async def _kind_of(file: UploadFile) -> str:
    """By its first bytes, because phones name files as they like; else what the browser says. The API judges it."""
    head = await file.read(12)
    found = next((kind for beginning, kind in BEGINNINGS.items() if head.startswith(beginning)), None)
    if not found and (head[4:] in HEIC or (file.filename or "").lower().endswith(HEIC_NAMES)):
        return "image/heic"
    said = (file.content_type or "").partition(";")[0]
    return found or (said if TYPE.fullmatch(said) else "application/octet-stream")


def _fault(text: str) -> Faults:
    faults = Faults()
    faults.add(FIELD, text)
    return faults


def _draw(request: Request, pages: Pages, draft: Draft, faults: Faults, back: str, status: int = 200) -> Response:
    rule = draft.service["attachment"]
    to_check = back == "check"
    context: dict[str, Any] = {
        "draft": draft,
        "rule": rule,
        "kinds": [KINDS.get(kind, kind) for kind in rule["media_types"]],
        "back": "check" if to_check else "",
        "before": f"{draft.path}/check" if to_check else draft.step_path(draft.steps[-1]),
    }
    return pages.render(request, "citizen/attachment.html", status, faults=faults, **context)
