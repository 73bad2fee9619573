"""Roles that wait for a second person, who says yes here: another head of the post, the ministry, or an administrator."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import Response

from services.portal.access import Asked, Drawn, WrongAccount
from services.portal.access import person as signed_in
from services.portal.apis import Api, ApiProblem
from services.portal.forms import Faults
from services.portal.rendering import Pages, see_other
from services.portal.session import Person
from shared.texts import N_

router = APIRouter(prefix="/officers/waiting")
Id = Annotated[str, Path(pattern="^[A-Za-z0-9-]{1,64}$")]
CONFIRMING = frozenset({"administrator", "head", "ministry"})
CONFIRMED = N_("The role is confirmed. It works within 15 minutes, or at once after a new sign-in.")


def confirmer(who: Annotated[Person, Depends(signed_in)]) -> Person:
    if not CONFIRMING & set(who.roles):
        raise WrongAccount
    return who


Confirmer = Annotated[Person, Depends(confirmer)]


@router.get("")
async def waiting(request: Request, pages: Drawn, api: Asked, _who: Confirmer, said: str = "") -> Response:
    return await _draw(request, pages, api, Faults(), said=CONFIRMED if said == "confirmed" else "")


@router.post("/{officer_id}/grants/{grant_id}")
async def confirm(
    request: Request,
    officer_id: Id,
    grant_id: Id,
    pages: Drawn,
    api: Asked,
    _who: Confirmer,
    key: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    faults = Faults()
    try:
        await api.post("identity", f"/api/officers/{officer_id}/grants/{grant_id}/confirmation", None, key=key)
        return see_other("/officers/waiting?said=confirmed")
    except ApiProblem as problem:
        if problem.status not in {403, 404, 409}:
            raise
        faults.add_line(problem.detail)
    return await _draw(request, pages, api, faults, status=422)


async def _draw(request: Request, pages: Pages, api: Api, faults: Faults, *, said: str = "", status: int = 200) -> Response:
    found = (await api.get("identity", "/api/officers/waiting"))["waiting"]
    posts = await api.posts()
    path = "/officers/waiting"
    return pages.render(request, "officers/waiting.html", status, found=found, posts=posts, said=said, faults=faults, path=path)
