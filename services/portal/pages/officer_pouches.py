"""Diplomatic pouches: what left, what comes, putting papers into one, and saying what was in it when it was opened."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOfficer, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.officer_lists import post_of
from services.portal.rendering import Pages, see_other
from services.portal.session import Person
from shared.texts import N_

router = APIRouter(prefix="/officer/pouches")
POUCHES = "/api/officer/pouches"
Said = Annotated[str, Query(max_length=20)]
SAID = {
    "sent": N_("The pouch is on its way. The citizens whose papers it carries are told."),
    "opened": N_("It is recorded what was in the pouch. The citizens are told."),
}
CHOOSE_A_PLACE = N_("Choose where the pouch goes.")
WRITE_THE_SEAL = N_("Write the number of the seal.")
CHOOSE_PAPERS = N_("Tick at least one paper.")
ON_THE_PAGE = (404, 409, 422)


@router.get("")
async def pouches(request: Request, pages: Drawn, api: Asked, who: CurrentOfficer, said: Said = "") -> Response:
    coming, sent, post = await asyncio.gather(
        api.get("applications", POUCHES, {"coming": True}), api.get("applications", POUCHES), post_of(api, who)
    )
    return pages.render(
        request,
        "officer/pouches.html",
        coming=_open_first(coming["pouches"]),
        sent=_open_first(sent["pouches"]),
        zone=post["time_zone"],
        said=SAID.get(said, ""),
    )


@router.get("/new")
async def new(request: Request, pages: Drawn, api: Asked, who: CurrentOfficer) -> Response:
    return await _draw_new(request, pages, api, who, {}, (), Faults())


@router.post("/new")
async def send(request: Request, pages: Drawn, api: Asked, who: CurrentOfficer) -> Response:
    """Which papers are ticked stands in the form as paper, as CASE:ORIGINAL."""
    form = await form_of(request)
    typed = {name: str(form.get(name) or "").strip() for name in ("to", "seal", "key", "then")}
    ticked = tuple(str(each) for each in form.getlist("paper"))
    faults = Faults()
    if typed["then"] == TO_LANGUAGE:
        return await _draw_new(request, pages, api, who, typed, ticked, faults)
    for name, missing, text in (
        ("to", not typed["to"], CHOOSE_A_PLACE),
        ("seal", not typed["seal"], WRITE_THE_SEAL),
        ("paper", not ticked, CHOOSE_PAPERS),
    ):
        if missing:
            faults.add(name, pages.say(request, text))
    if not faults:
        items = [dict(zip(("application_id", "original_id"), each.split(":", 1), strict=False)) for each in ticked]
        try:
            body = {"to": typed["to"], "seal": typed["seal"], "items": items}
            await api.post("applications", POUCHES, body, key=typed["key"])
            return see_other("/officer/pouches?said=sent")
        except ApiProblem as problem:
            if problem.status not in ON_THE_PAGE:
                raise
            faults = Faults.of_problem(problem, {"/to": "to", "/seal": "seal", "/items": "paper"})
    return await _draw_new(request, pages, api, who, typed, ticked, faults)


@router.get("/{pouch_id}")
async def one(pouch_id: UUID, request: Request, pages: Drawn, api: Asked, who: CurrentOfficer) -> Response:
    return await _draw_one(str(pouch_id), request, pages, api, who, Faults())


@router.post("/{pouch_id}")
async def opened(pouch_id: UUID, request: Request, pages: Drawn, api: Asked, who: CurrentOfficer) -> Response:
    """Which papers were found stands in the form as paper."""
    form, faults = await form_of(request), Faults()
    found = [str(each) for each in form.getlist("paper")]
    if form.get("then") != TO_LANGUAGE and not found:
        faults.add("paper", pages.say(request, CHOOSE_PAPERS))
    elif found and form.get("then") != TO_LANGUAGE:
        try:
            key = str(form.get("key") or "")
            await api.post("applications", f"{POUCHES}/{pouch_id}/arrival", {"found": found}, key=key)
            return see_other("/officer/pouches?said=opened")
        except ApiProblem as problem:
            if problem.status not in ON_THE_PAGE:
                raise
            faults = Faults.of_problem(problem, {"/found": "paper"})
    return await _draw_one(str(pouch_id), request, pages, api, who, faults, frozenset(found))


async def _draw_new(
    request: Request,
    pages: Pages,
    api: Api,
    who: Person,
    typed: Mapping[str, str],
    ticked: tuple[str, ...],
    faults: Faults,
) -> Response:
    here, places, post = await asyncio.gather(
        api.get("applications", f"{POUCHES}/papers"), api.get("applications", POUCHES), post_of(api, who)
    )
    return pages.render(
        request,
        "officer/pouch_new.html",
        422 if faults else 200,
        papers=here["papers"],
        places=places["places"],
        zone=post["time_zone"],
        typed=typed,
        ticked=ticked,
        faults=faults,
        **({"language_form": "pouch-form"} if here["papers"] else {}),
    )


async def _draw_one(
    pouch_id: str,
    request: Request,
    pages: Pages,
    api: Api,
    who: Person,
    faults: Faults,
    found: frozenset[str] = frozenset(),
) -> Response:
    pouch, post = await asyncio.gather(api.get("applications", f"{POUCHES}/{pouch_id}"), post_of(api, who))
    return pages.render(
        request,
        "officer/pouch.html",
        422 if faults else 200,
        pouch=pouch,
        zone=post["time_zone"],
        found=found,
        faults=faults,
        **({"language_form": "pouch-form"} if pouch["opens"] else {}),
    )


def _open_first(pouches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are on their way or lack something, before those that came whole."""
    return sorted(pouches, key=lambda each: bool(each["arrived_at"]) and not each["missing"])
