"""One's account: what is known of who a citizen is, and the ways in: passkeys, password, recovery codes."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentPerson, Drawn, WrongAccount
from services.portal.apis import Api, ApiProblem, or_none
from services.portal.forms import Faults
from services.portal.pages.officer_sign_in import TYPE_PASSWORD
from services.portal.pages.sign_in import Typed, providers_of
from services.portal.pages.sign_in_code import said_by
from services.portal.rendering import Pages, see_other
from services.portal.session import Person
from shared.texts import N_

router = APIRouter(prefix="/account")
LEVELS = {
    "self-asserted": N_("Known by an e-mail address or a telephone number only"),
    "counter-seen": N_("An officer has seen you with your papers"),
    "e-id": N_("You signed in with the national e-ID"),
}
TWICE = N_("The two passwords are not the same. Type the new one twice.")
TYPE_NEW = N_("Type a new password.")
THE_SAME = N_("This is the password that you have. Take another one.")
FIELDS = {"/current": "current", "/password": "password"}
SAID = {
    "changed": N_("The password is changed. You are signed out everywhere else."),
}


@router.get("")
async def own(request: Request, pages: Drawn, api: Asked, who: CurrentPerson, said: str = "") -> Response:
    me = await api.get("identity", "/api/me")
    known = _higher(me["assurance"], who.assurance)
    providers = await providers_of(api) if who.is_citizen and known != "e-id" else []
    credentials = None if who.is_citizen else await or_none(api.get("identity", "/api/me/credentials"))
    posts = (await or_none(api.posts()) or {}) if who.is_citizen else {}
    return pages.render(
        request,
        "account/account.html",
        me=me,
        known=known,
        level=LEVELS.get(known, ""),
        providers=providers,
        credentials=credentials,
        post=posts.get(me["post_id"] or ""),
        said=SAID.get(said, ""),
    )


def _higher(of_person: str, of_sign_in: str) -> str:
    """What an officer saw is of the person, since this sign-in too; an e-ID is of the sign-in by it."""
    order = list(LEVELS)
    return max((level for level in (of_person, of_sign_in) if level in order), key=order.index, default="")


@router.get("/password")
async def password_page(request: Request, pages: Drawn, api: Asked, who: CurrentPerson) -> Response:
    return await _draw_password(request, pages, api, who, Faults())


@router.post("/password")
async def change_password(
    request: Request, pages: Drawn, api: Asked, who: CurrentPerson, current: Typed = "", password: Typed = "", again: Typed = ""
) -> Response:
    """No password is sent back into a page."""
    faults = Faults()
    if not current:
        faults.add("current", pages.say(request, TYPE_PASSWORD))
    if not password:
        faults.add("password", pages.say(request, TYPE_NEW))
    elif password != again:
        faults.add("again", pages.say(request, TWICE))
    elif password == current:
        faults.add("password", pages.say(request, THE_SAME))
    if faults:
        return await _draw_password(request, pages, api, who, faults, status=422)
    try:
        await api.post("identity", "/api/officers/password", {"current": current[:1000], "password": password[:1000]})
    except ApiProblem as problem:
        if problem.status == 422:
            faults = Faults.of_problem(problem, FIELDS)
        elif problem.status in (409, 429):
            faults.add_line(pages.say(request, said_by(problem)))
        else:
            raise
        return await _draw_password(request, pages, api, who, faults, status=problem.status)
    return see_other("/account?said=changed")


@router.get("/recovery-codes")
async def recovery_page(request: Request, pages: Drawn, api: Asked, who: CurrentPerson) -> Response:
    return await _draw_recovery(request, pages, api, who, Faults())


@router.post("/recovery-codes")
async def take_recovery_codes(request: Request, pages: Drawn, api: Asked, who: CurrentPerson) -> Response:
    """Shown this once, on the answer itself: a page that is loaded again would make new ones."""
    try:
        taken = await api.post("identity", "/api/me/recovery-codes", {})
    except ApiProblem as problem:
        if problem.status != 409:
            raise
        faults = Faults()
        faults.add_line(pages.say(request, said_by(problem)))
        return await _draw_recovery(request, pages, api, who, faults, status=409)
    context = {"codes": taken["recovery_codes"], "signed_in": True, "path": "/account/recovery-codes"}
    return pages.render(request, "sign_in/recovery_codes.html", **context)


async def _draw_password(request: Request, pages: Pages, api: Api, who: Person, faults: Faults, *, status: int = 200) -> Response:
    """Raises WrongAccount for a citizen, who has none."""
    if who.is_citizen:
        raise WrongAccount
    credentials = await api.get("identity", "/api/me/credentials")
    return pages.render(request, "account/password.html", status, credentials=credentials, login=who.account, faults=faults)


async def _draw_recovery(request: Request, pages: Pages, api: Api, who: Person, faults: Faults, *, status: int = 200) -> Response:
    if who.is_citizen:
        raise WrongAccount
    credentials = await api.get("identity", "/api/me/credentials")
    return pages.render(request, "account/recovery.html", status, credentials=credentials, faults=faults)
