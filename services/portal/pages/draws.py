"""Fair draws of appointments: what is published for everybody, a citizen's own entry, and what heads and officers do for one."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentCitizen, CurrentOfficer, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import ON_THE_PAGE, TO_LANGUAGE, Faults, refused
from services.portal.rendering import Pages, see_other
from services.portal.session import session_of
from shared.texts import N_

router = APIRouter()
Typed = Annotated[str, Form(max_length=200)]
Post = Annotated[str, Query(max_length=3, pattern="^([a-z]{3})?$")]
GROUNDS = {
    "": N_("No"),
    "medical": N_("Illness or treatment"),
    "bereavement": N_("A death in the family"),
    "no-valid-document": N_("No valid document, or a threat of expulsion"),
    "small-child": N_("A child under three years"),
    "other": N_("Another serious reason"),
}
JUDGED = {
    "none": N_("Nothing was said of hardship."),
    "claimed": N_("An officer still looks at your reason."),
    "confirmed": N_("Your reason was confirmed: you come before others."),
    "declined": N_("Your reason was not confirmed."),
}
PROVEN = ("counter-seen", "e-id")
LONGER_THAN_ANY_TOKEN_S = 3600.0
POINTERS = {"/pin": "pin", "/visitor": "visitor", "/phone": "phone"}
ANNOUNCE = {
    "/until_day": "until_day",
    "/from_day": "from_day",
    "/closes_at": "closes",
    "/draws_at": "draws",
    "/opens_at": "opens",
}


@router.get("/draws")
async def draws(request: Request, pages: Drawn, api: Asked, post: Post = "") -> Response:
    posts = await api.posts()
    chosen = post if post in posts else next(iter(posts))
    listed = await api.get("applications", "/api/draws", {"post_id": chosen})
    return pages.render(request, "draws/list.html", draws=listed["draws"], posts=posts, chosen=chosen)


@router.get("/draws/{draw_id}")
async def draw(request: Request, draw_id: UUID, pages: Drawn, api: Asked) -> Response:
    return await _draw_one(request, pages, api, draw_id, {}, Faults())


@router.get("/draws/{draw_id}/publication")
async def publication(draw_id: UUID, api: Asked) -> Response:
    """The file that anybody can draw again from."""
    found = await api.get("applications", f"/api/draws/{draw_id}")
    text = json.dumps(found["publication"] or {}, indent=1, ensure_ascii=False) + "\n"
    headers = {"Content-Disposition": f'attachment; filename="draw-{draw_id}.json"', "Cache-Control": "no-store"}
    return Response(text, media_type="application/json", headers=headers)


@router.get("/draws/{draw_id}/entry")
@router.get("/draws/{draw_id}/withdrawal")
async def leads_on(_who: CurrentCitizen, draw_id: UUID) -> Response:
    """Where a browser that was left open asks once more for the answer to a form."""
    return see_other(f"/draws/{draw_id}")


@router.post("/draws/{draw_id}/entry")
async def enter(request: Request, draw_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    form = await form_of(request)
    typed = {name: str(form.get(name, ""))[:200].strip() for name in ("pin", "visitor", "phone", "hardship", "key", "then")}
    days = [str(day)[:10] for day in form.getlist("days")][:100]
    if typed["then"] == TO_LANGUAGE:
        return await _draw_one(request, pages, api, draw_id, typed | {"days": days}, Faults())
    body: dict[str, Any] = {"pin": typed["pin"].replace(" ", "") or "-", "visitor": typed["visitor"], "days": days}
    body |= {"phone": typed["phone"].replace(" ", "") or None, "hardship": typed["hardship"] or None}
    entering = api.post("applications", f"/api/draws/{draw_id}/entries", body, key=typed["key"])
    if faults := await refused(entering, POINTERS, stays=ON_THE_PAGE | {403}):
        return await _draw_one(request, pages, api, draw_id, typed | {"days": days}, faults, status=422)
    return see_other(f"/draws/{draw_id}")


@router.post("/draws/{draw_id}/withdrawal")
async def withdraw(request: Request, draw_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen, key: Typed = "") -> Response:
    if faults := await refused(api.post("applications", f"/api/draws/{draw_id}/withdrawal", None, key=key)):
        return await _draw_one(request, pages, api, draw_id, {}, faults, status=422)
    return see_other(f"/draws/{draw_id}")


@router.get("/officer/draws")
async def of_post(request: Request, pages: Drawn, api: Asked, who: CurrentOfficer) -> Response:
    return await _draw_of_post(request, pages, api, who.post_id or "", {}, Faults())


@router.post("/officer/draws")
async def announce(request: Request, pages: Drawn, api: Asked, who: CurrentOfficer) -> Response:
    form = await form_of(request)
    names = ("service", "from_day", "until_day", "opens", "closes", "draws", "key", "then")
    typed = {name: str(form.get(name, ""))[:40].strip() for name in names}
    post, faults = who.post_id or "", Faults()
    if typed["then"] == TO_LANGUAGE:
        return await _draw_of_post(request, pages, api, post, typed, faults)
    posts = await api.posts()
    zone = ZoneInfo(posts.get(post, {}).get("time_zone", "UTC"))
    days = {"from_day": typed["from_day"], "until_day": typed["until_day"]}
    moments = {f"{name}_at": _midnight(typed[name], zone) for name in ("opens", "closes", "draws")}
    body = {"post_id": post, "service_id": typed["service"]} | days | moments
    try:
        made = await api.post("applications", "/api/officer/draws", body, key=typed["key"])
        return see_other(f"/draws/{made['id']}")
    except ApiProblem as problem:
        if problem.status not in {403, 409, 422}:
            raise
        faults = Faults.of_problem(problem, ANNOUNCE)
    return await _draw_of_post(request, pages, api, post, typed, faults, status=422)


@router.get("/officer/draws/{draw_id}")
async def claims(request: Request, draw_id: UUID, pages: Drawn, api: Asked, _who: CurrentOfficer) -> Response:
    """Who says that they must come first."""
    return await _draw_claims(request, pages, api, draw_id, Faults())


@router.get("/officer/draws/{draw_id}/claims/{entry_id}")
async def to_claims(_who: CurrentOfficer, draw_id: UUID) -> Response:
    return see_other(f"/officer/draws/{draw_id}")


@router.post("/officer/draws/{draw_id}/claims/{entry_id}")
async def judge(
    request: Request,
    draw_id: UUID,
    entry_id: UUID,
    pages: Drawn,
    api: Asked,
    _who: CurrentOfficer,
    verdict: Typed = "",
    key: Typed = "",
) -> Response:
    path = f"/api/officer/draw-entries/{entry_id}/hardship"
    if faults := await refused(api.post("applications", path, {"verdict": verdict}, key=key), stays={403, 409, 422}):
        return await _draw_claims(request, pages, api, draw_id, faults, status=422)
    return see_other(f"/officer/draws/{draw_id}")


def _midnight(day: str, zone: ZoneInfo) -> str:
    """As the day begins at the post; today means now. What is no day is the API's to refuse."""
    try:
        begins = datetime.combine(date.fromisoformat(day), datetime.min.time(), zone)
    except ValueError:
        return day
    now = datetime.now(UTC)
    return (now if begins <= now < begins + timedelta(days=1) else begins).astimezone(UTC).isoformat()


async def _draw_one(
    request: Request, pages: Pages, api: Api, draw_id: UUID, typed: dict[str, Any], faults: Faults, *, status: int = 200
) -> Response:
    found = await api.get("applications", f"/api/draws/{draw_id}")
    who, mine, proven = session_of(request).person, None, False
    if who and who.is_citizen:
        mine = await _entry(api, draw_id)
        proven = bool(mine) or not found["open"] or await _is_proven(request, api)
    context = {"draw": found, "mine": mine, "typed": typed, "faults": faults, "grounds": GROUNDS, "judged": JUDGED}
    context |= {"language_form": "entry-form"} if proven and found["open"] and not mine else {}
    return pages.render(request, "draws/one.html", status, proven=proven, **context)


async def _is_proven(request: Request, api: Api) -> bool:
    """Whether a draw takes them. It goes by the sign-in's tokens: whoever was seen after those were given out gets new ones."""
    session = session_of(request)
    if session.person and session.person.assurance not in PROVEN:
        me = await api.get("identity", "/api/me")
        if me["assurance"] in PROVEN:
            await api.renew(lasts_s=LONGER_THAN_ANY_TOKEN_S)
    return session.person is not None and session.person.assurance in PROVEN


async def _entry(api: Api, draw_id: UUID) -> Any:
    try:
        return await api.get("applications", f"/api/draws/{draw_id}/entry")
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return None


async def _draw_of_post(
    request: Request, pages: Pages, api: Api, post: str, typed: dict[str, str], faults: Faults, *, status: int = 200
) -> Response:
    posts, offered = await asyncio.gather(api.posts(), api.services())
    listed = await api.get("applications", "/api/draws", {"post_id": post}) if post in posts else {"draws": []}
    context = {
        "draws": listed["draws"],
        "services": offered["services"],
        "post": posts.get(post, {}),
        "typed": typed,
        "faults": faults,
    }
    return pages.render(request, "draws/of_post.html", status, language_form="draw-form", **context)


async def _draw_claims(request: Request, pages: Pages, api: Api, draw_id: UUID, faults: Faults, *, status: int = 200) -> Response:
    found, listed = await asyncio.gather(
        api.get("applications", f"/api/draws/{draw_id}"),
        api.get("applications", f"/api/officer/draws/{draw_id}/claims"),
    )
    return pages.render(request, "draws/claims.html", status, draw=found, claims=listed["claims"], faults=faults)
