"""The page that asks an officer why they look at a case that is not theirs, and then goes on to it."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.access_reason import keep_reason
from services.portal.apis import AccessReasonNeeded
from services.portal.pages.officer_case import AtDesk
from services.portal.rendering import own_path, page_before, pages_of, see_other

router = APIRouter(prefix="/officer/applications/{application_id}")
Sent = Annotated[str, Form(max_length=500)]


@router.post("/reason")
async def reason_given(request: Request, desk: AtDesk, reason: Sent = "", target: Sent = "") -> Response:
    """target: the page that was asked for. Without a choice the case asks again."""
    response = see_other(own_path(target, desk.path) if own_path(target, "").startswith(desk.path) else desk.path)
    if reason:
        keep_reason(response, desk.path, reason, secure=request.app.state.settings.secure_cookies)
    return response


async def ask_for_reason(request: Request, problem: Exception) -> Response:
    """In place of the page that was asked for. What was sent by a form was not done."""
    assert isinstance(problem, AccessReasonNeeded)  # noqa: S101 (it is registered for this class)
    application_id = request.path_params.get("application_id", "")
    asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    context = {
        "detail": problem.detail,
        "reasons": problem.more.get("reasons", []),
        "case_path": f"/officer/applications/{application_id}",
        "target": asked if request.method == "GET" else page_before(request),
        "error_title": False,  # a question, and nobody's mistake
    }
    return pages_of(request).render(request, "officer/reason.html", 428, **context)
