"""An API with one fault in each of its operations, to see that each is found."""

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel

from shared.web.field_words import UNREADABLE

PROBLEM = {"type": "/problems/no", "title": "No", "detail": "No.", "correlation_id": "c"}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"content": {"application/problem+json": {"schema": {"type": "object"}}}} for status in (404, 409, 422)
}


class Counted(BaseModel):
    count: int


def _problem(status: int, *, language: str = "ky", **more: object) -> JSONResponse:
    headers = {"Content-Language": language}
    return JSONResponse({**PROBLEM, "status": status, **more}, status, headers=headers, media_type="application/problem+json")


router = APIRouter()


@router.get("/well")
async def well() -> Counted:
    return Counted(count=1)


@router.get("/fails", response_model=Counted)
async def fails() -> JSONResponse:
    return JSONResponse({}, 500)


@router.get("/undocumented")
async def undocumented() -> JSONResponse:
    return JSONResponse({}, 201)


@router.get("/other-type")
async def other_type() -> PlainTextResponse:
    return PlainTextResponse("one")


@router.get("/other-shape", response_model=Counted)
async def other_shape() -> JSONResponse:
    return JSONResponse({"count": "one"})


@router.get("/takes-anything", openapi_extra={"parameters": [{"name": "n", "in": "query", "schema": {"type": "integer"}}]})
async def takes_anything() -> Counted:
    return Counted(count=1)


@router.get("/plain-error")
async def plain_error() -> JSONResponse:
    return JSONResponse({"detail": "No"}, 404)


@router.get("/deaf")
async def deaf() -> JSONResponse:
    return _problem(409, language="en")


@router.get("/unnamed")
async def unnamed(n: Annotated[int, Query()] = 1) -> JSONResponse:
    errors = [{"pointer": "/n", "detail": UNREADABLE}]
    return _problem(422, type="/problems/invalid-request", errors=errors)


@router.get("/inner")
async def inner() -> JSONResponse:
    return JSONResponse({"from": "pymongo.errors.DuplicateKeyError"})


async def _other_method(request: Request, _error: Exception) -> JSONResponse:
    answer = _problem(405, language=request.headers.get("accept-language", "ky"))
    answer.headers["Allow"] = "GET"
    return answer


def faulty_app() -> FastAPI:
    app = FastAPI(responses=PROBLEMS)
    app.add_exception_handler(405, _other_method)
    app.include_router(router)
    return app
