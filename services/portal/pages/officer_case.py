"""A case beside its papers, with what the officer may do now. What that is comes from the API."""

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOfficer, Drawn
from services.portal.access_reason import AFTER_AN_ACT_S, OWN_ACT, given_reason, keep_reason
from services.portal.apis import AccessReasonNeeded, Api, ApiProblem, or_none
from services.portal.forms import Faults
from services.portal.pages.officer_lists import SOON, STATUS_LOOKS, STATUS_TITLES, Trail, Trailed, post_of
from services.portal.rendering import Pages
from services.portal.session import Person
from shared.clock import clock_from
from shared.texts import N_

router = APIRouter(prefix="/officer/applications/{application_id}")
Short = Annotated[str, Query(max_length=64)]
COMPARED = ("full_name", "full_name_latin", "birth_date", "pin", "document_number", "former_document_number")
DONE = {  # what has just been done
    "claimed": N_("You have taken the case. Compare the answers with the papers, then propose a decision."),
    "assigned": N_("The case is given to the officer."),
    "released": N_("The case is back in the queue. Another officer can take it."),
    "proposed": N_("Your proposal is made. Another officer decides."),
    "proposed-alone": N_("Your proposal is made. One officer is enough to decide: you, or another one."),
    "approved": N_("The application is approved."),
    "refused": N_("The application is refused, and the citizen will be told."),
    "sent-back": N_("The case is back with the officer who proposed."),
    "referred": N_("The decision is given to them as well. They find the case in their lists."),
    "blank-recorded": N_("The number of the blank is recorded. The document is being issued."),
    "identity-checked": N_("The identity check is recorded. The document is being issued."),
    "papers-seen": N_("It is recorded which papers you saw. This page shows it within seconds."),
    "handed-over": N_("It is recorded that the citizen has the document."),
    "extended": N_("The term is extended, and the citizen will be told."),
    "compared": N_("It is recorded that you compared it. If the answers change, it must be compared anew."),
}
BY = {"citizen": N_("Citizen"), "officer": N_("Officer"), "system": N_("Eshik")}
KNOWN_BY = {  # what is known of who the applicant is
    "self-asserted": N_("Not seen yet"),
    "counter-seen": N_("Seen at the counter"),
    "e-id": N_("National e-ID"),
}
CLAIM, RELEASE = "application:claim", "application:release"
MINISTRY = N_("The ministry")


@dataclass(frozen=True, slots=True)
class Desk:
    """One officer at one case."""

    request: Request
    application_id: UUID
    pages: Pages
    api: Api
    who: Person
    trail: Trail

    @property
    def path(self) -> str:
        return f"/officer/applications/{self.application_id}"

    @property
    def api_path(self) -> str:
        return f"/api/officer/applications/{self.application_id}"

    def address(self, below: str = "", **more: str) -> str:
        """Of a page of this case, with the way back to the list."""
        return f"{self.path}{below}{self.trail.query(**more)}"

    async def case(self) -> dict[str, Any]:
        """Raises ApiProblem, SignedOut."""
        found: dict[str, Any] = await self.api.get("applications", self.api_path)
        return found

    async def post(self) -> dict[str, Any]:
        return await post_of(self.api, self.who)

    def after_act(self, response: Response) -> Response:
        """For a minute nobody is asked why they look at what they have just acted on, nor at the files that the page shows."""
        if not given_reason(self.request):
            secure = self.request.app.state.settings.secure_cookies
            keep_reason(response, self.path, OWN_ACT, secure=secure, kept_s=AFTER_AN_ACT_S)
        return response

    async def now(self) -> datetime:
        """At the post."""
        zone = ZoneInfo((await self.post())["time_zone"])
        return clock_from(self.request.app.state.settings.clock_file).now().astimezone(zone)


def _desk(request: Request, application_id: UUID, pages: Drawn, api: Asked, who: CurrentOfficer, trail: Trailed) -> Desk:
    return Desk(request, application_id, pages, api, who, trail)


AtDesk = Annotated[Desk, Depends(_desk)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form had, where it is shown once more."""

    values: dict[str, str] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    status: int = 200


@router.get("")
async def one(desk: AtDesk, done: Short = "") -> Response:
    return await draw_case(desk, done=done)


@router.get("/news")
async def news(desk: AtDesk, version: Annotated[int, Query(ge=0)] = 0) -> Response:
    """A part of the page: whether the case has changed since it was drawn. Empty where it has not; without its state where it has
    become another's, and a reason would have to be given to see it."""
    desk.api.after_own_act()  # they have it before them
    try:
        case = await desk.case()
    except AccessReasonNeeded:
        case = None
    changed = case is None or case["version"] != version
    return desk.pages.render(desk.request, "officer/news.html", case=case, changed=changed, desk=desk, **LOOKS)


async def draw_case(desk: Desk, *, done: str = "", typed: Typed | None = None) -> Response:
    """typed: of a form that was refused. Raises ApiProblem, SignedOut."""
    typed = typed or Typed()
    case, journal, post, now = await asyncio.gather(
        desk.case(), desk.api.get("applications", f"{desk.api_path}/journal"), desk.post(), desk.now()
    )
    service, document = await asyncio.gather(desk.api.service(case["service"]["id"], of_case=True), _document(desk, case))
    places = await _places(desk, case) if "refer" in case["may"] else []
    around = await _around(desk)
    return desk.pages.render(
        desk.request,
        "officer/case.html",
        typed.status,
        desk=desk,
        case=case,
        service=service,
        document=document,
        around=around,
        colleagues=await _colleagues(desk, around),
        post=post,
        answers=all_answers(case, service),
        odd=odd_keys(case),
        taken_by=_taken_by(case, journal["entries"]),
        due=_due(case["due"], now.date()),
        compared=[each for each in case["answers"] if each["key"] in COMPARED],
        journal=_grouped(journal["entries"]),
        done=DONE.get("proposed-alone" if done == "proposed" and case["officers_required"] == 1 else done, ""),
        goes_on=done != "claimed",
        places=places,
        typed=typed.values,
        faults=typed.faults,
        overtaken=typed.status in (403, 409),
        live=True,
        # the one form in which something is written, and not chosen
        **({"language_form": "blank-form", "path": desk.address("/blank")} if "record_blank" in case["may"] else {}),
        **LOOKS,
    )


LOOKS: dict[str, Any] = {"status_titles": STATUS_TITLES, "status_looks": STATUS_LOOKS, "by_whom": BY, "known_by": KNOWN_BY}


async def _places(desk: Desk, case: dict[str, Any]) -> list[dict[str, Any]]:
    """Where a decision can be given to: the ministry, and each other post; last its own, to take it back."""
    posts = [
        {"code": post["id"], "text": post["name"]}
        for post in (await desk.api.posts()).values()
        if post.get("takes_applications", True)
    ]
    others = [post for post in posts if post["code"] != case["post"]["id"]]
    own = [post for post in posts if post["code"] == case["post"]["id"]] if case["deciding_at"] else []
    return [{"code": "ministry", "text": desk.pages.say(desk.request, MINISTRY)}, *others, *own]


async def _around(desk: Desk) -> dict[str, Any] | None:
    """What is to be known besides the case, which is shown without it too."""
    try:
        found: dict[str, Any] = await desk.api.get("applications", f"{desk.api_path}/desk")
    except ApiProblem:
        return None
    return found


async def _colleagues(desk: Desk, around: dict[str, Any] | None) -> list[dict[str, Any]]:
    """To whom the head may give it, with their names where identity tells them."""
    if not around or not around["colleagues"]:
        return []
    try:
        officers = (await desk.api.get("identity", "/api/officers"))["officers"]
    except ApiProblem:
        officers = []
    names = {each["id"]: each["name"] for each in officers}
    lacking = set(around["without_skill"])
    return [{"id": each, "name": names.get(each, ""), "lacks": each in lacking} for each in around["colleagues"]]


async def _document(desk: Desk, case: dict[str, Any]) -> dict[str, Any] | None:
    """The case is shown even where documents do not answer."""
    if not case["document_id"]:
        return None
    try:
        found: dict[str, Any] | None = await or_none(desk.api.get("documents", f"/api/documents/{case['document_id']}"))
    except ApiProblem:
        return None
    return found


def all_answers(case: dict[str, Any], service: dict[str, Any]) -> list[dict[str, Any]]:
    """In the form's order; what was left empty has an empty text."""
    given = {each["key"]: each for each in case["answers"]}
    shown = [each for each in service["fields"] if each["key"] in given or not each["needed"]]  # not what did not apply
    asked = [given.pop(each["key"], {"key": each["key"], "label": each["label"], "text": ""}) for each in shown]
    return [*asked, *given.values()]


def _taken_by(case: dict[str, Any], entries: list[dict[str, Any]]) -> str:
    """you, another or nobody: told by the journal, for a case may be withdrawn before anybody took it."""
    if case["claimed_by_you"]:
        return "you"
    last = next((each["action"] for each in reversed(entries) if each["action"] in (CLAIM, RELEASE)), RELEASE)
    return "another" if last == CLAIM else "nobody"


def odd_keys(case: dict[str, Any]) -> set[str]:
    return {each["pointer"].rpartition("/")[2] for each in case["warnings"] if not each["confirmed"]}


def _due(due: dict[str, Any] | None, today: date) -> dict[str, Any] | None:
    if due is None:
        return None
    on = date.fromisoformat(due["on"])
    return {**due, "overdue": on < today, "soon": today <= on <= today + SOON}


def _grouped(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Newest first; what was done again and again without anything between is one line with the last time."""
    groups = (list(group) for _, group in groupby(reversed(entries), key=lambda each: (each["action"], each["by"])))
    return [{**group[0], "times": len(group)} for group in groups]
