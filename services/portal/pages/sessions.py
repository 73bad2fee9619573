"""Where one is signed in, and signing out there, here or everywhere."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentPerson, Drawn
from services.portal.apis import ApiProblem
from services.portal.rendering import see_other
from services.portal.session import session_of
from shared.texts import N_

router = APIRouter(prefix="/sessions")
SessionId = Annotated[str, Path(pattern="^[A-Za-z0-9-]{1,64}$")]
HOW = {  # RFC 8176
    "demo": N_("as one of the invented people"),
    "otp": N_("code of six digits"),
    "sms": N_("code by text message"),
    "pwd": N_("password"),
    "hwk": N_("passkey"),
    "user": N_("passkey"),
    "swk": N_("passkey"),
    "pop": N_("passkey"),
    "mfa": N_("two ways at once"),
    "fed": N_("account elsewhere"),
    "openid": N_("account elsewhere"),  # identity's word where the provider's own are not trusted
}


@router.get("")
async def own_sessions(request: Request, pages: Drawn, api: Asked, _who: CurrentPerson) -> Response:
    listed = (await api.get("identity", "/api/sessions"))["sessions"]
    rows = [row | {"how": list(dict.fromkeys(HOW[name] for name in row["methods"] if name in HOW))} for row in listed]
    return pages.render(request, "sessions.html", rows=rows)


@router.get("/end-all")
async def back_from_end_all(_who: CurrentPerson) -> Response:
    return see_other("/sessions")


@router.post("/end-all")
async def end_all(request: Request, api: Asked, _who: CurrentPerson) -> Response:
    """Everywhere, and so here too."""
    await api.post("identity", "/api/sessions/end-all", {})
    session_of(request).sign_out()
    return see_other("/sign-in")


@router.post("/{session_id}/end")
async def end_one(session_id: SessionId, api: Asked, who: CurrentPerson) -> Response:
    """One of the list; the one of this browser is an ordinary signing out."""
    if session_id == who.session:
        await api.sign_out()
        return see_other("/sign-in")
    try:
        await api.post("identity", f"/api/sessions/{session_id}/end", {})
    except ApiProblem as problem:
        if problem.status != 404:  # it has ended meanwhile: that is what was wanted
            raise
    return see_other("/sessions")
