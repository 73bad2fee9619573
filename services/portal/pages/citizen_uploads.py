"""A file that comes in pieces, from the script of the paper's page: what broke off goes on where it stands."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

from services.portal.access import Asked, CurrentCitizen
from services.portal.apis import ApiProblem
from services.portal.csrf import form_of

router = APIRouter(prefix="/applications/{application_id}")
Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
BYTES = "application/octet-stream"


@router.post("/papers/{code}/uploads")
async def begin(request: Request, application_id: UUID, code: Code, api: Asked, _who: CurrentCitizen) -> JSONResponse:
    """Fields: media_type, length, beside, key. Out: id and offset."""
    form = await form_of(request)
    length = str(form.get("length", ""))
    body = {
        "paper": code,
        "media_type": str(form.get("media_type", ""))[:64],
        "length": int(length) if length.isdecimal() and len(length) < 12 else 0,
        "beside": form.get("beside") == "true",
    }
    try:
        begun = await api.post("applications", f"/api/applications/{application_id}/uploads", body, key=str(form.get("key", "")))
    except ApiProblem as problem:
        return _told(problem)
    return JSONResponse(_standing(begun))


@router.get("/uploads/{upload_id}")
async def standing(application_id: UUID, upload_id: UUID, api: Asked, _who: CurrentCitizen) -> JSONResponse:
    try:
        return JSONResponse(_standing(await api.get("applications", f"/api/applications/{application_id}/uploads/{upload_id}")))
    except ApiProblem as problem:
        return _told(problem)


@router.post("/uploads/{upload_id}")
async def go_on(request: Request, application_id: UUID, upload_id: UUID, api: Asked, _who: CurrentCitizen) -> JSONResponse:
    """Fields: offset, piece."""
    form = await form_of(request)
    offset, piece = str(form.get("offset", "")), form.get("piece")
    content = await piece.read() if isinstance(piece, UploadFile) else b""
    path = f"/api/applications/{application_id}/uploads/{upload_id}/{int(offset) if offset.isdecimal() else 0}"
    try:
        return JSONResponse(_standing(await api.send_bytes("applications", "PUT", path, content, BYTES)))
    except ApiProblem as problem:
        return _told(problem)


def _standing(upload: dict[str, Any]) -> dict[str, Any]:
    return {name: upload[name] for name in ("id", "offset", "length", "done")}


def _told(problem: ApiProblem) -> JSONResponse:
    told = " ".join(error.detail for error in problem.errors) or problem.detail
    return JSONResponse({"status": problem.status, "detail": told}, problem.status)
