"""An invited officer sets a password and an authenticator. What the link holds after # comes by a form, never in an address."""

from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from markupsafe import Markup

from services.portal.access import Asked, Counted, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.officer_sign_in import TYPE_PASSWORD, Next
from services.portal.pages.sign_in import Typed, providers_of
from services.portal.pages.sign_in_code import DIGITS, said_by
from services.portal.rendering import Pages, see_other
from services.portal.session import session_of
from shared.texts import N_

router = APIRouter(prefix="/officer/enrolment")
PASTE_THE_LINK = N_("Paste the whole link of the message.")
TWICE = N_("The two passwords are not the same. Type the new one twice.")
TYPE_SHOWN = N_("Type the six digits that the authenticator shows now.")
FIELDS = {"/password": "password", "/code": "code"}
Link = Annotated[str, Form(max_length=500)]


@router.get("")
async def link_page(request: Request, pages: Drawn) -> Response:
    """Where the link leads to. A script takes what stands after # out of the address bar and sends the form."""
    return _draw_link(request, pages, Faults())


@router.post("", dependencies=[Counted])
async def show_link(request: Request, api: Asked, pages: Drawn, link: Link = "") -> Response:
    """link: the whole of it, or what stands after #."""
    token, faults = link.strip().rpartition("#")[2], Faults()
    if not 0 < len(token) <= 200:
        faults.add("link", pages.say(request, PASTE_THE_LINK))
        return _draw_link(request, pages, faults, status=422)
    return await _draw_form(request, api, pages, token, Faults())


@router.get("/credentials")
async def back_from_credentials() -> Response:
    return see_other("/officer/enrolment")


@router.post("/credentials", dependencies=[Counted])
async def set_credentials(
    request: Request,
    api: Asked,
    pages: Drawn,
    token: Link = "",
    password: Typed = "",
    again: Typed = "",
    code: Typed = "",
    then: Next = "",
) -> Response:
    """Then the recovery codes, which are shown this once."""
    typed, faults = "".join(code.split())[:20], Faults()
    if then == TO_LANGUAGE:
        return await _draw_form(request, api, pages, token, faults)
    if not password:
        faults.add("password", pages.say(request, TYPE_PASSWORD))
    elif password != again:
        faults.add("again", pages.say(request, TWICE))
    if not (typed.isascii() and typed.isdecimal() and len(typed) == DIGITS):
        faults.add("code", pages.say(request, TYPE_SHOWN))
    if faults:
        return await _draw_form(request, api, pages, token, faults, status=422)
    try:
        codes = await api.enrol(token, password[:1000], typed)
    except ApiProblem as problem:
        if problem.status == 422:
            faults = Faults.of_problem(problem, FIELDS)
        else:
            faults.add_line(pages.say(request, said_by(problem)))
        if problem.status == 409:
            return _draw_link(request, pages, faults, status=409)
        return await _draw_form(request, api, pages, token, faults, status=problem.status)
    return pages.render(request, "sign_in/recovery_codes.html", codes=codes, path="/officer/enrolment")


async def _draw_form(request: Request, api: Api, pages: Pages, token: str, faults: Faults, *, status: int = 200) -> Response:
    try:
        invited = await api.invitation(token)
    except ApiProblem as problem:
        faults = Faults()
        faults.add("link", pages.say(request, said_by(problem)))
        return _draw_link(request, pages, faults, status=problem.status)
    session = session_of(request)
    if not session.language:
        session.speak(invited["language"])
    context: dict[str, Any] = {"invited": invited, "token": token, "qr": _qr(invited["otpauth"]), "faults": faults}
    context["providers"] = await providers_of(api, "officer")
    shown = " ".join(invited["totp_secret"][at : at + 4] for at in range(0, len(invited["totp_secret"]), 4))
    path = {"path": "/officer/enrolment/credentials", "language_form": "credentials-form"}
    return pages.render(request, "sign_in/enrolment.html", status, **context, secret=shown, **path)


def _draw_link(request: Request, pages: Pages, faults: Faults, *, status: int = 200) -> Response:
    return pages.render(request, "sign_in/enrolment_link.html", status, faults=faults, path="/officer/enrolment")


def _qr(text: str) -> Markup:
    """As SVG without a style of its own, which the Content Security Policy would refuse. segno writes it, no person's text."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(scale=4, border=4, dark="#1b2733", light="#fff", svgclass=None, lineclass=None, omitsize=True))  # noqa: S704 (a picture that segno made of our own text)
