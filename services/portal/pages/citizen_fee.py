"""What one's own application costs and why, where each part is paid, and the way to the payment provider."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.forms import Faults
from services.portal.pages.citizen_draft import stays_on_page
from services.portal.rendering import Pages, see_other

router = APIRouter(prefix="/applications/{application_id}/fee")
Typed = Annotated[str, Form(max_length=128)]
PART_LOOKS = {"open": "govuk-tag--yellow", "paid": "govuk-tag--green", "waived": "govuk-tag--grey"}


@router.get("")
async def fee(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    return await _draw(request, pages, api, application_id, Faults())


@router.post("/online")
async def pay(
    request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen, part: Typed = "", key: Typed = ""
) -> Response:
    """A page with the link: a form of ours may lead to no other site (Content Security Policy)."""
    path = f"/api/applications/{application_id}/fee"
    try:
        told = await api.post("applications", f"{path}/checkout", {"part": part}, key=key)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        faults = Faults()
        faults.add_line(problem.detail)
        return await _draw(request, pages, api, application_id, faults, problem.status)
    owed = await api.get("applications", path)
    chosen = next((one for one in owed["parts"] if one["id"] == part), None)
    back = f"/applications/{application_id}/fee"
    return pages.render(request, "fees/online.html", address=told["address"], part=chosen, back=back)


@router.get("/online")
async def back_to_the_fee(application_id: UUID, _who: CurrentCitizen) -> Response:
    """Where the language is changed on the page with the link, or it is loaded once more."""
    return see_other(f"/applications/{application_id}/fee")


async def _draw(request: Request, pages: Pages, api: Api, application_id: UUID, faults: Faults, status: int = 200) -> Response:
    path = f"/api/applications/{application_id}"
    case = await api.get("applications", path)
    fee = await api.get("applications", f"{path}/fee")
    posts = await api.posts()
    zone = posts.get(case["post"]["id"], {}).get("time_zone", "UTC")
    context = {
        "case": case,
        "zone": zone,
        "fee": fee,
        "looks": PART_LOOKS,
        "just_back": request.query_params.get("from") == "payment",
    }
    live = fee["state"] == "due"
    return pages.render(request, "fees/citizen.html", status, faults=faults, live=live, **context)
