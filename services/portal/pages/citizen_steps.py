"""Filling in a draft: one page for each step, the check at the end, and handing it in."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import ApiProblem, or_none
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages import consents
from services.portal.pages.citizen_answers import stored
from services.portal.pages.citizen_draft import Draft, draft_of, stays_on_page
from services.portal.pages.confirming import STATES
from services.portal.pages.draft_steps import draw_step, save_step, step_of
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/applications/{application_id}")
AUTOCOMPLETE = {  # what a browser may know about the one who fills in
    "full_name": "name",
    "birth_date": "bday",
    "address_abroad": "street-address",
    "country_of_stay": "country",
    "phone_abroad": "tel",
}
NOT_ALL = N_("Not everything is there yet")
CHANGED = N_("These answers were changed since you looked")
CHANGED_HELP = N_(
    "It is not sent yet. They were changed in another window or on another phone. Look at them once more, then send."
)
NOT_SENT = N_("It is not sent yet. Something is missing or needs another look:")


@router.get("/steps/{step_id}")
async def step(
    request: Request, application_id: UUID, step_id: str, pages: Drawn, api: Asked, _who: CurrentCitizen, back: str = ""
) -> Response:
    draft = await draft_of(api, application_id)
    if draft.case["status"] != "draft":
        return see_other(draft.path)
    if (page := draft.step(step_id)) is None and draft.whole_step(step_id):
        return see_other(draft.path)  # by what is answered now, this page asks nothing
    page = page or step_of(draft, step_id)
    return await draw_step(request, pages, api, draft, page, stored(page, draft.answers), autocomplete=AUTOCOMPLETE, back=back)


@router.post("/steps/{step_id}")
async def save_one(
    request: Request, application_id: UUID, step_id: str, pages: Drawn, api: Asked, _who: CurrentCitizen
) -> Response:
    form = await form_of(request)
    draft = await draft_of(api, application_id)
    page = step_of(draft, step_id)
    if form.get("then") == TO_LANGUAGE and draft.case["status"] != "draft":
        return see_other(draft.path)
    return await save_step(request, pages, api, draft, page, form, autocomplete=AUTOCOMPLETE)


@router.get("/check")
async def check(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    draft = await draft_of(api, application_id)
    if draft.case["status"] != "draft":
        return see_other(draft.path)
    faults = Faults()
    draft.elsewhere(faults, draft.missing, to_check=True)
    return await _draw_check(request, pages, api, draft, faults, purposes=await consents.to_ask(api))


@router.post("/check")
async def hand_in(
    request: Request,
    application_id: UUID,
    pages: Drawn,
    api: Asked,
    _who: CurrentCitizen,
    key: Annotated[str, Form(max_length=128)] = "",
    version: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Only what was seen is sent. A form that was sent before is sent with its key once more, and does nothing."""
    draft = await draft_of(api, application_id)
    if draft.case["status"] == "draft" and version != str(draft.case["version"]):
        faults = Faults()
        draft.elsewhere(faults, draft.missing, to_check=True)
        asked = await consents.to_ask(api)
        return await _draw_check(
            request, pages, api, draft, faults, status=409, heading=CHANGED, told=CHANGED_HELP, purposes=asked
        )
    try:
        await consents.say_what_was_chosen(api, await form_of(request), key)
        await api.post("applications", f"/api/applications/{application_id}/submission", None, key=key)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        draft = await draft_of(api, application_id)
        if draft.case["status"] != "draft":  # sent before, perhaps by the same form
            return see_other(draft.path)
        faults = Faults()
        told = {error.pointer: error.detail for error in problem.errors}
        draft.elsewhere(faults, told, to_check=True)
        if not told:
            faults.add_line(problem.detail, href="#cosigners" if await _waits_for_others(api, draft) else "")
        return await _draw_check(request, pages, api, draft, faults, status=problem.status, purposes=await consents.to_ask(api))
    return see_other(f"/applications/{application_id}/sent")


async def _cosigners(api: Asked, draft: Draft) -> list[dict[str, Any]]:
    """Who else must confirm it; nobody while that cannot be asked: the API lets nothing through all the same."""
    told = await or_none(api.get("applications", f"{draft.api_path}/cosigners"))
    return list(told["cosigners"]) if told else []


async def _waits_for_others(api: Asked, draft: Draft) -> bool:
    return any(each["state"] != "confirmed" for each in await _cosigners(api, draft))


async def _draw_check(
    request: Request,
    pages: Pages,
    api: Asked,
    draft: Draft,
    faults: Faults,
    *,
    status: int = 200,
    heading: str = NOT_ALL,
    told: str = NOT_SENT,
    purposes: Sequence[dict[str, Any]] = (),
) -> Response:
    """heading, told: the line at the top, where something is wrong. purposes: what rests on their word and was not answered."""
    texts = {answer["key"]: answer["text"] for answer in draft.case["answer_texts"]}
    warnings = [(*draft.place_of(notice["pointer"], to_check=True), notice["text"]) for notice in draft.case["warnings"]]
    context = {"draft": draft, "texts": texts, "warnings": warnings, "heading": heading, "told": told, "purposes": purposes}
    context |= {"cosigners": await _cosigners(api, draft), "states": STATES}
    return pages.render(
        request, "citizen/check.html", status, faults=faults, error_title=bool(faults) or status >= 400, **context
    )
