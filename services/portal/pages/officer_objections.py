"""What citizens objected to: for heads of posts and the ministry, who answer, and for auditors, who read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOverseer, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.forms import Faults
from services.portal.rendering import Pages, see_other
from services.portal.session import Person
from shared.texts import N_

router = APIRouter(prefix="/objections")
ObjectionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}\.[0-9]{1,15}$")]
Sent = Annotated[str, Form(max_length=200)]
Shown = Literal["open", "answered"]
CHOOSE = N_("Choose an answer.")


@router.get("")
async def objections(
    request: Request, pages: Drawn, api: Asked, who: CurrentOverseer, state: Annotated[Shown, Query()] = "open"
) -> Response:
    return await _draw(request, pages, api, who, state, Faults())


@router.post("/{objection_id}/answer")
async def answer(
    request: Request, objection_id: ObjectionId, pages: Drawn, api: Asked, who: CurrentOverseer, answer: Sent = "", key: Sent = ""
) -> Response:
    faults = Faults()
    if answer:
        try:
            await api.post("applications", f"/api/officer/objections/{objection_id}/answer", {"answer": answer}, key=key)
            return see_other("/objections")
        except ApiProblem as problem:
            if problem.status not in {403, 404, 409, 422}:
                raise
            faults.add_line(problem.detail)
    else:
        faults.add(f"answer-{objection_id}", pages.say(request, CHOOSE))
    return await _draw(request, pages, api, who, "open", faults, 422)


async def _draw(
    request: Request, pages: Pages, api: Api, who: Person, state: Shown, faults: Faults, status: int = 200
) -> Response:
    listed = await api.get("applications", "/api/officer/objections", {"state": state})
    officers: list[dict[str, Any]] = (await api.get("identity", "/api/officers"))["officers"] if who.gives_roles else []
    return pages.render(
        request,
        "officer/objections.html",
        status,
        listed=listed,
        state=state,
        names={officer["id"]: officer["name"] for officer in officers},
        posts=await api.posts(),
        faults=faults,
        path="/objections" if state == "open" else "/objections?state=answered",
    )
