"""Being erased: what is destroyed and what is kept and why, before it is asked for and after."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import SERVICES, Api, Service, or_none
from services.portal.forms import Faults, refused
from services.portal.pages import rights_words
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/my-data/erasure")
Word = Annotated[str, Form(max_length=200)]
CONFIRM = N_("Confirm that you have read it.")


@dataclass
class Holds:
    """account_stays: nothing would be destroyed before the first of them ends. away: services that do not answer."""

    holds: list[dict[str, Any]] = field(default_factory=list)
    away: list[Service] = field(default_factory=list)

    @property
    def account_stays(self) -> bool:
        return any(hold["account_stays"] for hold in self.holds)


@router.get("")
async def erasure(request: Request, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    return await _draw(request, pages, api, Faults())


@router.post("")
async def ask(request: Request, pages: Drawn, api: Asked, _who: CurrentCitizen, confirmed: Word = "", key: Word = "") -> Response:
    """Asks for a sign-in of the last minutes, where that is longer ago."""
    faults = Faults()
    if confirmed != "yes":
        faults.add("confirmed", pages.say(request, CONFIRM))
        return await _draw(request, pages, api, faults, status=422)
    await api.post("identity", "/api/me/erasure", {"confirmed": True}, key=key)
    return see_other("/my-data/erasure")


@router.post("/withdraw")
async def withdraw(request: Request, pages: Drawn, api: Asked, _who: CurrentCitizen, key: Word = "") -> Response:
    now = await api.get("identity", "/api/me/erasure")
    if not now["asked"] or not now["request_id"]:
        return see_other("/my-data/erasure")
    if faults := await refused(api.post("identity", f"/api/me/rights/{now['request_id']}/withdrawal", {}, key=key), stays={409}):
        return await _draw(request, pages, api, faults, status=409)
    return see_other("/my-data/erasure")


async def _draw(request: Request, pages: Pages, api: Api, faults: Faults, *, status: int = 200) -> Response:
    now = await api.get("identity", "/api/me/erasure")
    context: dict[str, Any] = {"erasure": now, "services": rights_words.SERVICES, "path": "/my-data/erasure", "faults": faults}
    context |= {"answers": {answer["service"]: answer for answer in now["answers"]}}
    if not now["asked"]:
        context["found"] = await _holds(api)
    return pages.render(request, "my_data/erasure.html", status, **context)


async def _holds(api: Api) -> Holds:
    """Of all services; the same kind in two of them is told once."""

    async def of(service: Service) -> dict[str, Any] | None:
        answer: dict[str, Any] | None = await or_none(api.get(service, "/api/me/holds"))
        return answer

    first, *rest = SERVICES  # where a token runs out, it is renewed once and not four times
    told = [await of(first), *await asyncio.gather(*map(of, rest))]
    found = Holds(away=[service for service, answer in zip(SERVICES, told, strict=True) if answer is None])
    kinds = {hold["kind"]: hold for answer in told if answer for hold in answer["holds"]}
    found.holds = list(kinds.values())
    return found
