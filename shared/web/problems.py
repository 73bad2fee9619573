"""RFC 9457 problem details: the only place where an error becomes an HTTP status, told in the person's language."""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared.errors import ConcurrentUpdate, DomainError, InvalidInput, NotAllowed, NotAllowedNow, NotFound, Unavailable
from shared.mongo.database import is_away
from shared.mongo.transactions import KeyReusedForOtherRequest
from shared.texts import N_, Texts
from shared.tracing import trace
from shared.web.field_words import FIELD_WORDS, NOT_JSON, NOT_JSON_FROM, NOT_SENT_AS, UNREADABLE
from shared.web.headers import OF_APIS
from shared.web.language import language_of
from shared.web.methods import Methods
from shared.web.middleware import BodyTooLarge

log = structlog.get_logger(__name__)

RETRY_AFTER_S = 2
JSON = "application/json"
STATUS: dict[type[DomainError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    InvalidInput: 422,
    ConcurrentUpdate: 409,
    NotAllowedNow: 409,
    DomainError: 409,
}


class HttpProblem(Exception):
    """A refusal that belongs to HTTP itself (sign-in, headers, sizes), not to a case."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
        **params: str | int,
    ) -> None:
        """more: further members of the problem (RFC 9457, 3.2)."""
        super().__init__(code)
        self.status, self.code, self.detail, self.headers, self.params = status, code, detail, headers, params
        self.more = more or {}


TITLES = {
    400: N_("The request cannot be used as it is"),
    401: N_("Sign in first"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("Not possible here"),
    408: N_("Too slow"),
    409: N_("Not possible now"),
    413: N_("Too large"),
    414: N_("The address is too long"),
    415: N_("Content of this kind is not accepted"),
    422: N_("Something needs another look"),
    428: N_("Say why first"),
    429: N_("Too many tries"),
    431: N_("Too large"),
    500: N_("Our mistake"),
    503: N_("Not available right now"),
}
_TOO_LARGE = N_("The request is too large: at most {limit} bytes.")
_TOO_SLOW = N_("The request came too slowly, so the connection was closed. Send it again on a better line; nothing was changed.")
_UNAVAILABLE = N_("The service cannot answer right now. Nothing is lost: try again in {seconds} seconds with the same data.")
_KEY_REUSED = N_("This Idempotency-Key came before with other data. Use a new key for a new request.")
_UNEXPECTED = N_("Something went wrong on our side. Try again; if it stays, tell us the number {correlation_id}.")


def install_problem_handlers(app: FastAPI, texts: Texts) -> None:
    methods = Methods(app)

    async def domain_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, DomainError)  # noqa: S101 (it is registered for this class)
        status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
        errors = [(e.pointer, e.message, e.params) for e in error.errors] if isinstance(error, InvalidInput) else []
        return problem(request, texts, status, error.code, error.message, params=error.params, errors=errors)

    async def http_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, HttpProblem)  # noqa: S101 (it is registered for this class)
        return problem(
            request, texts, error.status, error.code, error.detail, params=error.params, headers=error.headers, more=error.more
        )

    async def http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (it is registered for this class)
        code, detail, params = _told(error)
        headers = {"Allow": methods.of(request.url.path)} if error.status_code == 405 else error.headers
        return problem(request, texts, error.status_code, code, detail, params=params, headers=headers)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 (it is registered for this class)
        if isinstance(error.body, bytes):  # FastAPI reads JSON only where it is said to be JSON, and leaves all else as it came
            params, more = {"accepted": JSON}, {"accepted": [JSON]}
            return problem(request, texts, 415, "body-not-json", NOT_SENT_AS, params=params, headers={"Accept": JSON}, more=more)
        errors = [_of_field(each) for each in error.errors()]
        return problem(request, texts, 422, "invalid-request", InvalidInput.message, errors=errors)

    async def key_reused(request: Request, _error: Exception) -> Response:
        return problem(request, texts, 422, "idempotency-key-reused", _KEY_REUSED)

    async def away(request: Request, error: Exception) -> Response:
        if isinstance(error, PyMongoError) and not is_away(error):
            return await unexpected(request, error)
        log.warning("request_unavailable", path_template=_route(request), error=type(error).__name__)
        return unavailable(request, texts)

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("request_failed", path_template=_route(request), exc_info=error)
        params = {"correlation_id": trace().correlation_id}
        return problem(request, texts, 500, "unexpected", _UNEXPECTED, params=params)

    app.add_exception_handler(DomainError, domain_error)
    app.add_exception_handler(HttpProblem, http_problem)
    app.add_exception_handler(HTTPException, http_exception)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(KeyReusedForOtherRequest, key_reused)
    app.add_exception_handler(Unavailable, away)
    app.add_exception_handler(PyMongoError, away)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, unexpected)


async def _left(_request: Request, _error: Exception) -> Response:
    """Nobody reads this; it keeps a request that broke off on a bad line from looking like our mistake."""
    return Response(status_code=400)


def _told(error: HTTPException) -> tuple[str, str, dict[str, int]]:
    """Code, text and its params for what Starlette and FastAPI refuse by themselves."""
    if isinstance(error, BodyTooLarge):
        return "body-too-large", _TOO_LARGE, {"limit": error.limit}
    if error.status_code == 408:
        return "too-slow", _TOO_SLOW, {}
    if error.status_code == 400:  # FastAPI's own for bytes that are no text, and for JSON nested too deeply
        return "invalid-json", NOT_JSON, {}
    if error.status_code == 404:
        return "not-found", NotFound.message, {}
    return "http-error", TITLES.get(error.status_code, UNREADABLE), {}


def unavailable(request: Request, texts: Texts) -> JSONResponse:
    """Whatever keeps us from answering now: the same data may be sent again."""
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return problem(request, texts, 503, "unavailable", _UNAVAILABLE, params={"seconds": RETRY_AFTER_S}, headers=headers)


def problem(
    request: Request,
    texts: Texts,
    status: int,
    code: str,
    detail: str,
    *,
    params: Mapping[str, Any] | None = None,
    errors: list[tuple[str, str, dict[str, Any]]] | None = None,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> JSONResponse:
    language = language_of(request)
    body: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": texts.translate(TITLES.get(status, TITLES[500]), language),
        "status": status,
        "detail": texts.translate(detail, language, **(params or {})),
        "correlation_id": trace().correlation_id,
        **(more or {}),
    }
    if errors:
        body["errors"] = [{"pointer": at, "detail": texts.translate(text, language, **given)} for at, text, given in errors]
    # the last handler of errors stands outside of what else adds headers
    all_headers = {**OF_APIS, "Content-Language": language, "X-Correlation-Id": trace().correlation_id, **(headers or {})}
    return JSONResponse(body, status, headers=all_headers, media_type="application/problem+json")


def _of_field(error: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Pointer, text and its params of one error of pydantic's or FastAPI's."""
    kind, location = error["type"], error["loc"]
    if kind == "json_invalid" and location[:1] == ("body",) and len(location) == 2:  # FastAPI tells where in the text, from 0
        return "", NOT_JSON_FROM, {"at": location[1] + 1}
    return _pointer(location), FIELD_WORDS.get(kind, UNREADABLE), dict(error.get("ctx") or {})


def _pointer(location: tuple[int | str, ...]) -> str:
    """RFC 6901: the whole of what was sent is the empty one."""
    parts = location[1:] if location and location[0] in {"body", "query", "path", "header"} else location
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _route(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", "unknown"))
