"""The queue of a post: its lists with how much is in them, finding a case by its reference, the next case."""

import asyncio
from datetime import date, datetime, tzinfo
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOfficer, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.officer_lists import (
    GIVEN,
    LISTS,
    MINE,
    SOON,
    STATUS_LOOKS,
    STATUS_TITLES,
    TO_TAKE,
    UNANSWERED,
    Trail,
    Trailed,
    first_list,
    next_case,
    post_of,
    rows_of,
)
from services.portal.rendering import Pages, see_other
from services.portal.session import Person
from shared.clock import clock_from
from shared.texts import N_

router = APIRouter(prefix="/officer")
TYPE_A_REFERENCE = N_("Type the reference of a case, for example YEK-26-82CEY77Z")
After = Annotated[str, Query(max_length=200)]


@router.get("")
async def queue(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentOfficer,
    trail: Trailed,
    after: After = "",
    said: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """said: nothing-more, where one comes from "Next in the queue"."""
    return await _draw(request, pages, api, who, trail, after=after, nothing_more=said == "nothing-more")


@router.post("/find")
async def find(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentOfficer,
    trail: Trailed,
    reference: Annotated[str, Form(max_length=2048)] = "",
    then: Annotated[str, Form(max_length=40)] = "",
    after: After = "",
) -> Response:
    typed, faults = reference.strip()[:64], Faults()
    if then == TO_LANGUAGE:
        return await _draw(request, pages, api, who, trail, after=after, typed=typed)
    try:
        if typed:
            found = await api.post("applications", "/api/officer/searches", {"reference": typed})
            return see_other(f"/officer/applications/{found['id']}{trail.query()}")
        faults.add("reference", pages.say(request, TYPE_A_REFERENCE))
    except ApiProblem as problem:
        if problem.code != "no-such-reference":
            raise
        faults.add("reference", problem.detail)
    return await _draw(request, pages, api, who, trail, after=after, faults=faults, typed=typed)


@router.get("/find")
async def back_from_find(_who: CurrentOfficer, trail: Trailed, after: After = "") -> Response:
    """Where an answer to the form is loaded again by its address."""
    return see_other(f"/officer{trail.query(after=after)}")


@router.get("/next")
async def next_in_the_queue(
    api: Asked, who: CurrentOfficer, trail: Trailed, done: Annotated[str, Query(max_length=64)] = ""
) -> Response:
    """done: the case that one has just left."""
    trail = trail if trail.case_list else trail.on(first_list(who, 0))
    found = await next_case(api, trail, done)
    return see_other(f"/officer/applications/{found}{trail.query()}" if found else f"/officer{trail.query(said='nothing-more')}")


async def _draw(
    request: Request,
    pages: Pages,
    api: Api,
    who: Person,
    trail: Trail,
    *,
    after: str = "",
    nothing_more: bool = False,
    faults: Faults | None = None,
    typed: str = "",
) -> Response:
    """Two questions to the API, however long the list is."""
    asked_counts = asyncio.ensure_future(_counted(api))
    if trail.case_list is None:
        trail = trail.on(first_list(who, (await asked_counts or {"mine": 0})["mine"]))
    rows, counts = await asyncio.gather(rows_of(api, trail, after=after), asked_counts)
    post = await post_of(api, who)
    now = clock_from(request.app.state.settings.clock_file).now().astimezone(ZoneInfo(post["time_zone"]))
    shown = trail.case_list or TO_TAKE
    lists = (GIVEN, *LISTS) if counts is None or counts["given"] or shown is GIVEN else LISTS
    return pages.render(
        request,
        "officer/queue.html",
        422 if faults else 200,
        lists=[(each, trail.on(each).query(), each.count(counts)) for each in lists],
        shown=shown,
        count=shown.count(counts),
        counts=counts,
        unanswered_day=_day(counts["unanswered_since"], now.tzinfo) if counts else None,
        rows=[_row(row, now) for row in rows["applications"]],
        next_page=f"/officer{trail.query(after=rows['next'])}" if rows["next"] else "",
        first_page=f"/officer{trail.query()}",
        here=f"/officer{trail.query(after=after)}",
        is_first=not after,
        trail=trail,
        post=post,
        now=now,
        nothing_more=nothing_more,
        status_titles=STATUS_TITLES,
        status_looks=STATUS_LOOKS,
        mine=MINE,
        unanswered=UNANSWERED,
        faults=faults or Faults(),
        typed=typed,
        find_query=trail.query(after=after),
        language_path=f"/officer/find{trail.query(after=after)}",
        language_form="find-form",
        live=True,
    )


async def _counted(api: Api) -> dict[str, Any] | None:
    """None where it took too long to count: the lists themselves are read without it."""
    try:
        counts: dict[str, Any] = await api.get("applications", "/api/officer/counts")
    except ApiProblem as problem:
        if problem.status != 503:
            raise
        return None
    return counts


def _row(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Days as they are at the post. soon: a mark for the eye; whether it is overdue is told by the API."""
    known = (("submitted_day", "submitted_at"), ("since_day", "status_since"), ("unanswered_day", "unanswered_since"))
    days = {name: _day(row[field], now.tzinfo) for name, field in known}
    soon = bool(row["due_on"]) and not row["overdue"] and date.fromisoformat(row["due_on"]) <= now.date() + SOON
    return {**row, **days, "soon": soon}


def _day(moment: str | None, zone: tzinfo | None) -> date | None:
    return datetime.fromisoformat(moment).astimezone(zone).date() if moment else None
