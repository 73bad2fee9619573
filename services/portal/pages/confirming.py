"""Somebody else confirms an application: the applicant gets a code for them, and they see what it is and say yes or no."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import ApiProblem
from services.portal.forms import Faults
from services.portal.pages.citizen_draft import stays_on_page
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter()
Typed = Annotated[str, Form(max_length=64)]
Cosigner = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
TYPE_THE_CODE = N_("Type the code that you were given.")
CHOOSE = N_("Choose yes or no.")
STATES = {
    "to_invite": N_("Not asked yet"),
    "invited": N_("Asked, no answer yet"),
    "run_out": N_("The code has run out"),
    "confirmed": N_("Confirmed"),
    "changed": N_("Answers were changed: they must look again"),
    "declined": N_("They said no"),
}
SHORTEST = 8


@router.post("/applications/{application_id}/cosigners/{cosigner}")
async def invite(
    request: Request,
    application_id: UUID,
    cosigner: Cosigner,
    pages: Drawn,
    api: Asked,
    _who: CurrentCitizen,
    key: Typed = "",
) -> Response:
    """The code is shown on this page alone."""
    path = f"/applications/{application_id}"
    try:
        made = await api.post("applications", f"/api{path}/cosigners/{cosigner}/invitation", None, key=key)
    except ApiProblem as problem:
        if problem.status != 409:
            raise
        return see_other(path)  # it tells how far it is
    told = await api.get("applications", f"/api{path}/cosigners")
    asked = next((each for each in told["cosigners"] if each["code"] == cosigner), None)
    return pages.render(request, "citizen/invitation.html", made=made, asked=asked, back=path)


@router.get("/confirm")
async def ask(request: Request, pages: Drawn, _who: CurrentCitizen) -> Response:
    return _draw_code(request, pages, "", Faults())


@router.post("/confirm")
async def look(request: Request, pages: Drawn, api: Asked, _who: CurrentCitizen, code: Typed = "") -> Response:
    if len(code.strip()) < SHORTEST:
        return _wrong_code(request, pages, code, pages.say(request, TYPE_THE_CODE))
    try:
        shown = await api.post("applications", "/api/cosignatures/openings", {"code": code})
    except ApiProblem as problem:
        if problem.status not in (403, 404, 422):
            raise
        return _wrong_code(request, pages, code, problem.detail)
    return _draw_look(request, pages, shown, code, Faults())


@router.post("/confirm/answer")
async def answer(
    request: Request,
    pages: Drawn,
    api: Asked,
    _who: CurrentCitizen,
    code: Typed = "",
    version: Typed = "",
    decision: Typed = "",
    key: Typed = "",
) -> Response:
    """Where the answers were changed meanwhile, they are shown as they are now, and nothing is confirmed."""
    faults = Faults()
    if decision in ("confirmed", "declined") and version.isdecimal():
        try:
            body = {"code": code, "version": int(version), "decision": decision}
            await api.post("applications", "/api/cosignatures", body, key=key)
        except ApiProblem as problem:
            if not (stays_on_page(problem) or problem.status in (403, 404)):
                raise
            if problem.status in (403, 404):
                return _wrong_code(request, pages, code, problem.detail)
            faults.add_line(problem.detail)
        else:
            return pages.render(request, "citizen/confirmed.html", decision=decision)
    else:
        faults.add("decision", pages.say(request, CHOOSE))
    shown = await api.post("applications", "/api/cosignatures/openings", {"code": code})
    return _draw_look(request, pages, shown, code, faults, status=409 if decision else 422)


def _wrong_code(request: Request, pages: Pages, code: str, told: str) -> Response:
    faults = Faults()
    faults.add("code", told)
    return _draw_code(request, pages, code, faults, status=422)


def _draw_code(request: Request, pages: Pages, code: str, faults: Faults, *, status: int = 200) -> Response:
    return pages.render(request, "citizen/confirm.html", status, code=code, faults=faults)


def _draw_look(
    request: Request, pages: Pages, shown: dict[str, Any], code: str, faults: Faults, *, status: int = 200
) -> Response:
    return pages.render(request, "citizen/confirm_look.html", status, shown=shown, code=code, faults=faults)
