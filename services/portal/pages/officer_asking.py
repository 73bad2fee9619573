"""Asking the citizen to change something: what is meant is ticked where it stands on the case, then each gets one note."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from services.portal.apis import ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.officer_case import LOOKS, AtDesk, Desk
from services.portal.pages.officer_life import ON_THE_PAGE
from services.portal.rendering import see_other
from shared.texts import N_

router = APIRouter(prefix="/officer/applications/{application_id}/life")
NOTE, WORDS, MORE = "note:", "text:", "more"  # the first two begin the names of fields; the pointer follows
MOST = 60
OF_ANSWERS = ("missing", "out-of-date", "does-not-agree", "other")  # the other notes are about papers
CHOOSE_A_NOTE = N_("Choose what is wrong with it.")
TICK_SOMETHING = N_("Tick at least one answer or paper that must be changed.")
At = Annotated[list[Annotated[str, Field(max_length=100)]] | None, Query(max_length=MOST)]


@router.get("/request")
async def ask(desk: AtDesk, at: At = None) -> Response:
    """at: what was ticked on the case."""
    return await _draw(desk, at or (), {}, Faults())


@router.post("/request")
async def request_papers(desk: AtDesk) -> Response:
    form = await form_of(desk.request)
    given = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    then, more = given.get("then", ""), given.get(MORE, "")
    ticked = list(dict.fromkeys([*(str(each) for each in form.getlist("at")), *([more] if more else [])]))[:MOST]
    if then == "add" or then == TO_LANGUAGE:
        return await _draw(desk, ticked, given, Faults())
    faults = Faults()
    if not ticked:
        faults.add(MORE, desk.pages.say(desk.request, TICK_SOMETHING))
    for at in ticked:
        if not given.get(NOTE + at):
            faults.add(NOTE + at, desk.pages.say(desk.request, CHOOSE_A_NOTE))
    if faults:
        return await _draw(desk, ticked, given, faults, status=422)
    marks = [{"pointer": at, "note": given[NOTE + at], "text": given.get(WORDS + at, "")} for at in ticked]
    names = {f"/marks/{index}": NOTE + at for index, at in enumerate(ticked)}
    names |= {f"/marks/{index}/text": WORDS + at for index, at in enumerate(ticked)}
    try:
        await desk.api.post("applications", f"{desk.api_path}/papers-request", {"marks": marks}, key=given.get("key", ""))
    except ApiProblem as problem:
        if problem.status not in ON_THE_PAGE:
            raise
        desk.api.after_own_act()
        return await _draw(desk, ticked, given, Faults.of_problem(problem, names), status=problem.status)
    return desk.after_act(see_other(desk.address("/life", done="asked")))


async def _draw(desk: Desk, ticked: Sequence[str], typed: Mapping[str, str], faults: Faults, *, status: int = 200) -> Response:
    case = await desk.case()
    told = await desk.api.get("applications", f"{desk.api_path}/life")
    if "request_papers" not in told["may"] and status == 200:
        return see_other(desk.address())
    labels = {each["pointer"]: each["label"] for each in told["markable"]}
    return desk.pages.render(
        desk.request,
        "officer/asking.html",
        status,
        desk=desk,
        case=case,
        notes=told["notes"],
        answer_notes=[each for each in told["notes"] if each["code"] in OF_ANSWERS],
        marked=[_marked(at, labels[at], case) for at in ticked if at in labels],
        others=[each for each in told["markable"] if each["pointer"] not in ticked],
        typed=typed,
        faults=faults,
        language_form="ask-form",
        path=desk.address("/life/request"),
        **LOOKS,
    )


def _marked(at: str, label: str, case: dict[str, Any]) -> dict[str, Any]:
    """With the answer as it is; a paper has none."""
    key = at.removeprefix("/answers/")
    answer = next((each["text"] for each in case["answers"] if each["key"] == key), "")
    return {"pointer": at, "label": label, "answer": answer}
