"""Passkeys: one's own list, adding and removing one, and signing in by one. The device is asked by a script of the page."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import JSONResponse, Response

from services.portal.access import Asked, Counted, CurrentPerson, Drawn
from services.portal.apis import Api, ApiProblem, SignInAgainNeeded
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.sign_in import Typed, draw_sign_in, go_on, kept_of
from services.portal.pages.sign_in_code import said_by
from services.portal.rendering import HEADERS, Pages, see_other
from shared.texts import N_

router = APIRouter()
PasskeyId = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,400}$")]
Answer = Annotated[str, Form(max_length=30_000)]
Next = Annotated[str, Form(max_length=40)]
LONGEST_NAME = 40
SAID = {"added": N_("The passkey is added. You can sign in with it from now on."), "removed": N_("The passkey is removed.")}
ONCE_MORE = N_(
    "Press the button once more. If nothing happens then, this browser runs no scripts, and passkeys cannot be added in it."
)
NEEDS_SCRIPTS = N_("Passkeys need a browser that runs scripts. Choose another way to sign in.")
UNREADABLE = N_("The device's answer could not be read. Try again.")


@router.get("/account/passkeys")
async def own(request: Request, pages: Drawn, api: Asked, _who: CurrentPerson, said: str = "") -> Response:
    return await _draw(request, pages, api, said=SAID.get(said, ""))


@router.post("/account/passkeys/question")
async def question_to_add(api: Asked, _who: CurrentPerson) -> Response:
    """For the page's script. again: the sign-in is too long ago; the page is sent as it is, and leads to a new one."""
    try:
        asked = await api.post("identity", "/api/passkeys/registration/options", {})
    except SignInAgainNeeded:
        return JSONResponse({"again": True}, headers=HEADERS)
    return JSONResponse(asked, headers=HEADERS)


@router.post("/account/passkeys")
async def add(
    request: Request, pages: Drawn, api: Asked, _who: CurrentPerson, name: Typed = "", answer: Answer = "", then: Next = ""
) -> Response:
    """Without an answer no script ran, or somebody has just signed in again: the page once more, with what was typed."""
    typed = name.strip()[:LONGEST_NAME]
    if then == TO_LANGUAGE:
        return await _draw(request, pages, api, typed=typed)
    if not answer:
        await api.post("identity", "/api/passkeys/registration/options", {})  # leads to the sign-in where that is needed
        return await _draw(request, pages, api, typed=typed, told=ONCE_MORE)
    faults, shown = Faults(), _read(answer)
    if shown is None:
        faults.add_line(pages.say(request, UNREADABLE))
        return await _draw(request, pages, api, typed=typed, faults=faults, status=422)
    try:
        await api.post("identity", "/api/passkeys/registration", shown | {"device": typed})
    except ApiProblem as problem:
        if problem.status not in (409, 422):
            raise
        faults.add_line(pages.say(request, said_by(problem)))
        return await _draw(request, pages, api, typed=typed, faults=faults, status=problem.status)
    return see_other("/account/passkeys?said=added")


@router.get("/account/passkeys/{passkey}/removal")
async def back_from_removal(_who: CurrentPerson) -> Response:
    """Where one comes back to after a new sign-in."""
    return see_other("/account/passkeys")


@router.post("/account/passkeys/{passkey}/removal")
async def remove(passkey: PasskeyId, api: Asked, _who: CurrentPerson) -> Response:
    try:
        await api.post("identity", f"/api/passkeys/{passkey}/removal", {})
    except ApiProblem as problem:
        if problem.status != 404:  # gone already: that is what was wanted
            raise
    return see_other("/account/passkeys?said=removed")


@router.post("/sign-in/passkey/question", dependencies=[Counted])
async def question_to_sign_in(api: Asked) -> Response:
    """For the page's script: what any passkey of this site may answer."""
    return JSONResponse(await api.as_nobody("/api/passkeys/sign-in/options", {}), headers=HEADERS)


@router.get("/sign-in/passkey")
async def back_from_passkey() -> Response:
    return see_other("/sign-in")


@router.post("/sign-in/passkey", dependencies=[Counted])
async def sign_in(request: Request, api: Asked, target: Typed = "", answer: Answer = "") -> Response:
    kept, shown = kept_of(await form_of(request)), _read(answer)
    if shown is None:
        return await draw_sign_in(request, target=target, kept=kept, status=422, wrong=("", NEEDS_SCRIPTS))
    try:
        who = await api.signed_in(await api.as_nobody("/api/passkeys/sign-in", shown))
    except ApiProblem as problem:
        status = 422 if problem.status == 401 else problem.status
        return await draw_sign_in(request, target=target, kept=kept, status=status, wrong=("", said_by(problem)))
    return go_on(request, who, target, kept)


def _read(answer: str) -> dict[str, Any] | None:
    """Only the three members that identity takes; what they hold is its business."""
    try:
        told = json.loads(answer)
        return {name: told[name] for name in ("ceremony", "binding", "credential")}
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


async def _draw(
    request: Request,
    pages: Pages,
    api: Api,
    *,
    typed: str = "",
    said: str = "",
    told: str = "",
    faults: Faults | None = None,
    status: int = 200,
) -> Response:
    listed = (await api.get("identity", "/api/passkeys"))["passkeys"]
    return pages.render(
        request,
        "account/passkeys.html",
        status,
        listed=listed,
        typed=typed,
        said=said,
        told=told,
        faults=faults or Faults(),
        path="/account/passkeys",
        language_form="passkey-form",
    )
