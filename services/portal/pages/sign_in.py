"""Signing in: the page where one begins, the invented people of a local stack, signing out, and the language."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from services.portal.access import Asked, Counted
from services.portal.apis import Api, ApiProblem, api_of
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.rendering import own_path, pages_of, see_other
from services.portal.session import Person, session_of
from shared.texts import LANGUAGES, N_

router = APIRouter()
KEPT = "kept."  # before the names of fields that another form had sent
CHOOSE = N_("Choose who you want to be.")
Typed = Annotated[str, Form(max_length=2048)]
Kept = list[tuple[str, str]]


@router.get("/sign-in")
async def sign_in(request: Request, next: str = "") -> Response:  # noqa: A002  (what it is called in links)
    return await draw_sign_in(request, target=own_path(next, ""))


@router.post("/sign-in", dependencies=[Counted])
async def signed_in(request: Request, api: Asked, account: Typed = "", target: Typed = "") -> Response:
    """As one of the invented people."""
    kept = kept_of(await form_of(request))
    if not account:
        return await draw_sign_in(request, target=target, kept=kept, status=422, wrong=("account", CHOOSE))
    return go_on(request, await api.sign_in(account), target, kept)


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


def kept_of(form: FormData) -> Kept:
    """What an interrupted form had sent, as the pages of a sign-in carry it along."""
    return [
        (name.removeprefix(KEPT), value) for name, value in form.multi_items() if name.startswith(KEPT) and isinstance(value, str)
    ]


def carried(kept: Kept | None) -> Kept:
    return [(KEPT + name, value) for name, value in kept or []]


def go_on(request: Request, who: Person, target: str, kept: Kept) -> Response:
    """To what was asked for; a form that came too late is shown once more, ready to be sent."""
    if kept:
        return pages_of(request).render(request, "sign_in/go_on.html", target=own_path(target), kept=kept)
    return see_other(own_path(target, who.home))


async def draw_sign_in(
    request: Request,
    *,
    target: str = "",
    told: str = "",
    kept: Kept | None = None,
    status: int = 200,
    wrong: tuple[str, str] | None = None,
    contact: str = "",
) -> Response:
    """target: where to go on to; told: why they are here; kept: what an interrupted form had sent; wrong: field and text."""
    pages, api, faults = pages_of(request), api_of(request), Faults()
    if wrong:
        faults.add(wrong[0], pages.say(request, wrong[1]))
    accounts = await _accounts(api)
    return pages.render(
        request,
        "sign_in/sign_in.html",
        status,
        accounts=accounts,
        posts=await api.posts() if accounts else {},
        target=target,
        told=told,
        kept=carried(kept),
        faults=faults,
        contact=contact,
        error_title=bool(wrong),
        # the form goes along where the language is changed: it holds what was typed here and before
        **({} if request.method == "GET" else {"path": "/sign-in/contact", "language_form": "contact-form"}),
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
