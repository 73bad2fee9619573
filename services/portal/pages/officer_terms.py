"""Terms that run out: for the officers who have the cases, the heads of their posts and the ministry. And more time, by law."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOfficer, Drawn
from services.portal.pages.officer_acts import act_on
from services.portal.pages.officer_case import AtDesk
from services.portal.rendering import see_other

router = APIRouter(prefix="/officer")
Sent = Annotated[str, Form(max_length=64)]
PAGE = 20


@router.get("/terms")
async def terms(
    request: Request,
    pages: Drawn,
    api: Asked,
    _who: CurrentOfficer,
    alarm: Literal["at_risk", "overdue", ""] = "",
    mine: bool = False,
    after: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """What was due first comes first, so many on a page."""
    asked: dict[str, Any] = {"limit": PAGE, "mine": mine}
    asked |= ({"alarm": alarm} if alarm else {}) | ({"after": after} if after else {})
    found = await api.get("applications", "/api/officer/terms", asked)
    return pages.render(request, "officer/terms.html", found=found, alarm=alarm, mine=mine, after=after)


@router.post("/applications/{application_id}/extension")
async def extend(desk: AtDesk, days: Sent = "", extension_reason: Sent = "", key: Sent = "") -> Response:
    """More time, from the case's page."""
    number = int(days) if days.isascii() and days.isdigit() else 0
    names = {"/reason": "extension_reason", "/days": "extension_days"}
    typed = {"extension_reason": extension_reason, "extension_days": days}
    body = {"days": number, "reason": extension_reason}
    return await act_on(desk, "extension", body, key, done="extended", names=names, typed=typed)


@router.get("/applications/{application_id}/extension")
async def back_to_the_case(desk: AtDesk) -> Response:
    """Where the language is changed while the answer is shown."""
    return see_other(desk.address())
