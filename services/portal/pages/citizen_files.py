"""Files of a citizen: the papers of a draft, looking at what is attached, and the document that was issued."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import Faults
from services.portal.handing_on import PICTURES, hand_on
from services.portal.pages.citizen_draft import Draft, draft_of, stays_on_page
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/applications/{application_id}")
Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
ONLY_PAPER = "attachment"  # of a service that asks for one file
ONCE = "key"
CHANGES = {"draft", "papers_requested"}
FIELD = "file"
PIECE = 64 * 1024
BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"%PDF": "application/pdf"}
HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1")  # from the fifth byte on
HEIC_NAMES = (".heic", ".heif")
TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)  # of what else is said, nothing goes into a header of ours
KINDS = {"image/jpeg": N_("a JPEG photo"), "image/png": N_("a PNG picture"), "application/pdf": N_("a PDF")}
CHOOSE_A_FILE = N_("Choose a file first.")
NO_HEIC_PHOTO = N_("This is a HEIC photo of an iPhone. Set the camera to 'Most Compatible' and take the photo once more.")
NO_HEIC = N_("This is a HEIC photo of an iPhone. Send a screenshot of it, or set the camera to 'Most Compatible'.")
EMPTY_FILE = N_("This file is empty. Choose another one.")


@router.get("/attachment")
async def attachment(
    request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen, back: str = ""
) -> Response:
    """The page of the only paper, where a service asks for one file."""
    return await _page(request, application_id, ONLY_PAPER, pages, api, back)


@router.get("/papers/{code}")
async def paper(
    request: Request, application_id: UUID, code: Code, pages: Drawn, api: Asked, _who: CurrentCitizen, back: str = ""
) -> Response:
    return await _page(request, application_id, code, pages, api, back)


@router.post("/attachment")
async def attach(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    return await _taken(request, application_id, ONLY_PAPER, pages, api)


@router.post("/papers/{code}")
async def attach_to(
    request: Request, application_id: UUID, code: Code, pages: Drawn, api: Asked, _who: CurrentCitizen
) -> Response:
    return await _taken(request, application_id, code, pages, api)


@router.post("/files/{file_id}/removal")
async def take_off(request: Request, application_id: UUID, file_id: UUID, api: Asked, _who: CurrentCitizen) -> Response:
    form = await form_of(request)
    draft = await draft_of(api, application_id)
    there = next((each for each in draft.papers if str(file_id) in [file["id"] for file in each["files"]]), None)
    path = f"/api/applications/{application_id}/files/{file_id}/removal"
    await api.post("applications", path, {}, key=str(form.get(ONCE, "")))
    return see_other(draft.paper_path(there) if there else draft.path)


@router.get("/attachment/file")
async def attached_file(application_id: UUID, api: Asked, _who: CurrentCitizen) -> Response:
    """One's own file: a picture is shown, a PDF is saved."""
    return await hand_on(api, "applications", f"/api/applications/{application_id}/attachment", shown=PICTURES)


@router.get("/files/{file_id}")
async def one_file(application_id: UUID, file_id: UUID, api: Asked, _who: CurrentCitizen) -> Response:
    return await hand_on(api, "applications", f"/api/applications/{application_id}/files/{file_id}", shown=PICTURES)


@router.get("/files/{file_id}/marked")
async def marked(application_id: UUID, file_id: UUID, api: Asked, _who: CurrentCitizen) -> Response:
    """What is wrong with a photograph, as a picture."""
    path = f"/api/applications/{application_id}/files/{file_id}/marked"
    return await hand_on(api, "applications", path, shown=PICTURES)


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


async def _page(request: Request, application_id: UUID, code: str, pages: Pages, api: Api, back: str) -> Response:
    """Raises HTTPException 404 where the service asks for no such paper."""
    draft = await draft_of(api, application_id)
    if draft.case["status"] not in CHANGES:
        return see_other(draft.path)
    return _draw(request, pages, draft, _paper_of(draft, code), Faults(), back)


async def _taken(request: Request, application_id: UUID, code: str, pages: Pages, api: Api) -> Response:
    """Without a new file, what is attached stays and the way goes on; a file that must be there is asked for. What is wrong with
    a new one is shown before the way goes on."""
    form = await form_of(request)
    given, back, then = form.get(FIELD), str(form.get("back", "")), form.get("then")
    draft = await draft_of(api, application_id)
    paper = _paper_of(draft, code)
    chosen = given if isinstance(given, UploadFile) and given.filename else None
    try:
        if chosen and chosen.size == 0:
            return _draw(request, pages, draft, paper, _fault(pages.say(request, EMPTY_FILE)), back, 422)
        if chosen:
            media_type = await _kind_of(chosen)
            if media_type == "image/heic":
                return _draw(request, pages, draft, paper, _fault(pages.say(request, _no_heic(paper))), back, 415)
            path = f"/api{draft.path}/papers/{code}?beside={str(_keeps_others(paper)).lower()}"
            await api.send_bytes("applications", "PUT", path, _pieces(chosen), media_type)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        told = " ".join(error.detail for error in problem.errors) or problem.detail
        return _draw(request, pages, draft, paper, _fault(told), back, problem.status)
    if chosen:
        draft = await draft_of(api, application_id)
        paper = _paper_of(draft, code)
    if then == "list" or (draft.case["status"] != "draft" and chosen and then != "more"):
        return see_other(_list_of(draft))
    if not chosen and draft.paper_state(paper) == "open":
        return _draw(request, pages, draft, paper, _fault(pages.say(request, CHOOSE_A_FILE)), back, 422)
    if then == "more" or (chosen and paper["files"] and paper["files"][-1]["findings"]):
        return see_other(draft.paper_path(paper))
    return see_other(f"{draft.path}/check" if back == "check" else draft.after_paper(code))


def _no_heic(paper: dict[str, Any]) -> str:
    """A screenshot is a PNG, which not every paper may be."""
    return NO_HEIC if "image/png" in paper["media_types"] else NO_HEIC_PHOTO


def _list_of(draft: Draft) -> str:
    """The page that names all papers: of a draft, or of what the post asked to change."""
    return draft.path if draft.case["status"] == "draft" else f"{draft.path}/change"


def _paper_of(draft: Draft, code: str) -> dict[str, Any]:
    paper = draft.paper(code)
    if paper is None:
        raise HTTPException(404)
    return paper


def _keeps_others(paper: dict[str, Any]) -> bool:
    """A photograph takes the place of the one before, as the file of a service that asks for one does."""
    return paper["code"] != ONLY_PAPER and paper["photo"] is None


def _draw(
    request: Request, pages: Pages, draft: Draft, paper: dict[str, Any], faults: Faults, back: str, status: int = 200
) -> Response:
    to_check, is_draft = back == "check", draft.case["status"] == "draft"
    codes = [each["code"] for each in draft.papers]
    context: dict[str, Any] = {
        "draft": draft,
        "rule": paper,
        "at": len(draft.steps) + (codes.index(paper["code"]) + 1 if paper["code"] in codes else 1),
        "kinds": KINDS,
        "several": _keeps_others(paper),
        "path": draft.paper_path(paper),
        "is_draft": is_draft,
        "next": f"{draft.path}/check" if to_check else draft.after_paper(paper["code"]) if is_draft else _list_of(draft),
        "back": "check" if to_check else "",
        "before": f"{draft.path}/check" if to_check else draft.before_paper(paper["code"]) if is_draft else _list_of(draft),
    }
    return pages.render(request, "citizen/paper.html", status, faults=faults, **context)


kind_of, pieces = _kind_of, _pieces  # for files that an officer sends at the counter
