"""Signing in with an account elsewhere (OpenID Connect): the way there, and back with what the provider sends along."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, Counted, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.pages.sign_in import Typed, carried, draw_sign_in, kept_of, name_of
from services.portal.pages.sign_in_code import said_by
from services.portal.rendering import own_path, see_other
from services.portal.session import SentElsewhere, session_of
from shared.texts import N_

router = APIRouter(prefix="/sign-in/openid")
Provider = Annotated[str, Path(pattern="^[A-Za-z0-9-]{1,64}$")]
Sent = Annotated[str, Query(max_length=4000)]
NOT_FROM_HERE = N_(
    "You came back from the other site, but this browser did not go there, or it was more than a few minutes ago. Begin again."
)
GIVEN_UP = N_("You did not sign in there. Begin again, or choose another way to sign in.")
REFUSED_THERE = N_("The other site could not sign you in. Try again in a moment, or choose another way to sign in.")


@router.post("/{provider}/go", dependencies=[Counted])
async def go(request: Request, provider: Provider, api: Asked, pages: Drawn, target: Typed = "", token: Typed = "") -> Response:
    """A page with the link: a form of ours may lead to no other site (Content Security Policy). What an interrupted form had sent
    stays in it, and the other site opens in a tab of its own. token: of an invitation, which links the account to an officer."""
    kept = kept_of(await form_of(request))
    try:
        named = await _named(api, provider)
        linking = {"invitation": token[:200], "opened_with": api.enrolment_binding()} if token else {}  # this browser opened it
        told = await api.as_nobody(f"/api/openid/{provider}/begin", linking)
    except ApiProblem as problem:
        wrong = ("", said_by(problem))
        return await draw_sign_in(request, target=target, kept=kept, status=problem.status, wrong=wrong)
    gone = SentElsewhere(provider, told["binding"], time.time() + told["expires_in"], own_path(target, "")[:500])
    session_of(request).await_return(gone)
    return pages.render(
        request,
        "sign_in/elsewhere.html",
        name=named,
        address=told["authorization_url"],
        target=target,
        kept=kept,
        carried=carried(kept),
        token=token,
        path=f"/sign-in/openid/{provider}/go",
        language_form="again-form",
    )


@router.get("/{provider}/go")
async def back_from_go() -> Response:
    return see_other("/sign-in")


@router.get("/{provider}", dependencies=[Counted])
async def come_back(
    request: Request, provider: Provider, api: Asked, code: Sent = "", state: Sent = "", iss: Sent = "", error: Sent = ""
) -> Response:
    """Where the provider sends the browser. The address with the code is left at once, and the code is worth nothing then."""
    session = session_of(request)
    gone = session.elsewhere
    if gone is None or gone.provider != provider:
        if session.person:  # the page was loaded once more
            return see_other(session.person.home)
        return await _told(request, NOT_FROM_HERE, 422)
    session.came_back()
    if error or not code or not state:
        return await _told(request, GIVEN_UP if error == "access_denied" else REFUSED_THERE, 422, gone.target)
    shown: dict[str, Any] = {"code": code, "state": state[:200], "binding": gone.binding} | ({"iss": iss[:500]} if iss else {})
    try:
        who = await api.signed_in(await api.as_nobody(f"/api/openid/{provider}/finish", shown))
    except ApiProblem as problem:
        return await _told(request, said_by(problem), 422 if problem.status == 401 else problem.status, gone.target)
    return see_other(own_path(gone.target, who.home))


async def _told(request: Request, text: str, status: int, target: str = "") -> Response:
    return await draw_sign_in(request, target=target, status=status, wrong=("", text))


async def _named(api: Api, provider: str) -> str:
    """Raises ApiProblem 409 for one that is not offered."""
    listed = (await api.get("identity", "/api/openid/providers"))["providers"]
    found = next((each for each in listed if each["id"] == provider), None)
    return name_of(found, api.language) if found else provider
