"""Taking the case whose turn it is, and giving one to an officer of the post."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOfficer
from services.portal.apis import ApiProblem
from services.portal.pages.officer_acts import act_on
from services.portal.pages.officer_case import AtDesk
from services.portal.pages.officer_lists import MINE, Trailed
from services.portal.rendering import see_other

router = APIRouter(prefix="/officer")
Sent = Annotated[str, Form(max_length=64)]


@router.post("/take")
async def take_next(api: Asked, _who: CurrentOfficer, trail: Trailed, key: Sent = "") -> Response:
    try:
        taken = await api.post("applications", "/api/officer/next-application", {}, key=key)
    except ApiProblem as problem:
        if problem.code != "nothing-to-take":
            raise
        return see_other(f"/officer{trail.query(said='nothing-more')}")
    return see_other(f"/officer/applications/{taken['id']}{trail.on(MINE).query(done='claimed')}")


@router.get("/take")
async def back_to_the_queue(_who: CurrentOfficer, trail: Trailed) -> Response:
    """Where the form's address is loaded by itself."""
    return see_other(f"/officer{trail.query()}")


@router.post("/applications/{application_id}/assignment")
async def assign(desk: AtDesk, officer: Sent = "", despite: Sent = "", key: Sent = "") -> Response:
    """despite: the head gives it to them though they are not marked as able to do it."""
    body, names = {"officer_id": officer, "despite_skills": bool(despite)}, {"/officer_id": "officer"}
    return await act_on(desk, "assignment", body, key, done="assigned", names=names, typed={"officer": officer})


@router.get("/applications/{application_id}/assignment")
async def back_to_the_case(desk: AtDesk) -> Response:
    return see_other(desk.address())
