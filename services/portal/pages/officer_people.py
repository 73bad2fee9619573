"""Finding cases by a person: by PIN, telephone or name. Why is asked first; what is typed stands in no address."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOfficer, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.officer_lists import STATUS_LOOKS, STATUS_TITLES
from services.portal.rendering import Pages
from shared.audit.reasons import reasons_to_choose
from shared.texts import N_

router = APIRouter(prefix="/officer/people")
FIELDS = ("pin", "phone", "name")
Typed = Annotated[str, Form(max_length=200)]
CHOOSE = N_("Choose why you search.")
TYPE_SOMETHING = N_("Type a PIN, a telephone number or a name.")
POINTERS = {"/pin": "pin", "/phone": "phone", "/name": "name"}


@router.get("")
async def page(request: Request, pages: Drawn, api: Asked, _who: CurrentOfficer) -> Response:
    return _draw(request, pages, api, {}, Faults())


@router.post("")
async def find(
    request: Request,
    pages: Drawn,
    api: Asked,
    _who: CurrentOfficer,
    reason: Typed = "",
    pin: Typed = "",
    phone: Typed = "",
    name: Typed = "",
    then: Typed = "",
) -> Response:
    """Each search is an entry of the audit, for everybody it finds."""
    typed, faults = {"reason": reason, "pin": pin.strip(), "phone": phone.strip(), "name": name.strip()}, Faults()
    if then == TO_LANGUAGE:
        return _draw(request, pages, api, typed, faults)
    if reason not in {each.code for each in reasons_to_choose()}:
        faults.add("reason", pages.say(request, CHOOSE))
    if not any(typed[field] for field in FIELDS):
        faults.add("pin", pages.say(request, TYPE_SOMETHING))
    if faults:
        return _draw(request, pages, api, typed, faults, status=422)
    asked = {field: typed[field] for field in FIELDS if typed[field]}
    try:
        found = await api.because(reason).post("applications", "/api/officer/searches/people", asked)
    except ApiProblem as problem:
        if problem.status != 422:
            raise
        return _draw(request, pages, api, typed, Faults.of_problem(problem, POINTERS), status=422)
    return _draw(request, pages, api, typed, faults, found=found)


def _draw(
    request: Request,
    pages: Pages,
    api: Api,
    typed: dict[str, str],
    faults: Faults,
    *,
    found: dict[str, Any] | None = None,
    status: int = 200,
) -> Response:
    return pages.render(
        request,
        "officer/people.html",
        status,
        reasons=[{"code": each.code, "text": each.texts[api.language]} for each in reasons_to_choose()],
        typed=typed,
        found=found,
        faults=faults,
        status_titles=STATUS_TITLES,
        status_looks=STATUS_LOOKS,
        path="/officer/people",
        language_form="people-form",
    )
