"""A post's day: who comes when, who was called, tickets of those who came without an appointment."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOfficer, Drawn
from services.portal.apis import Api
from services.portal.forms import Faults, refused
from services.portal.rendering import Pages, see_other
from services.portal.session import Person
from shared.texts import N_

router = APIRouter(prefix="/day-list")
Typed = Annotated[str, Form(max_length=64)]
Post = Annotated[str, Query(max_length=3, pattern="^([a-z]{3})?$")]
Day = Annotated[str, Query(max_length=10, pattern=r"^(\d{4}-\d\d-\d\d)?$")]
TicketId = Annotated[str, Path(pattern=r"^[a-z]{3}\.([a-z][a-z0-9-]{1,16}\.)?\d{4}-\d\d-\d\d\.[0-9]{1,6}$")]
ATTENDANCE = {
    "expected": N_("Not here yet"),
    "arrived": N_("Has come"),
    "served": N_("Was served"),
    "absent": N_("Did not come"),
}
CALLS = {
    "confirmed": N_("They will come"),
    "not-reached": N_("Not reached"),
    "cannot-come": N_("They cannot come: give the time back"),
}
TICKETS = {"waiting": N_("Waits"), "called": N_("Called"), "served": N_("Was served"), "left": N_("Left")}


@dataclass(frozen=True, slots=True)
class List:
    """Of a post and a day, or of its day in another town."""

    post: str
    on: str = ""
    place: str = ""

    def asked(self) -> dict[str, str]:
        return {name: value for name, value in (("day", self.on), ("place", self.place)) if value}


@router.get("")
async def day(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentOfficer,
    post: Post = "",
    on: Annotated[Day, Query(alias="day")] = "",
    place: Annotated[str, Query(max_length=17, pattern=r"^[a-z0-9-]*$")] = "",
) -> Response:
    """place: of a day in another town, as the officer who travels takes it along."""
    return await _draw(request, pages, api, List(post or _own_post(who, await api.posts()), on, place), Faults())


@router.get("/{rest:path}")
async def leads_on(_who: CurrentOfficer) -> Response:
    """Where a browser that was left open asks once more for the answer to a form."""
    return see_other("/day-list")


@router.post("/tickets")
async def ticket(
    request: Request, pages: Drawn, api: Asked, _who: CurrentOfficer, post: Typed, place: Typed = "", key: Typed = ""
) -> Response:
    body = {"post_id": post, "place": place or None}
    return await _do(request, pages, api, List(post, place=place), "/api/officer/walk-ins", body, key)


@router.post("/tickets/next")
async def next_ticket(
    request: Request,
    pages: Drawn,
    api: Asked,
    _who: CurrentOfficer,
    post: Typed,
    window: Typed = "",
    place: Typed = "",
    key: Typed = "",
) -> Response:
    body = {"post_id": post, "window": window, "place": place or None}
    return await _do(request, pages, api, List(post, place=place), "/api/officer/walk-ins/calls", body, key)


@router.post("/tickets/{ticket_id}/end")
async def ticket_end(
    request: Request,
    ticket_id: TicketId,
    pages: Drawn,
    api: Asked,
    _who: CurrentOfficer,
    outcome: Typed = "",
    place: Typed = "",
    key: Typed = "",
) -> Response:
    path = f"/api/officer/walk-ins/{ticket_id}/end"
    return await _do(request, pages, api, List(ticket_id[:3], place=place), path, {"outcome": outcome}, key)


@router.post("/{appointment_id}/attendance")
async def attendance(
    request: Request,
    appointment_id: UUID,
    pages: Drawn,
    api: Asked,
    _who: CurrentOfficer,
    post: Typed,
    on: Annotated[str, Form(alias="day", max_length=10)] = "",
    place: Typed = "",
    slot: Typed = "",
    mark: Typed = "",
    key: Typed = "",
) -> Response:
    path = f"/api/officer/appointments/{appointment_id}/attendance"
    return await _do(request, pages, api, List(post, on, place), path, {"slot_id": slot, "attendance": mark}, key)


@router.post("/{appointment_id}/call")
async def call(
    request: Request,
    appointment_id: UUID,
    pages: Drawn,
    api: Asked,
    _who: CurrentOfficer,
    post: Typed,
    on: Annotated[str, Form(alias="day", max_length=10)] = "",
    place: Typed = "",
    outcome: Typed = "",
    key: Typed = "",
) -> Response:
    path = f"/api/officer/appointments/{appointment_id}/call"
    return await _do(request, pages, api, List(post, on, place), path, {"outcome": outcome}, key)


async def _do(request: Request, pages: Pages, api: Api, at: List, path: str, body: dict[str, Any], key: str) -> Response:
    """at: the list that follows."""
    if faults := await refused(api.post("applications", path, body, key=key), stays={403, 409, 422}):
        return await _draw(request, pages, api, at, faults, status=422)
    return see_other(f"/day-list?{urlencode({'post': at.post} | at.asked())}")


async def _draw(request: Request, pages: Pages, api: Api, at: List, faults: Faults, *, status: int = 200) -> Response:
    params = {"post_id": at.post} | at.asked()
    found = await api.get("applications", "/api/officer/appointments", params)
    context = {"attendance": ATTENDANCE, "calls": CALLS, "tickets": TICKETS, "faults": faults}
    return pages.render(request, "officer/day.html", status, found=found, posts=await api.posts(), **context)


def _own_post(who: Person, posts: Iterable[str]) -> str:
    """Of the ministry the first of all."""
    known = list(posts)
    return who.post_id if who.post_id in known else known[0]
