"""Officers sign in: login and password, then the code of their authenticator or one of their recovery codes."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.access import Asked, Counted, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.sign_in import Kept, Typed, carried, go_on, kept_of, providers_of
from services.portal.pages.sign_in_code import said_by
from services.portal.rendering import Pages, own_path, see_other
from services.portal.session import session_of
from shared.texts import N_

router = APIRouter(prefix="/officer/sign-in")
TYPE_LOGIN = N_("Type your login.")
TYPE_PASSWORD = N_("Type your password.")
TYPE_A_CODE = N_("Type the six digits that the authenticator shows, or one of your recovery codes.")
TOO_LATE = N_("The password was entered too long ago. Begin again with it.")
SHORTEST_CODE, LONGEST_CODE = 6, 40
Next = Annotated[str, Form(max_length=40)]


@router.get("")
async def password_page(request: Request, api: Asked, pages: Drawn, next: str = "") -> Response:  # noqa: A002
    return await _draw_password(request, api, pages, target=own_path(next, ""))


@router.post("", dependencies=[Counted])
async def show_password(
    request: Request, api: Asked, pages: Drawn, login: Typed = "", password: Typed = "", target: Typed = "", then: Next = ""
) -> Response:
    """The password is never sent back into a page."""
    kept, typed, faults = kept_of(await form_of(request)), login.strip()[:64], Faults()
    if then == TO_LANGUAGE:
        return await _draw_password(request, api, pages, target=target, kept=kept, login=typed)
    for name, value, wrong in (("login", typed, TYPE_LOGIN), ("password", password, TYPE_PASSWORD)):
        if not value:
            faults.add(name, pages.say(request, wrong))
    if faults:
        return await _draw_password(request, api, pages, target=target, kept=kept, login=typed, faults=faults, status=422)
    try:
        await api.show_password(typed, password[:1000])
    except ApiProblem as problem:
        faults.add("login", pages.say(request, said_by(problem)))
        status = 422 if problem.status == 401 else problem.status
        return await _draw_password(request, api, pages, target=target, kept=kept, login=typed, faults=faults, status=status)
    if kept:
        return _draw_second(request, pages, target=target, kept=kept)
    return see_other(f"/officer/sign-in/code?{urlencode({'next': target})}" if target else "/officer/sign-in/code")


@router.get("/code")
async def second_page(request: Request, pages: Drawn, next: str = "") -> Response:  # noqa: A002
    if session_of(request).half is None:
        return see_other("/officer/sign-in")
    return _draw_second(request, pages, target=own_path(next, ""))


@router.post("/code", dependencies=[Counted])
async def show_second_factor(
    request: Request, api: Asked, pages: Drawn, code: Typed = "", target: Typed = "", then: Next = ""
) -> Response:
    kept, typed = kept_of(await form_of(request)), code.strip()[:LONGEST_CODE]
    if session_of(request).half is None:
        faults = Faults()
        faults.add("password", pages.say(request, TOO_LATE))
        return await _draw_password(request, api, pages, target=target, kept=kept, faults=faults, status=422)
    if then == TO_LANGUAGE:
        return _draw_second(request, pages, target=target, kept=kept, typed=typed)
    digits = "".join(typed.split())
    shown = digits if digits.isdecimal() else typed
    if len(shown) < SHORTEST_CODE:
        return _draw_second(request, pages, target=target, kept=kept, typed=typed, wrong=TYPE_A_CODE, status=422)
    try:
        who = await api.show_second_factor(shown)
    except ApiProblem as problem:
        status = 422 if problem.status == 401 else problem.status
        wrong = said_by(problem)
        return _draw_second(request, pages, target=target, kept=kept, typed=typed, wrong=wrong, status=status)
    return go_on(request, who, target, kept)


async def _draw_password(
    request: Request,
    api: Api,
    pages: Pages,
    *,
    target: str,
    kept: Kept | None = None,
    login: str = "",
    faults: Faults | None = None,
    status: int = 200,
) -> Response:
    return pages.render(
        request,
        "sign_in/password.html",
        status,
        target=target,
        kept=carried(kept),
        login=login,
        providers=await providers_of(api, "officer"),
        faults=faults or Faults(),
        path="/officer/sign-in",
        language_form="password-form",
    )


def _draw_second(
    request: Request,
    pages: Pages,
    *,
    target: str,
    kept: Kept | None = None,
    typed: str = "",
    wrong: str = "",
    status: int = 200,
) -> Response:
    faults = Faults()
    if wrong:
        faults.add("code", pages.say(request, wrong))
    return pages.render(
        request,
        "sign_in/second_factor.html",
        status,
        target=target,
        kept=carried(kept),
        typed=typed,
        faults=faults,
        path="/officer/sign-in/code",
        language_form="second-form",
    )
