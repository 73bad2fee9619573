"""Officers declare whom they are related to, so that such people do not work on one case; heads see and end what was declared."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOfficer, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.forms import TO_LANGUAGE, Faults, refused
from services.portal.rendering import Pages, see_other
from services.portal.session import Person
from shared.texts import N_

router = APIRouter(prefix="/relations")
Id = Annotated[str, Path(pattern="^[A-Za-z0-9-]{1,64}$")]
Sent = Annotated[str, Form(max_length=200)]
KINDS = {"relative": N_("A relative"), "same-person": N_("The same person with another account")}
ENDING = ("declared-by-mistake", "no-longer")
CHOOSE_KIND = N_("Choose how they belong together.")
NAME_ONE = N_("Type the reference of a case of this person, or choose an officer.")
CHOOSE_REASON = N_("Choose a reason.")


@router.get("")
async def relations(request: Request, pages: Drawn, api: Asked, who: CurrentOfficer) -> Response:
    return await _draw(request, pages, api, who, {}, Faults())


@router.post("")
async def declare(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentOfficer,
    kind: Sent = "",
    reference: Sent = "",
    of: Sent = "",
    other: Sent = "",
    key: Sent = "",
    then: Sent = "",
) -> Response:
    """By the reference of a case for its citizen; heads may also name two officers."""
    typed, faults = {"kind": kind, "reference": reference.strip(), "of": of, "other": other}, Faults()
    if then == TO_LANGUAGE:
        return await _draw(request, pages, api, who, typed, faults)
    if kind not in KINDS:
        faults.add("kind", pages.say(request, CHOOSE_KIND))
    if bool(typed["reference"]) == bool(other):
        faults.add("reference", pages.say(request, NAME_ONE))
    if not faults:
        try:
            body = {"kind": kind} | ({"of": of} if of else {})
            if other:
                body |= {"officer_id": other} | await _post_of(api, other)
            else:
                case = await api.post("applications", "/api/officer/searches", {"reference": typed["reference"]})
                body["application_id"] = case["id"]
            await api.post("applications", "/api/officer/relations", body, key=key)
            return see_other("/relations")
        except ApiProblem as problem:
            if problem.status not in {403, 404, 409, 422}:
                raise
            faults.add("reference", problem.errors[0].detail if problem.errors else problem.detail)
    return await _draw(request, pages, api, who, typed, faults, status=422)


@router.post("/{relation_id}/confirmation")
async def confirm(request: Request, relation_id: Id, pages: Drawn, api: Asked, who: CurrentOfficer, key: Sent = "") -> Response:
    path = f"/api/officer/relations/{relation_id}/confirmation"
    if faults := await refused(api.post("applications", path, None, key=key), stays={403, 404, 409}):
        return await _draw(request, pages, api, who, {}, faults, status=422)
    return see_other("/relations")


@router.post("/{relation_id}/end")
async def end(
    request: Request, relation_id: Id, pages: Drawn, api: Asked, who: CurrentOfficer, reason: Sent = "", key: Sent = ""
) -> Response:
    faults, path = Faults(), f"/api/officer/relations/{relation_id}/end"
    if reason not in ENDING:
        faults.add(f"why-{relation_id}", pages.say(request, CHOOSE_REASON))
    if faults := faults or await refused(api.post("applications", path, {"reason": reason}, key=key), stays={403, 404, 409}):
        return await _draw(request, pages, api, who, {}, faults, status=422)
    return see_other("/relations")


async def _post_of(api: Api, officer_id: str) -> dict[str, str]:
    """The head there is to see what is said of their officer."""
    officers: list[dict[str, Any]] = (await api.get("identity", "/api/officers"))["officers"]
    return next(({"other_post_id": each["post_id"]} for each in officers if each["id"] == officer_id and each["post_id"]), {})


async def _draw(
    request: Request, pages: Pages, api: Api, who: Person, typed: dict[str, str], faults: Faults, *, status: int = 200
) -> Response:
    declared = (await api.get("applications", "/api/officer/relations"))["relations"]
    officers: list[dict[str, Any]] = (await api.get("identity", "/api/officers"))["officers"] if who.gives_roles else []
    names = {officer["id"]: officer["name"] for officer in officers}
    return pages.render(
        request,
        "officer/relations.html",
        status,
        declared=declared,
        officers=officers,
        names=names,
        kinds=KINDS,
        ending=ENDING,
        typed=typed,
        faults=faults,
        path="/relations",
        language_form="relation-form",
    )
