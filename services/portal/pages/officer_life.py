"""A case's later life for officers: what is asked of its citizen or another body, messages, originals, mail, corrections."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response

from services.portal.apis import ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.officer_case import LOOKS, AtDesk, Desk
from services.portal.rendering import see_other
from shared.texts import N_

router = APIRouter(prefix="/officer/applications/{application_id}/life")
Sent = Annotated[str, Form(max_length=8_000)]
Id = Annotated[str, Form(max_length=64)]
ON_THE_PAGE = (403, 404, 409, 422)
CHOOSE = N_("Choose one of these.")
SAY_WHERE = N_("Write where it is kept.")
WRITE_SOMETHING = N_("Write your message first.")
RIGHT = "answer:"  # begins the names of fields; the key follows
DONE = {
    "asked": N_("The citizen is asked, and will be told."),
    "taken-back": N_("What was asked for is taken back. The review goes on."),
    "body-asked": N_("It is recorded that another body was asked."),
    "body-answered": N_("The answer is recorded. The review goes on."),
    "arrived": N_("It is recorded that it arrived. The citizen will be told."),
    "sent": N_("It is recorded that it was sent. The citizen will be told."),
    "written": N_("Your message is there for the citizen, who will be told."),
    "kept": N_("It is recorded that the post holds the original."),
    "returned": N_("It is recorded that the original was given back."),
    "corrected": N_("The correction is made. What was issued before is no longer good."),
    "annulled": N_("It is annulled. The citizen will be told."),
}


@router.get("")
async def life(desk: AtDesk, done: Annotated[str, "what has just been done"] = "") -> Response:
    return await _draw(desk, {}, Faults(), done=done[:20])


@router.post("/request/withdrawal")
async def take_back(desk: AtDesk, key: Id = "") -> Response:
    return await _send(desk, "papers-request/withdrawal", None, key, "taken-back")


@router.post("/body")
async def ask_body(desk: AtDesk, body: Id = "", key: Id = "") -> Response:
    typed, names = {"body": body}, {"/body": "body"}
    return await _send(desk, "body-request", typed, key, "body-asked", names=names, typed=typed, needed={"body": CHOOSE})


@router.post("/body/answer")
async def body_answer(desk: AtDesk, answer: Id = "", key: Id = "") -> Response:
    typed, names = {"answer": answer}, {"/answer": "answer"}
    return await _send(desk, "body-answer", typed, key, "body-answered", names=names, typed=typed, needed={"answer": CHOOSE})


@router.post("/arrival")
async def arrival(desk: AtDesk, key: Id = "") -> Response:
    return await _send(desk, "arrival", None, key, "arrived")


@router.post("/dispatch")
async def dispatch(desk: AtDesk, carrier: Id = "", key: Id = "") -> Response:
    typed = {"carrier": carrier}
    names, needed = {"/carrier": "carrier"}, {"carrier": CHOOSE}
    return await _send(desk, "dispatch", typed, key, "sent", names=names, typed=typed, needed=needed)


@router.post("/messages")
async def write(desk: AtDesk, text: Sent = "", key: Id = "") -> Response:
    typed, names = {"text": text}, {"/text": "text"}
    return await _send(desk, "messages", typed, key, "written", names=names, typed=typed, needed={"text": WRITE_SOMETHING})


@router.post("/originals")
async def keep(desk: AtDesk, kind: Id = "", kept_where: Sent = "", key: Id = "") -> Response:
    typed = {"kind": kind, "kept_where": kept_where}
    names = {"/kind": "kind", "/kept_where": "kept_where"}
    needed = {"kind": CHOOSE, "kept_where": SAY_WHERE}
    return await _send(desk, "originals", typed, key, "kept", names=names, typed=typed, needed=needed)


@router.post("/originals/return")
async def give_back(desk: AtDesk, original: Id = "", key: Id = "") -> Response:
    return await _send(desk, f"originals/{original}/return", None, key, "returned")


@router.post("/correction")
async def correct(desk: AtDesk) -> Response:
    """All answers are shown as they are; those that were changed are sent."""
    form = await form_of(desk.request)
    given = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    held = {each["key"]: each["value"] for each in (await desk.case())["answers"]}
    changed = {name.removeprefix(RIGHT): value for name, value in given.items() if name.startswith(RIGHT)}
    answers = {key: value for key, value in changed.items() if value.strip() != held.get(key, "")}
    body = {"answers": answers or dict(list(held.items())[:1]), "reason": given.get("correction_reason", "")}
    names = {f"/answers/{key}": RIGHT + key for key in changed} | {"/answers": "correction", "/reason": "correction_reason"}
    return await _send(desk, "correction", body, given.get("key", ""), "corrected", names=names, typed=given)


@router.post("/annulment")
async def annul(desk: AtDesk, annulment_reason: Id = "", key: Id = "") -> Response:
    body, typed = {"reason": annulment_reason}, {"annulment_reason": annulment_reason}
    return await _send(
        desk,
        "annulment",
        body,
        key,
        "annulled",
        names={"/reason": "annulment_reason"},
        typed=typed,
        needed={"annulment_reason": CHOOSE},
    )


@router.get("/request/withdrawal")
@router.get("/body")
@router.get("/body/answer")
@router.get("/arrival")
@router.get("/dispatch")
@router.get("/messages")
@router.get("/originals")
@router.get("/originals/return")
@router.get("/correction")
@router.get("/annulment")
async def back(desk: AtDesk) -> Response:
    """Where the language is changed while an answer to one of the forms is shown."""
    return see_other(desk.address("/life"))


async def _send(
    desk: Desk,
    noun: str,
    body: Mapping[str, Any] | None,
    key: str,
    done: str,
    *,
    names: Mapping[str, str] | None = None,
    typed: dict[str, str] | None = None,
    needed: Mapping[str, str] | None = None,
) -> Response:
    """names: the field of the page for a field of the API. needed: what is said where this one is empty.

    Nothing that was typed is lost where it is refused."""
    if (typed or {}).get("then") == TO_LANGUAGE:
        return await _draw(desk, typed or {}, Faults())
    lacking = Faults()
    for name, told in (needed or {}).items():
        if not (typed or {}).get(name, "").strip():
            lacking.add(name, desk.pages.say(desk.request, told))
    if lacking:
        return await _draw(desk, typed or {}, lacking, status=422)
    try:
        await desk.api.post("applications", f"{desk.api_path}/{noun}", body, key=key)
    except ApiProblem as problem:
        if problem.status not in ON_THE_PAGE:
            raise
        desk.api.after_own_act()
        return await _draw(desk, typed or {}, Faults.of_problem(problem, names or {}), status=problem.status)
    return desk.after_act(see_other(desk.address("/life", done=done)))


async def _draw(desk: Desk, typed: Mapping[str, str], faults: Faults, *, done: str = "", status: int = 200) -> Response:
    case = await desk.case()
    told = await desk.api.get("applications", f"{desk.api_path}/life")
    return desk.pages.render(
        desk.request,
        "officer/life.html",
        status,
        desk=desk,
        case=case,
        life=told,
        typed=typed,
        faults=faults,
        done=DONE.get(done, ""),
        post=await desk.post(),
        **LOOKS,
    )
