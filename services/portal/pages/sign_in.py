"""Signing in: the page where one begins, the invented people of a local stack, signing out, and the language."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from services.portal.access import Asked, Counted
from services.portal.apis import Api, ApiProblem, api_of, or_none
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
    """target: where to go on to; told: why they are here; kept: what an interrupted form had sent; wrong: field and text, and no
    field where it is about none."""
    pages, api, faults = pages_of(request), api_of(request), Faults()
    if wrong:
        text = pages.say(request, wrong[1])
        faults.add(wrong[0], text) if wrong[0] else faults.add_line(text)
    accounts, providers = await _accounts(api), await providers_of(api)
    return pages.render(
        request,
        "sign_in/sign_in.html",
        status,
        accounts=accounts,
        providers=providers,
        posts=await _posts_of(api, accounts),
        target=target,
        told=told,
        kept=carried(kept),
        faults=faults,
        contact=contact,
        error_title=bool(wrong),
        # the form goes along where the language is changed: it holds what was typed here and before
        **(
            _own_address(request, target)
            if request.method == "GET"
            else {"path": "/sign-in/contact", "language_form": "contact-form"}
        ),
    )


def _own_address(request: Request, target: str) -> dict[str, str]:
    """Of a page that is drawn in place of another one, the other's. Where a provider led to, the address holds its code."""
    if not request.url.path.startswith("/sign-in/openid/"):
        return {}
    return {"path": f"/sign-in?{urlencode({'next': target})}" if target else "/sign-in"}


async def providers_of(api: Api, kind: str = "citizen") -> list[dict[str, str]]:
    """With whose account people of this kind can sign in here, as it is called in the reader's language."""
    try:
        listed = await or_none(api.get("identity", "/api/openid/providers"))
    except ApiProblem:  # the other ways are there all the same
        listed = None
    found: list[dict[str, Any]] = listed["providers"] if listed else []
    return [{"id": each["id"], "name": name_of(each, api.language)} for each in found if each["kind"] == kind]


def name_of(provider: Mapping[str, Any], language: str) -> str:
    names: dict[str, str] = provider["names"]
    return names.get(language) or next(iter(names.values()), "") or str(provider["id"])


async def _posts_of(api: Api, accounts: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Where the invented people belong. Without their names while applications is away: one signs in all the same."""
    named: dict[str, dict[str, Any]] = (await or_none(api.posts()) or {}) if accounts else {}
    ids = [each["post_id"] for each in accounts if each["post_id"] not in (None, "mfa")]
    return named | {each: {"id": each, "name": each.upper()} for each in ids if each not in named}


async def _accounts(api: Api) -> list[dict[str, Any]]:
    """None where this is no local stack."""
    try:
        accounts: list[dict[str, Any]] = (await api.get("identity", "/api/demo/accounts"))["accounts"]
    except ApiProblem as problem:
        if problem.status == 404:
            return []
        raise
    return accounts
