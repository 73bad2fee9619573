"""A post as its head sees it: who has how much, what each is able to do, and closing the post."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentAnswerer, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults, refused
from services.portal.rendering import Pages, see_other
from services.portal.session import Person
from shared.texts import N_

router = APIRouter(prefix="/post")
Sent = Annotated[str, Form(max_length=64)]
Wanted = Annotated[str, Query(alias="post", pattern="^([a-z]{3})?$")]
REASONS = {
    "closed-for-good": N_("The post is closed for good."),
    "emergency": N_("An emergency in the country or at the post."),
    "no-staff": N_("There is no staff."),
    "premises": N_("The premises cannot be used."),
}
SAID = {
    "set": N_("The list of the post is changed."),
    "closed": N_("The post is closed. Its applications move now, and each citizen is told."),
    "reopened": N_("The post takes applications again. What has moved stays where it is."),
}
CHOOSE_A_REASON = N_("Choose why the post is closed.")
CHOOSE_TARGETS = N_("Choose one or more posts where the applications go on.")
BE_SURE = N_("Tick that you are sure.")


@dataclass(frozen=True, slots=True)
class Asking:
    """One head, or the ministry, at one post."""

    request: Request
    pages: Pages
    api: Api
    who: Person
    post: str

    @property
    def address(self) -> str:
        return f"/post?post={self.post}"


@dataclass(frozen=True, slots=True)
class Closing:
    reason: str = ""
    targets: frozenset[str] = frozenset()
    faults: Faults = field(default_factory=Faults)


def _asking(request: Request, pages: Pages, api: Api, who: Person, post: str) -> Asking:
    return Asking(request, pages, api, who, post or who.post_id or "")


@router.get("")
async def shown(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentAnswerer,
    post: Wanted = "",
    said: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    return await _draw(_asking(request, pages, api, who, post), Closing(), said=said)


@router.post("/desks")
async def set_desk(
    request: Request, pages: Drawn, api: Asked, who: CurrentAnswerer, post: Wanted = "", officer: Sent = ""
) -> Response:
    """Which skills are ticked stands in the form as skill, once each."""
    at, form = _asking(request, pages, api, who, post), await form_of(request)
    skills = sorted({str(each) for each in form.getlist("skill")})
    await api.put("applications", f"/api/officer/desks/{officer}", {"post_id": at.post, "skills": skills})
    return see_other(f"{at.address}&said=set")


@router.post("/closure")
async def close(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentAnswerer,
    post: Wanted = "",
    reason: Sent = "",
    sure: Sent = "",
    key: Sent = "",
    then: Sent = "",
) -> Response:
    at, form = _asking(request, pages, api, who, post), await form_of(request)
    typed = Closing(reason, frozenset(str(each) for each in form.getlist("target")))
    if then == TO_LANGUAGE:
        return await _draw(at, typed)
    for name, missing, text in (
        ("reason", reason not in REASONS, CHOOSE_A_REASON),
        ("target", not typed.targets, CHOOSE_TARGETS),
        ("sure", sure != "yes", BE_SURE),
    ):
        if missing:
            typed.faults.add(name, pages.say(request, text))
    if typed.faults:
        return await _draw(at, typed)
    body = {"reason": reason, "targets": sorted(typed.targets)}
    closing = api.post("applications", f"/api/officer/posts/{at.post}/closure", body, key=key)
    if faults := await refused(closing, {"/targets": "target"}, stays={409, 422}):
        return await _draw(at, Closing(reason, typed.targets, faults))
    return see_other(f"{at.address}&said=closed")


@router.post("/reopening")
async def reopen(request: Request, pages: Drawn, api: Asked, who: CurrentAnswerer, post: Wanted = "", key: Sent = "") -> Response:
    at = _asking(request, pages, api, who, post)
    try:
        await api.post("applications", f"/api/officer/posts/{at.post}/reopening", {}, key=key)
    except ApiProblem as problem:
        if problem.code != "post-not-closed":
            raise
    return see_other(f"{at.address}&said=reopened")


@router.get("/desks")
@router.get("/closure")
@router.get("/reopening")
async def back(_who: CurrentAnswerer, post: Wanted = "") -> Response:
    """Where the language is changed while an answer to a form is shown."""
    return see_other(f"/post?post={post}" if post else "/post")


async def _draw(at: Asking, typed: Closing, *, said: str = "") -> Response:
    posts = await at.api.posts()
    if at.post not in posts:  # the ministry, which has no post of its own
        standing = await at.api.get("applications", "/api/officer/standing")
        return at.pages.render(at.request, "officer/posts.html", posts=posts, standing=standing)
    heads = "head" in at.who.roles
    desks, officers, closure, standing, given_back = await asyncio.gather(
        _desks(at) if heads else _nothing(), _officers(at), _closure(at), _standing(at), _given_back(at)
    )
    rows = _rows(desks, officers, standing["held"]) if desks else []
    return at.pages.render(
        at.request,
        "officer/post.html",
        422 if typed.faults else 200,
        post=posts[at.post],
        posts=posts,
        others=[each for each in posts.values() if each["id"] != at.post and each.get("takes_applications", True)],
        desks=rows,
        most_claimed=max((each["claimed"] for each in rows), default=0),
        stands=standing["stands"],
        here=next(iter(standing["posts"]), None),
        most=standing["counted_up_to"],
        skills=desks["known"] if desks else [],
        heads=heads,
        closure=closure,
        given_back=given_back,
        reasons=REASONS,
        typed=typed,
        faults=typed.faults,
        said=SAID.get(said, ""),
        language_path=f"/post/closure?post={at.post}",
        language_form="close-form",
    )


def _rows(desks: dict[str, Any], officers: list[dict[str, Any]], held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every officer of the post who works on cases or has any; listed: whether the head put them on the list."""
    loads = {each["officer_id"]: each for each in held}
    names = {each["id"]: each["name"] for each in officers}
    skills = {each["officer_id"]: each["skills"] for each in desks["desks"]}
    nothing = {"claimed": 0, "overdue": 0}
    return [
        {"id": each, "name": names.get(each, ""), "listed": each in skills, "skills": skills.get(each, [])}
        | {name: loads.get(each, nothing)[name] for name in nothing}
        for each in dict.fromkeys([*names, *skills, *loads])
    ]


async def _nothing() -> dict[str, Any]:
    return {}


async def _desks(at: Asking) -> dict[str, Any]:
    found: dict[str, Any] = await at.api.get("applications", "/api/officer/desks", {"post_id": at.post})
    return found


async def _officers(at: Asking) -> list[dict[str, Any]]:
    """Of the post, who review; none where identity does not tell."""
    try:
        found = (await at.api.get("identity", "/api/officers"))["officers"]
    except ApiProblem:
        return []
    here = [each for each in found if each["post_id"] == at.post]
    return [each for each in here if any(g["in_force"] and g["role"] in ("intake", "deciding") for g in each["grants"])]


async def _standing(at: Asking) -> dict[str, Any]:
    found: dict[str, Any] = await at.api.get("applications", "/api/officer/standing", {"post_id": at.post})
    return found


async def _closure(at: Asking) -> dict[str, Any]:
    """Raises ApiProblem 403 for who may not close it."""
    found: dict[str, Any] = await at.api.get("applications", f"/api/officer/posts/{at.post}/closure")
    return found


async def _given_back(at: Asking) -> dict[str, Any]:
    """What officers gave back, and nobody has."""
    found: dict[str, Any] = await at.api.get("applications", "/api/officer/given-back", {"post_id": at.post})
    return found
