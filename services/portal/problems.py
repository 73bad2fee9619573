"""Errors as pages that help: what happened, what is not lost, and where to go on."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.portal import csrf
from services.portal.access import TooManyTries, WrongAccount
from services.portal.apis import AccessReasonNeeded, ApiProblem, SignedOut, SignInAgainNeeded
from services.portal.pages.officer_reason import ask_for_reason
from services.portal.pages.sign_in import draw_sign_in
from services.portal.rendering import HEADERS, page_before, pages_of
from shared.texts import N_
from shared.tracing import trace
from shared.web.limiting import Refused

log = structlog.get_logger(__name__)

RETRY_AFTER_S = "5"
READ_WITHIN_S = 2.0  # a small form that is refused unread comes with its head, or is not kept
TELLING = {  # status: heading, what it means and what to do
    400: (N_("This cannot be used as it is"), N_("Something that was sent is too long or not readable. Go back and shorten it.")),
    403: (
        N_("This is not open to you"),
        N_("You are signed in with an account that may not do this. Sign in with the right one."),
    ),
    404: (N_("There is nothing here"), N_("Check the address. It may also belong to someone else, or need another account.")),
    408: (
        N_("This came too slowly"),
        N_("The line broke off before all of it was here. Send it again; what was saved before is safe."),
    ),
    409: (N_("This is not possible now"), N_("The case has moved on. Open it again to see what is possible.")),
    413: (N_("This is too large"), N_("Choose a smaller file, for example a photo in a lower resolution.")),
    429: (N_("Too many tries"), N_("Please wait a minute, then try again. Nothing is lost.")),
    500: (N_("Our mistake"), N_("Something went wrong on our side. Try again; if it stays, tell us the number below.")),
    503: (N_("Not available right now"), N_("A part of Eshik does not answer. Nothing is lost: try again in a moment.")),
}
TRY_AGAIN = {429, 500, 503}
FILE_AGAIN = {  # instead, where a file was sent along: it is not kept
    429: N_("Please wait a minute, then choose the file again."),
    503: N_("A part of Eshik does not answer. What you saved before is safe. Only the file must be chosen again, in a moment."),
}
CHOSEN = "chosen"  # names those fields of a form whose values are no text of a person
NOT_TYPED = {  # what forms carry by themselves, and what is chosen and not written
    *("key", "target", "version", "drawn_from", "back", "then", "list", "sort", "seal", "service", CHOSEN),
    *("account", "post", "language", "outcome", "reason"),
}
SECRET = {"password", "again", "current", "code", "token", "link"}  # of a form, never in a page that shows what was typed
DATE = re.compile(r"(.+)-(?:day|month|year)")
SIGN_IN_AGAIN = N_("You were away for a while, so you are signed out. Sign in again: what you typed is kept on this page.")
SIGN_IN_FIRST = N_("Sign in to see this page.")
SIGN_IN_FILE_LOST = N_("You were away for a while, so you are signed out. Sign in again, then choose the file once more.")
SIGN_IN_ONCE_MORE = N_(
    "This needs a sign-in of the last minutes, so that nobody does it in your place at a browser that was left open. Sign in "
    "once more; then you go on where you were."
)
FORGED = N_("This form can no longer be sent")
FORGED_HELP = N_(
    "You signed out in another window, or somebody else signed in there; or the form was open for weeks; or your browser keeps "
    "no cookies. Nothing was sent."
)


def install_error_pages(app: FastAPI) -> None:
    async def api_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, ApiProblem)  # noqa: S101 (it is registered for this class)
        status = _told_as(error.status)
        return await page(request, status, detail=error.detail, retry_after=error.retry_after)

    async def signed_out(request: Request, _error: Exception) -> Response:
        try:
            return await sign_in_page(request)
        except ApiProblem as problem:  # who could sign in is not known while identity is away
            return await api_problem(request, problem)

    async def forged(request: Request, _error: Exception) -> Response:
        kept = _written(_typed(request))
        context: dict[str, Any] = {"heading": FORGED, "help": FORGED_HELP, "kept": kept, "forged": True}
        context |= {"form_page": page_before(request)} | _way_back(request)
        return pages_of(request).render(request, "problem.html", 403, **context)

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (it is registered for this class)
        return await page(request, error.status_code if error.status_code in TELLING else 404)

    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("page_failed", path_template=_route(request), exc_info=error)
        return await page(request, 500)

    async def not_readable(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 (it is registered for this class)
        in_form = any(each["loc"][0] == "body" for each in error.errors())
        return await page(request, 400 if in_form else 404)

    def always(status: int) -> Any:
        async def handler(request: Request, _error: Exception) -> Response:
            return await page(request, status)

        return handler

    app.add_exception_handler(AccessReasonNeeded, ask_for_reason)
    app.add_exception_handler(SignInAgainNeeded, sign_in_once_more)
    app.add_exception_handler(ApiProblem, api_problem)
    app.add_exception_handler(SignedOut, signed_out)
    app.add_exception_handler(csrf.ForgedRequest, forged)
    app.add_exception_handler(WrongAccount, always(403))
    app.add_exception_handler(TooManyTries, too_many)
    app.add_exception_handler(RequestValidationError, not_readable)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(Exception, unexpected)


async def sign_in_once_more(request: Request, _error: Exception) -> Response:
    """The sign-in page, though somebody is signed in: then it goes on with what was asked for, and nothing typed is lost."""
    sent = request.method != "GET" and not _had_file(request)
    target = _action(request) if sent or request.method == "GET" else page_before(request)
    try:
        return await draw_sign_in(
            request, target=target, told=SIGN_IN_ONCE_MORE, kept=_typed(request) if sent else None, status=403
        )
    except ApiProblem as problem:  # identity went away meanwhile
        return await page(request, _told_as(problem.status), detail=problem.detail, retry_after=problem.retry_after)


async def too_many(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooManyTries)  # noqa: S101 (as it was registered)
    return with_headers(await page(request, 429), error.headers)


async def refuse(request: Request, refused: Refused) -> Response:
    """What is refused before any route is asked."""
    await _read_what_is_small(request)
    return with_headers(await page(request, refused.status if refused.status in TELLING else 400), refused.headers)


async def _read_what_is_small(request: Request) -> None:
    """A form without files, so that what was typed is kept: sent again without it, it would empty what was saved. Not one of
    another site, which nobody should send again by a button of ours."""
    if request.method in csrf.SAFE_METHODS or csrf.form_read(request) is not None:
        return
    length = request.headers.get("content-length", "")
    if "urlencoded" not in request.headers.get("content-type", "") or not length.isdecimal() or int(length) > csrf.LONGEST_FIELD:
        return
    try:
        with suppress(TimeoutError, ClientDisconnect, HTTPException):
            async with asyncio.timeout(READ_WITHIN_S):
                await csrf.refuse_forged(request)
    except csrf.ForgedRequest:
        request.state.form = None


def with_headers(response: Response, headers: Mapping[str, str]) -> Response:
    response.headers.update(headers)
    return response


def _told_as(status: int) -> int:
    if status in TELLING:
        return status
    return 400 if status < 500 else 503


async def _left(_request: Request, _error: Exception) -> Response:
    """Nobody reads this; it keeps an upload that broke off on a bad line from looking like our mistake."""
    return Response(status_code=400)


async def page(request: Request, status: int, *, detail: str = "", retry_after: str = "") -> Response:
    """The page of an error. What a form had sent is kept on it, ready to be sent again."""
    heading, help_text = TELLING[status]
    again, had_file = status in TRY_AGAIN, _had_file(request)
    if had_file:
        help_text = FILE_AGAIN.get(status, help_text)
    context: dict[str, Any] = {
        "heading": heading,
        "help": help_text,
        "detail": detail,
        "again": again,
        "forged": False,
    }
    context |= {"kept": _typed(request) if again else [], "had_file": had_file, "number": trace().correlation_id}
    context |= {
        "unread": request.method not in csrf.SAFE_METHODS and csrf.form_read(request) is None,
        "method": request.method,
        "action": _action(request),
        "form_page": page_before(request),
    }
    context |= _way_back(request)
    response = pages_of(request).render(request, "problem.html", status, **context)
    if again:
        response.headers["Retry-After"] = retry_after or RETRY_AFTER_S
    return response


async def sign_in_page(request: Request) -> Response:
    """Where a page needs somebody who is signed in: the sign-in itself, which then goes on with what was asked for."""
    if request.headers.get("hx-request"):  # a part of a page: the page itself must be loaded
        return Response(status_code=401, headers={**HEADERS, "HX-Refresh": "true"})
    if request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        return await draw_sign_in(request, target=request.url.path + query, told=SIGN_IN_FIRST, status=401)
    if _had_file(request):
        return await draw_sign_in(request, target=page_before(request), told=SIGN_IN_FILE_LOST, status=401)
    return await draw_sign_in(request, target=_action(request), told=SIGN_IN_AGAIN, kept=_typed(request), status=401)


def _typed(request: Request) -> list[tuple[str, str]]:
    """The fields of a form that was sent, in their order, without its token and files. It was read to see who sent it."""
    form = csrf.form_read(request)
    items = form.multi_items() if form else []
    return [(name, value) for name, value in items if isinstance(value, str) and name != csrf.FIELD and name not in SECRET]


def _written(sent: list[tuple[str, str]]) -> list[str]:
    """What a person wrote with their own hand, to copy it. The parts of a date are one."""
    chosen = {name for field, value in sent if field == CHOSEN for name in value.split()}
    texts: dict[str, list[str]] = {}
    for name, value in sent:
        if name not in NOT_TYPED | chosen and value.strip():
            date = DATE.fullmatch(name)
            texts.setdefault(date[1] if date else name, []).append(value)
    return [" ".join(parts) for parts in texts.values()]


def _had_file(request: Request) -> bool:
    """A form with files that was refused unread may have had one."""
    form = csrf.form_read(request)
    if form is None:
        return request.method not in csrf.SAFE_METHODS and "multipart" in request.headers.get("content-type", "")
    return any(isinstance(value, UploadFile) and value.filename for _, value in form.multi_items())


def _action(request: Request) -> str:
    """Where the form was sent to."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _way_back(request: Request) -> dict[str, str]:
    """path: where a change of the language leads to; what was posted to may have no page of its own."""
    return {} if request.method == "GET" else {"path": page_before(request) or "/"}


def _route(request: Request) -> str:
    return str(getattr(request.scope.get("route"), "path", "unknown"))
