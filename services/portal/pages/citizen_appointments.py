"""A citizen's appointments: choosing times for oneself or a family, booking them, saying that one comes, waiting for a time."""

import asyncio
import re
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults, refused
from services.portal.pages.citizen_draft import stays_on_page
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/appointments")
Typed = Annotated[str, Form(max_length=200)]
Code = Annotated[str, Query(max_length=64, pattern=r"^[a-z0-9-]*$")]
Case = Annotated[str, Query(max_length=36, pattern=r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$")]
Day = Annotated[str, Query(max_length=10, pattern=r"^(\d{4}-\d\d-\d\d)?$")]
DAYS_SHOWN = 14
SLOT = r"^[a-z]{3}\.[a-z0-9-]{1,20}\.\d{4}-\d\d-\d\d\.\d{4}$"
WHO = {
    "self": N_("I myself"),
    "child": N_("My child"),
    "spouse": N_("My wife or husband"),
    "parent": N_("My mother or father"),
    "other": N_("Another member of the family"),
}
NAME_MISSING = N_("Type the name of who comes, as in the passport.")
PHONE_WRONG = N_("Type the number with + and the country's code, or leave it empty.")
POINTERS = {"/phone": "phone"} | {f"/visits/{number}/visitor": f"visitor-{number}" for number in range(20)}


@router.get("")
async def own(request: Request, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    return await _draw_own(request, pages, api, Faults())


@router.get("/new")
async def choose(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentCitizen,
    post: Code = "",
    service: Code = "",
    people: Annotated[int, Query(ge=1, le=20)] = 1,
    first: Annotated[Day, Query(alias="from")] = "",
    place: Code = "",
    case: Case = "",
) -> Response:
    """First where, what for and for how many; then the days with free times. place: of a day in another town. case: an
    application of theirs, which says where and what for: of a service that is not offered any more too."""
    listed, posts = await asyncio.gather(api.services(), api.posts())
    if case:
        post, service = await _of_case(api, case)
    chosen = {"post": post or who.post_id or "", "service": service, "people": people, "place": place, "case": case}
    context = {"services": listed["services"], "posts": posts, "chosen": chosen}
    if not (post and service):
        return pages.render(request, "appointments/choose.html", **context)
    free = await _free(api, chosen, first)
    days = [{"day": day["day"], "starts": _starts(day["slots"], people)} for day in free["days"]]
    beyond = (date.fromisoformat(first or free["first_day"]) + timedelta(days=DAYS_SHOWN)).isoformat()
    shown = [day for day in days if day["starts"]]
    return pages.render(
        request,
        "appointments/times.html",
        **context,
        free=free,
        days=shown,
        beyond=beyond if beyond <= free["last_day"] and not place else None,
    )


@router.get("/people")
async def people(
    request: Request,
    pages: Drawn,
    api: Asked,
    _who: CurrentCitizen,
    post: Code = "",
    service: Code = "",
    slots: Annotated[tuple[Annotated[str, Query(pattern=SLOT)], ...], Query(max_length=20)] = (),
    place: Code = "",
    case: Case = "",
) -> Response:
    """Who comes at which of these times."""
    if not slots:
        return see_other("/appointments/new")
    typed: dict[str, Any] = {"post": post, "service": service, "place": place, "case": case, "slots": list(slots), "phone": ""}
    typed["visitors"] = [""] * len(slots)
    typed["who"] = ["self", *["child"] * (len(slots) - 1)]
    return await _draw_people(request, pages, api, typed, Faults())


@router.post("/people")
async def hold(request: Request, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    """They are kept for a quarter of an hour; the next page books them."""
    form = await form_of(request)
    slots = [str(slot) for slot in form.getlist("slots") if re.fullmatch(SLOT, str(slot))][:20]
    if not slots:
        return see_other("/appointments/new")
    sent = ("post", "service", "place", "phone", "key", "then")
    typed: dict[str, Any] = {name: str(form.get(name, ""))[:200].strip() for name in sent}
    typed |= {
        "case": _case(form.get("case")),
        "slots": slots,
        "visitors": _several(form, "visitor", slots),
        "who": _several(form, "who", slots),
    }
    faults = Faults()
    if typed["then"] == TO_LANGUAGE:
        return await _draw_people(request, pages, api, typed, faults)
    for number, (slot, name) in enumerate(zip(slots, typed["visitors"], strict=True)):
        if not name:
            text, time = pages.say(request, NAME_MISSING), slot.rpartition(".")[2]
            faults.add(f"visitor-{number}", text)
            faults.summary[-1]["text"] = f"{time[:2]}:{time[2:]}: {text}"
    if not faults:
        about = {"service_id": typed["service"], "application_id": typed["case"] or None}
        visits = [
            about | {"slot_id": slot, "who": who if who in WHO else "other", "visitor": name}
            for slot, who, name in zip(slots, typed["who"], typed["visitors"], strict=True)
        ]
        body = {"post_id": typed["post"], "visits": visits, "phone": typed["phone"].replace(" ", "") or None}
        try:
            made = await api.post("applications", "/api/appointments", body, key=typed["key"])
            return see_other(f"/appointments/{made['id']}")
        except ApiProblem as problem:
            if not stays_on_page(problem):
                raise
            faults = Faults.of_problem(problem, POINTERS)
            if "phone" in faults.fields:
                faults = Faults()
                faults.add("phone", pages.say(request, PHONE_WRONG))
    return await _draw_people(request, pages, api, typed, faults, status=422)


@router.get("/waiting")
@router.get("/waiting/{wait_id}/end")
@router.get("/{appointment_id}/{act}")
async def leads_on(_who: CurrentCitizen, appointment_id: UUID | None = None) -> Response:
    """Where a browser that was left open asks once more for the answer to a form."""
    return see_other(f"/appointments/{appointment_id}" if appointment_id else "/appointments")


@router.post("/waiting")
async def wait(
    request: Request,
    pages: Drawn,
    api: Asked,
    _who: CurrentCitizen,
    post: Typed = "",
    service: Typed = "",
    place: Typed = "",
    case: Typed = "",
    key: Typed = "",
) -> Response:
    """From today on, for as long ahead as times can be booked; or on a day in another town."""
    chosen = {"post": post, "service": service, "place": place, "case": _case(case)}
    free = await _free(api, chosen, "")
    body = {"post_id": post, "service_id": service, "from_day": free["first_day"], "until_day": free["last_day"]}
    body |= {"place": place or None, "application_id": chosen["case"] or None}
    faults = await refused(api.post("applications", "/api/waiting-list", body, key=key))
    return await _draw_own(request, pages, api, faults, status=422) if faults else see_other("/appointments")


@router.post("/waiting/{wait_id}/end")
async def leave(request: Request, wait_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen, key: Typed = "") -> Response:
    faults = await refused(api.post("applications", f"/api/waiting-list/{wait_id}/end", None, key=key))
    return await _draw_own(request, pages, api, faults, status=422) if faults else see_other("/appointments")


@router.get("/{appointment_id}")
async def one(request: Request, appointment_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    return await _draw_one(request, pages, api, appointment_id, Faults())


@router.post("/{appointment_id}/{act}")
async def act(
    request: Request,
    appointment_id: UUID,
    act: Annotated[str, Path(pattern="^(booking|confirmation|cancellation)$")],
    pages: Drawn,
    api: Asked,
    _who: CurrentCitizen,
    key: Typed = "",
    visitor: Typed = "",
) -> Response:
    """Book what is kept, say that one comes, or give it back."""
    body = {"visitor": visitor or None} if act == "booking" else None
    if faults := await refused(api.post("applications", f"/api/appointments/{appointment_id}/{act}", body, key=key)):
        return await _draw_one(request, pages, api, appointment_id, faults, status=422)
    return see_other(f"/appointments/{appointment_id}")


def _starts(slots: list[dict[str, Any]], people: int) -> list[dict[str, Any]]:
    """Each free time with those that follow it for the others: one window may take a family one after the other, and several
    windows may take them at once. A party waits no longer than an hour between its first and last time."""
    found = []
    for index, slot in enumerate(slots):
        party = slots[index : index + people]
        if len(party) == people and _minutes(party[-1]["time"]) - _minutes(slot["time"]) <= 60 + 20 * people:
            found.append({"time": slot["time"], "ids": [each["id"] for each in party]})
    return found


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def _several(form: Any, name: str, slots: list[str]) -> list[str]:
    return [str(form.get(f"{name}-{number}", ""))[:200].strip() for number in range(len(slots))]


async def _free(api: Api, chosen: dict[str, Any], first: str) -> dict[str, Any]:
    params: dict[str, Any] = {"days": DAYS_SHOWN} | ({"from": first} if first else {})
    params |= {"place": chosen["place"]} if chosen["place"] else {}
    path = f"/api/applications/{chosen['case']}/times" if chosen["case"] else "/api/appointments/slots"
    params |= {} if chosen["case"] else {"post_id": chosen["post"], "service_id": chosen["service"]}
    found: dict[str, Any] = await api.get("applications", path, params)
    return found


async def _of_case(api: Api, case: str) -> tuple[str, str]:
    """Where it lies, and what it is."""
    found = await api.get("applications", f"/api/applications/{case}")
    return found["post"]["id"], found["service"]["id"]


def _case(sent: object) -> str:
    """The id in a form; nothing for what is none."""
    try:
        return str(UUID(str(sent)))
    except ValueError:
        return ""


async def _draw_own(request: Request, pages: Pages, api: Api, faults: Faults, *, status: int = 200) -> Response:
    mine, waits = await asyncio.gather(api.get("applications", "/api/appointments"), api.get("applications", "/api/waiting-list"))
    context = {"appointments": mine["appointments"], "waits": waits["waits"], "faults": faults}
    return pages.render(request, "appointments/own.html", status, **context)


async def _draw_one(
    request: Request, pages: Pages, api: Api, appointment_id: UUID, faults: Faults, *, status: int = 200
) -> Response:
    found = await api.get("applications", f"/api/appointments/{appointment_id}")
    return pages.render(request, "appointments/one.html", status, appointment=found, who=WHO, faults=faults)


async def _draw_people(
    request: Request, pages: Pages, api: Api, typed: dict[str, Any], faults: Faults, *, status: int = 200
) -> Response:
    listed, posts = await asyncio.gather(api.services(), api.posts())
    service: dict[str, Any] = next((each for each in listed["services"] if each["id"] == typed["service"]), {})
    if typed["case"]:  # it may not be offered any more
        service = await api.service(typed["service"], of_case=True)
    there = (await _free(api, typed, ""))["place"] if typed["place"] else None
    context = {"typed": typed, "who": WHO, "faults": faults, "post": posts.get(typed["post"], {}), "town": there}
    return pages.render(request, "appointments/people.html", status, service=service, language_form="people-form", **context)
