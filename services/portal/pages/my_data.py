"""A person's rights over their data: what they asked for and how it stands, a correction, and taking a request back."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import Api, ApiProblem, or_none
from services.portal.forms import TO_LANGUAGE, Faults, refused
from services.portal.pages.rights_words import CLOCKS, KINDS, PLACES, STATES, tag_of
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/my-data")
RequestId = Annotated[str, Path(pattern="^[A-Za-z0-9-]{1,64}$")]
Word = Annotated[str, Form(max_length=200)]
Words = Annotated[str, Form(max_length=4000)]  # the API allows less, and says so
WORDS = {"clocks": CLOCKS, "kinds": KINDS, "states": STATES, "places": PLACES, "tag_of": tag_of}
CHOOSE_PLACE = N_("Choose where the mistake is.")
FIELDS = {"/service": "service", "/where": "where", "/wrong": "wrong", "/right": "right", "/post_id": "post"}


@router.get("")
async def overview(request: Request, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    """The requests are the page; who one is, and what is held, may be missing for a moment."""
    asked = await api.get("identity", "/api/me/rights")
    me = await or_none(api.get("identity", "/api/me"))
    erasure = await or_none(api.get("identity", "/api/me/erasure"))
    context = {"requests": asked["requests"], "terms": asked["terms"], "me": me, "erasure": erasure, **WORDS}
    return pages.render(request, "my_data/overview.html", **context)


@router.get("/correction")
async def correction(request: Request, pages: Drawn, api: Asked, _who: CurrentCitizen, about: str = "") -> Response:
    """about: the reference of the case whose page led here."""
    typed = {"service": "applications" if about else "", "where": about[:200], "wrong": "", "right": "", "post": ""}
    return await _draw_correction(request, pages, api, typed, Faults())


@router.post("/correction")
async def ask_correction(
    request: Request,
    pages: Drawn,
    api: Asked,
    _who: CurrentCitizen,
    service: Word = "",
    where: Word = "",
    wrong: Words = "",
    right: Words = "",
    post: Word = "",
    key: Word = "",
    then: Word = "",
) -> Response:
    typed = {"service": service, "where": where, "wrong": wrong, "right": right, "post": post}
    faults = Faults()
    if then == TO_LANGUAGE:
        return await _draw_correction(request, pages, api, typed, faults)
    if service not in PLACES:
        faults.add("service", pages.say(request, CHOOSE_PLACE))
        return await _draw_correction(request, pages, api, typed, faults, status=422)
    body = {"service": service, "where": where, "wrong": wrong, "right": right} | ({"post_id": post} if post else {})
    try:
        made = await api.post("identity", "/api/me/rights/corrections", body, key=key)
    except ApiProblem as problem:
        if problem.status not in {409, 422}:
            raise
        return await _draw_correction(request, pages, api, typed, Faults.of_problem(problem, FIELDS), status=problem.status)
    return see_other(f"/my-data/requests/{made['id']}")


@router.get("/requests/{request_id}")
async def one_request(request: Request, request_id: RequestId, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    return await _draw_request(request, pages, api, request_id)


@router.post("/requests/{request_id}/withdraw")
async def withdraw(
    request: Request, request_id: RequestId, pages: Drawn, api: Asked, _who: CurrentCitizen, key: Word = ""
) -> Response:
    if faults := await refused(api.post("identity", f"/api/me/rights/{request_id}/withdrawal", {}, key=key), stays={409}):
        return await _draw_request(request, pages, api, request_id, faults=faults, status=409)
    return see_other(f"/my-data/requests/{request_id}")


async def _draw_request(
    request: Request, pages: Pages, api: Api, request_id: str, *, faults: Faults | None = None, status: int = 200
) -> Response:
    found = await api.get("identity", f"/api/me/rights/{request_id}")
    looks = await or_none(api.get("identity", "/api/audit/looks", {"case": request_id}))
    context: dict[str, Any] = {"asked": found, "looks": (looks or {}).get("looks", []), "posts": await api.posts(), **WORDS}
    path = f"/my-data/requests/{request_id}"
    return pages.render(request, "my_data/request.html", status, faults=faults or Faults(), path=path, **context)


async def _draw_correction(
    request: Request, pages: Pages, api: Api, typed: dict[str, str], faults: Faults, *, status: int = 200
) -> Response:
    posts = sorted(
        (post for post in (await api.posts()).values() if post.get("takes_applications", True)),
        key=lambda post: str(post["name"]),
    )
    terms = (await api.get("identity", "/api/me/rights"))["terms"]
    context = {"typed": typed, "posts": posts, "terms": terms, "path": "/my-data/correction", "language_form": "correction-form"}
    return pages.render(request, "my_data/correction.html", status, faults=faults, **context, **WORDS)
