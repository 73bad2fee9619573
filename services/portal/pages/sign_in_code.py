"""Signing in by a one-time code: where it is sent to, typing it, having another one sent."""

import time
from math import ceil
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.access import Asked, Counted, Drawn
from services.portal.apis import ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.sign_in import Kept, Typed, carried, draw_sign_in, go_on, kept_of
from services.portal.rendering import Pages, own_path, see_other
from services.portal.session import CodeAsked, session_of
from shared.texts import N_

router = APIRouter(prefix="/sign-in")
ANOTHER_AFTER_S = 30
TRIES = 5  # identity's, for each code; it counts them itself
DIGITS = 6
TYPE_A_CONTACT = N_("Type your e-mail address, or your telephone number with the country code, as +996 700 123456.")
TYPE_THE_CODE = N_("Type the six digits of the code.")
RUN_OUT = N_("The code has run out, or it was asked for in another browser. Ask for a new one.")
TRIES_LEFT = {  # in words: a figure alone is read past
    4: N_("This code is not right. You can try four more times."),
    3: N_("This code is not right. You can try three more times."),
    2: N_("This code is not right. You can try two more times."),
    1: N_("This code is not right. You can try once more; then ask for a new code."),
    0: N_("This code is not right, and it cannot be tried any more. Ask for a new code below."),
}
SENT = {
    "sent": N_("A new code is on its way. The one before is worth nothing now."),
    "wait": N_("A code is on its way. You can ask for another one in {seconds} seconds."),
}
AWAY = N_("We cannot check this right now. Nothing is lost: try again in a moment.")
Next = Annotated[str, Form(max_length=40)]


@router.get("/contact")
async def back_from_contact() -> Response:
    """Where a page is loaded anew that answered a form."""
    return see_other("/sign-in")


@router.post("/contact", dependencies=[Counted])
async def ask_for_code(
    request: Request, api: Asked, pages: Drawn, contact: Typed = "", target: Typed = "", then: Next = ""
) -> Response:
    """Have a code sent. The answer is the same whoever has the contact, or nobody."""
    kept, typed = kept_of(await form_of(request)), contact.strip()[:254]
    if then == TO_LANGUAGE:
        return await draw_sign_in(request, target=target, kept=kept, contact=typed)
    if not typed:
        return await draw_sign_in(request, target=target, kept=kept, status=422, wrong=("contact", TYPE_A_CONTACT))
    try:
        await api.ask_code(typed)
    except ApiProblem as problem:
        status, wrong = problem.status, said_by(problem)
        return await draw_sign_in(request, target=target, kept=kept, status=status, wrong=("contact", wrong), contact=typed)
    if kept:
        return _draw(request, pages, target=target, kept=kept)
    return see_other(_code_page(target))


@router.get("/code")
async def code_page(request: Request, pages: Drawn, next: str = "", said: str = "") -> Response:  # noqa: A002
    """said: what became of asking for another code."""
    if session_of(request).asked is None:
        return see_other("/sign-in")
    return _draw(request, pages, target=own_path(next, ""), said=said if said in SENT else "")


@router.post("/code", dependencies=[Counted])
async def show_code(
    request: Request, api: Asked, pages: Drawn, code: Typed = "", target: Typed = "", then: Next = ""
) -> Response:
    """Sign in by the code, or say how often one can still try."""
    kept, asked, typed = kept_of(await form_of(request)), session_of(request).asked, "".join(code.split())[:20]
    if asked is None:
        return await draw_sign_in(request, target=target, kept=kept, status=422, wrong=("contact", RUN_OUT))
    if then == TO_LANGUAGE:
        return _draw(request, pages, target=target, kept=kept, typed=typed)
    if not (typed.isascii() and typed.isdecimal() and len(typed) == DIGITS):
        return _draw(request, pages, target=target, kept=kept, typed=typed, wrong=TYPE_THE_CODE, status=422)
    try:
        who = await api.sign_in_by_code(typed)
    except ApiProblem as problem:
        wrong = TRIES_LEFT[max(0, TRIES - asked.tries - 1)] if problem.status == 401 else said_by(problem)
        status = 422 if problem.status == 401 else problem.status
        return _draw(request, pages, target=target, kept=kept, typed=typed, wrong=wrong, status=status)
    return go_on(request, who, target, kept)


@router.get("/another")
async def back_from_another() -> Response:
    return see_other("/sign-in/code")


@router.post("/another", dependencies=[Counted])
async def ask_for_another(request: Request, api: Asked, pages: Drawn, target: Typed = "") -> Response:
    """To the same contact, a little later at the earliest: most codes are on their way when this is pressed."""
    kept, asked = kept_of(await form_of(request)), session_of(request).asked
    if asked is None:
        return await draw_sign_in(request, target=target, kept=kept, status=422, wrong=("contact", RUN_OUT))
    said = "wait"
    if _wait(asked) <= 0:
        try:
            await api.ask_code(asked.contact)
        except ApiProblem as problem:
            return _draw(request, pages, target=target, kept=kept, wrong=said_by(problem), status=problem.status)
        said = "sent"
    if kept:
        return _draw(request, pages, target=target, kept=kept, said=said)
    return see_other(_code_page(target, said))


def _draw(
    request: Request,
    pages: Pages,
    *,
    target: str,
    kept: Kept | None = None,
    typed: str = "",
    wrong: str = "",
    said: str = "",
    status: int = 200,
) -> Response:
    asked, faults = session_of(request).asked, Faults()
    if wrong:
        faults.add("code", pages.say(request, wrong))
    context = {"asked": asked, "target": target, "kept": carried(kept), "typed": typed, "faults": faults}
    notice = pages.say(request, SENT[said], seconds=max(1, _wait(asked)) if asked else 0) if said else ""
    return pages.render(
        request,
        "sign_in/code.html",
        status,
        **context,
        notice=notice,
        spent=bool(asked and asked.tries >= TRIES),
        error_title=bool(wrong),
        path="/sign-in/code",
        language_form="code-form",
    )


def said_by(problem: ApiProblem) -> str:
    """What identity says, in the reader's language already."""
    if problem.errors:
        return problem.errors[0].detail
    return AWAY if problem.status >= 500 or not problem.detail else problem.detail


def _wait(asked: CodeAsked) -> int:
    """Seconds until another one may be asked for."""
    return ceil(asked.asked_at + ANOTHER_AFTER_S - time.time())


def _code_page(target: str, said: str = "") -> str:
    query = {name: value for name, value in (("next", own_path(target, "")), ("said", said)) if value}
    return f"/sign-in/code?{urlencode(query)}" if query else "/sign-in/code"
