"""A citizen's own applications: the list, beginning one, its task list or where it stands, and taking it back."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import Api, ApiProblem, or_none
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages import citizen_way
from services.portal.pages.citizen_draft import Draft, stays_on_page
from services.portal.pages.confirming import STATES
from services.portal.pages.posts import FIND_POST, begin_place, places_to_begin
from services.portal.rendering import Pages, see_other
from shared.texts import LANGUAGES, N_

router = APIRouter(prefix="/applications")
PAGE = 20
Typed = Annotated[str, Form(max_length=128)]
ServiceId = Annotated[str, Query(pattern=r"^[a-z0-9-]{1,64}$")]
CHOOSE_POST = N_("Choose the post.")
CHOOSE_LANGUAGE = N_("Choose the language of the paper.")
BEGUN_BEFORE = N_(
    "You began an application here a moment ago. It is in your list. To begin another one, press the button once more."
)
MADE_ELSEWHERE = "made_elsewhere"  # an outcome: nobody here chooses the language of the paper
COMES_TO_POST = {"print_on_blank", "prepared_for_visit", MADE_ELSEWHERE}
NO_MORE_VISITS = {"sent", "handed_over", "refused", "withdrawn", "expired", "annulled"}
WITH_THE_POST = {"fee_due", "submitted", "in_review", "with_another_body", "proposed"}
KEY_REUSED = "idempotency-key-reused"


@router.get("")
async def own(
    request: Request, pages: Drawn, api: Asked, _who: CurrentCitizen, after: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Newest first, so many on a page."""
    params: dict[str, Any] = {"limit": PAGE} | ({"after": after} if after else {})
    listed = await api.get("applications", "/api/applications", params)
    context = {"applications": listed["applications"], "next": listed["next"], "after": after, "tag_of": citizen_way.tag_of}
    return pages.render(request, "citizen/applications.html", posts=await api.posts(), **context)


@router.get("/begin")
async def begin(request: Request, pages: Drawn, api: Asked, who: CurrentCitizen, service: ServiceId | None = None) -> Response:
    if service is None:
        return see_other("/services")
    return await _draw_begin(request, pages, api, service, {"post": who.post_id or "", "language": api.language}, Faults())


@router.post("/begin")
async def begun(
    request: Request,
    pages: Drawn,
    api: Asked,
    _who: CurrentCitizen,
    service: Annotated[str, Form(pattern=r"^[a-z0-9-]{1,64}$")],
    post: Typed = "",
    language: Typed = "",
    country: Typed = "",
    region: Typed = "",
    key: Typed = "",
    then: Typed = "",
) -> Response:
    """The same form sent twice begins one application."""
    chosen, faults = {"post": post, "language": language, "country": country, "region": region}, Faults()
    if then in (TO_LANGUAGE, FIND_POST):
        return await _draw_begin(request, pages, api, service, chosen, faults)
    if not post:
        faults.add("post", pages.say(request, CHOOSE_POST))
    if language not in LANGUAGES and (await api.service(service))["outcome"] != MADE_ELSEWHERE:
        faults.add("language", pages.say(request, CHOOSE_LANGUAGE))
    if faults:
        return await _draw_begin(request, pages, api, service, chosen, faults, 422)
    try:
        wanted = {"service_id": service, "post_id": post} | begin_place(country, region)
        wanted |= {"language": language} if language in LANGUAGES else {}
        made = await api.post("applications", "/api/applications", wanted, key=key)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        faults.add_line(pages.say(request, BEGUN_BEFORE) if problem.code == KEY_REUSED else problem.detail)
        return await _draw_begin(request, pages, api, service, chosen, faults, problem.status)
    described = await api.service(service)  # an emergency begins with its first question, and not with a list of them
    return see_other(f"/applications/{made['id']}" + (f"/steps/{described['steps'][0]['id']}" if described["urgent"] else ""))


@router.get("/{application_id}")
async def one(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    """A draft: what is to be done. All else: where it stands."""
    case = await api.get("applications", f"/api/applications/{application_id}")
    service = await api.service(case["service"]["id"], of_case=True)
    if case["status"] == "draft":
        posts = await api.posts()
        told = await or_none(api.get("applications", f"/api/applications/{application_id}/cosigners"))
        context = {"post": posts.get(case["post"]["id"], {}), "cosigners": told["cosigners"] if told else [], "states": STATES}
        return pages.render(request, "citizen/draft.html", draft=Draft(case, service), **context)
    return await _draw_status(request, pages, api, case, service)


@router.get("/{application_id}/sent")
async def sent(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    """What is seen right after handing in."""
    case = await api.get("applications", f"/api/applications/{application_id}")
    if case["status"] in {"draft", "expired"}:
        return see_other(f"/applications/{application_id}")
    return pages.render(request, "citizen/sent.html", case=case)


@router.get("/{application_id}/withdraw")
async def withdraw(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    case = await api.get("applications", f"/api/applications/{application_id}")
    if "withdraw" not in case["may"]:
        return see_other(f"/applications/{application_id}")
    return pages.render(request, "citizen/withdraw.html", case=case, faults=Faults())


@router.post("/{application_id}/withdraw")
async def withdrawn(
    request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen, key: Typed = ""
) -> Response:
    try:
        await api.post("applications", f"/api/applications/{application_id}/withdrawal", None, key=key)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        case = await api.get("applications", f"/api/applications/{application_id}")
        if case["status"] == "withdrawn":
            return see_other(f"/applications/{application_id}")
        faults = Faults()
        faults.add_line(problem.detail)
        return pages.render(request, "citizen/withdraw.html", problem.status, case=case, faults=faults)
    return see_other(f"/applications/{application_id}")


@router.post("/{application_id}/objection")
async def objection(application_id: UUID, api: Asked, _who: CurrentCitizen, look: Typed = "", key: Typed = "") -> Response:
    """Sent from the line of a look. It is an objection once, however often the button is pressed."""
    await api.post("applications", f"/api/applications/{application_id}/objections", {"look_id": look}, key=key)
    return see_other(f"/applications/{application_id}?said=objected#looks")


async def _draw_begin(
    request: Request, pages: Pages, api: Api, service_id: str, chosen: dict[str, str], faults: Faults, status: int = 200
) -> Response:
    described = await api.service(service_id)
    where = await places_to_begin(api, service_id, chosen)
    return pages.render(request, "citizen/begin.html", status, service=described, chosen=chosen, faults=faults, **where)


async def _draw_status(request: Request, pages: Pages, api: Api, case: dict[str, Any], service: dict[str, Any]) -> Response:
    asked = {"application_id": case["id"]}
    life = await api.get("applications", f"/api/applications/{case['id']}/life")
    journal, looks, of_documents, of_messages, documents, messages, others, posts = await asyncio.gather(
        api.get("applications", f"/api/applications/{case['id']}/journal"),
        or_none(api.get("applications", f"/api/applications/{case['id']}/looks")),
        or_none(api.get("documents", "/api/audit/looks", {"case": case["id"]})),
        or_none(api.get("notifications", "/api/audit/looks", {"case": case["id"]})),
        or_none(api.get("documents", "/api/documents", asked)),
        or_none(api.get("notifications", "/api/notifications", asked)),
        or_none(_cosigners_awaited(api, case)),
        api.posts(),
    )
    issued = [each for each in documents["documents"] if each["file"]] if documents else []
    context = {
        "case": case,
        "service": service,
        "zone": posts.get(case["post"]["id"], {}).get("time_zone", "UTC"),
        "tag": citizen_way.tag_of(case["status"]),
        "way": citizen_way.way(case, service["outcome"], journal["entries"]) if case["submitted_at"] else [],
        "entries": citizen_way.folded(journal["entries"]),
        "who": citizen_way.who,
        "looks": citizen_way.all_looks(looks, [of_documents, of_messages], posts),
        "looked": citizen_way.looked,
        "document": max(issued, key=lambda each: each["revision"]) if issued else None,
        "documents_away": documents is None,
        "told": citizen_way.told(messages["messages"]) if messages else [],
        "messages_away": messages is None,
        "withdrawable": "withdraw" in case["may"],
        "comes_to_post": service["outcome"] in COMES_TO_POST and case["status"] not in NO_MORE_VISITS,
        "life": life,
        "cosigners": others or [],
        "states": STATES,
        "draft": {"path": f"/applications/{case['id']}", "case": case},
    }
    return pages.render(request, "citizen/status.html", live=case["status"] not in citizen_way.OVER, **context)


async def _cosigners_awaited(api: Api, case: dict[str, Any]) -> list[dict[str, Any]]:
    """Who must confirm what was changed, where the post has the case again and waits for them."""
    if case["status"] not in WITH_THE_POST:
        return []
    told = await api.get("applications", f"/api/applications/{case['id']}/cosigners")
    return [] if told["complete"] or not told["can_be_asked"] else list(told["cosigners"])
