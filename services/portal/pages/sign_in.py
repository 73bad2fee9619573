"""Signing in and out, and the language. Demo accounts for now: the invented people of a local stack."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from services.portal.access import Asked, Counted, Drawn
from services.portal.apis import Api, ApiProblem, api_of
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.rendering import own_path, page_before, pages_of, see_other
from services.portal.session import session_of
from shared.texts import LANGUAGES, N_

router = APIRouter()
KEPT = "kept."  # before the names of fields that another form had sent
CHOOSE = N_("Choose who you want to be.")
Typed = Annotated[str, Form(max_length=2048)]


@router.get("/sign-in")
async def sign_in(request: Request, next: str = "") -> Response:  # noqa: A002  (what it is called in links)
    return await draw_sign_in(request, target=own_path(next, ""))


@router.post("/sign-in", dependencies=[Counted])
async def signed_in(request: Request, api: Asked, pages: Drawn, account: Typed = "", target: Typed = "") -> Response:
    """Goes on to what was asked for; a form that came too late is shown once more, ready to be sent."""
    kept = [
        (name.removeprefix(KEPT), value)
        for name, value in (await form_of(request)).multi_items()
        if name.startswith(KEPT) and isinstance(value, str)
    ]
    if not account:
        return await draw_sign_in(request, target=target, kept=kept, status=422, wrong=CHOOSE)
    person = await api.sign_in(account)
    if kept:
        return pages.render(request, "sign_in/go_on.html", target=own_path(target), kept=kept)
    homes = (("/applications", person.is_citizen), ("/officer", person.is_officer), ("/operator", person.is_administrator))
    return see_other(own_path(target, next((home for home, theirs in homes if theirs), "/")))


@router.post("/sign-out")
async def sign_out(api: Asked) -> Response:
    await api.sign_out()
    return see_other("/")


@router.get("/language/{code}")
async def language(request: Request, code: str, next: str = "/") -> Response:  # noqa: A002
    if code in LANGUAGES:
        session_of(request).speak(code)
    return see_other(own_path(next))


@router.post("/language/{code}")
async def language_of_a_form(request: Request, code: str, next: str = "/", then: Typed = "") -> Response:  # noqa: A002
    """The browser sends the same form to its page, which keeps what was typed."""
    if code in LANGUAGES:
        session_of(request).speak(code)
    if then != TO_LANGUAGE:
        return see_other(own_path(next))
    return RedirectResponse(own_path(next), 307, headers={"Cache-Control": "no-store"})


async def draw_sign_in(
    request: Request,
    *,
    target: str = "",
    told: str = "",
    kept: list[tuple[str, str]] | None = None,
    status: int = 200,
    wrong: str = "",
) -> Response:
    """target: where to go on to; told: why they are here; kept: what an interrupted form had sent."""
    pages = pages_of(request)
    api = api_of(request)
    faults = Faults()
    if wrong:
        faults.add("account", pages.say(request, wrong))
    accounts = await _accounts(api)
    posts = await api.posts() if accounts else {}
    # where a change of the language leads to: what was posted to may have no page of its own
    path = {} if request.method == "GET" else {"path": page_before(request) or "/sign-in"}
    return pages.render(
        request,
        "sign_in/sign_in.html",
        status,
        accounts=accounts,
        posts=posts,
        target=target,
        told=told,
        kept=[(KEPT + name, value) for name, value in kept or []],
        faults=faults,
        error_title=bool(wrong),
        **path,
    )


async def _accounts(api: Api) -> list[dict[str, object]]:
    """None where this is no local stack."""
    try:
        accounts: list[dict[str, object]] = (await api.get("identity", "/api/demo/accounts"))["accounts"]
    except ApiProblem as problem:
        if problem.status == 404:
            return []
        raise
    return accounts
