"""At the counter: an officer says which papers of the citizen they saw, from the case page."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response

from services.portal.apis import ApiProblem
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.officer_case import COMPARED, LOOKS, AtDesk, Desk
from services.portal.rendering import see_other
from shared.texts import N_

router = APIRouter(prefix="/officer/applications/{application_id}/papers")
Sent = Annotated[str, Form(max_length=64)]
CHOOSE_A_PAPER = N_("Choose the paper that you saw.")


@router.get("")
async def ask(desk: AtDesk) -> Response:
    return await _draw(desk, "", Faults())


@router.post("")
async def record(desk: AtDesk, paper: Sent = "", key: Sent = "", then: Sent = "") -> Response:
    faults = Faults()
    if then == TO_LANGUAGE:
        return await _draw(desk, paper, faults)
    if not paper:
        faults.add("paper", desk.pages.say(desk.request, CHOOSE_A_PAPER))
        return await _draw(desk, paper, faults, status=422)
    case = await desk.case()
    try:
        path = f"/api/people/{case['citizen_id']}/assurance"
        await desk.api.post("identity", path, {"paper": paper}, key=key)
    except ApiProblem as problem:
        if problem.status not in (404, 409, 422):
            raise
        faults = Faults.of_problem(problem, {"/paper": "paper"})
        return await _draw(desk, paper, faults, status=problem.status)
    return desk.after_act(see_other(desk.address(done="papers-seen")))


async def _draw(desk: Desk, chosen: str, faults: Faults, *, status: int = 200) -> Response:
    case: dict[str, Any] = await desk.case()
    papers = (await desk.api.get("identity", "/api/people/papers"))["papers"]
    return desk.pages.render(
        desk.request,
        "officer/papers_seen.html",
        status,
        desk=desk,
        case=case,
        papers=papers,
        chosen=chosen,
        compared=[each for each in case["answers"] if each["key"] in COMPARED],
        faults=faults,
        path=desk.address("/papers"),
        **({"language_form": "papers-form"} if case["assurance"] == "self-asserted" else {}),
        **LOOKS,
    )
