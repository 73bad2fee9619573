"""Officers and their roles, for administrators and heads of posts: inviting, giving and taking back, each with its reason."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentGrantor, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.days import PARTS, day_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.rendering import Pages, see_other
from services.portal.session import Person
from shared.actors import EVERY_POST, WHOLE_MINISTRY
from shared.texts import N_

router = APIRouter(prefix="/officers")
Id = Annotated[str, Path(pattern="^[A-Za-z0-9-]{1,64}$")]
Sent = Annotated[str, Form(max_length=200)]
ROLES = ("intake", "deciding", "head", "ministry", "auditor", "administrator")  # their words: services/portal/words.toml
GIVEN_BY_HEAD = ("intake", "deciding")
GIVING = ("posted", "stands-in", "new-duty")
TAKING = ("left", "duty-ended", "given-by-mistake", "under-inquiry")
NEW_LINK = ("lost-password", "lost-authenticator", "never-arrived", "under-suspicion")
CHOOSE_ROLE, CHOOSE_REASON = N_("Choose a role."), N_("Choose a reason.")
CHOOSE_POST = N_("Choose a post.")
FILL_IN = {
    "login": N_("Type a login for this officer."),
    "name": N_("Type the officer's name."),
    "email": N_("Type the officer's e-mail address."),
}
SAID = {
    "given": N_("The role is given. One that decides works once a second person has confirmed it, another within 15 minutes."),
    "taken": N_("The role is taken back. It works for 15 minutes more at most."),
    "invited": N_("The link is on its way by e-mail, good for three days. A first role works once a second person confirms it."),
}
POINTERS = {"/role": "role", "/posts": "post", "/post_id": "post", "/valid_until": "until", "/reason": "reason"}
POINTERS |= {"/login": "login", "/name": "name", "/email": "email"}
MINISTRY = N_("The ministry")
PERSONAL = ("login", "name", "email")
FIELDS = ("role", "post", "reason", "language", "again", *PERSONAL, *(f"until-{part}" for part in PARTS))


@router.get("")
async def listed(request: Request, pages: Drawn, api: Asked, _who: CurrentGrantor, said: str = "") -> Response:
    found = (await api.get("identity", "/api/officers"))["officers"]
    posts = await api.posts()
    found.sort(key=lambda officer: (officer["post_id"], officer["name"]))
    return pages.render(request, "officers/list.html", found=found, posts=posts, said=SAID.get(said, ""))


@router.get("/invite")
async def invitation_page(request: Request, pages: Drawn, api: Asked, who: CurrentGrantor) -> Response:
    return await _draw_invitation(request, pages, api, who, {}, Faults())


@router.post("/invite")
async def invite(request: Request, pages: Drawn, api: Asked, who: CurrentGrantor, key: Sent = "", then: Sent = "") -> Response:
    typed, faults = await _typed(request), Faults()
    if then == TO_LANGUAGE:
        return await _draw_invitation(request, pages, api, who, typed, faults)
    for name in PERSONAL:
        if not typed[name]:
            faults.add(name, pages.say(request, FILL_IN[name]))
    if not typed["post"]:
        faults.add("post", pages.say(request, CHOOSE_POST))
    body = _grant(request, pages, typed, faults)
    if not faults:
        person = {name: typed[name] for name in PERSONAL} | {"language": typed["language"] or "ru", "post_id": typed["post"]}
        try:
            await api.post("identity", "/api/officers/invitations", body | person, key=key)
            return see_other("/officers?said=invited")
        except ApiProblem as problem:
            faults = _refused(problem)
    return await _draw_invitation(request, pages, api, who, typed, faults, status=422)


@router.get("/{officer_id}")
async def one(request: Request, officer_id: Id, pages: Drawn, api: Asked, who: CurrentGrantor, said: str = "") -> Response:
    return await _draw_one(request, pages, api, who, officer_id, {}, Faults(), said=said)


@router.post("/{officer_id}")
async def give(
    request: Request, officer_id: Id, pages: Drawn, api: Asked, who: CurrentGrantor, key: Sent = "", then: Sent = ""
) -> Response:
    typed, faults = await _typed(request), Faults()
    if then == TO_LANGUAGE:
        return await _draw_one(request, pages, api, who, officer_id, typed, faults)
    body = _grant(request, pages, typed, faults)
    if not faults:
        try:
            await api.post("identity", f"/api/officers/{officer_id}/grants", body, key=key)
            return see_other(f"/officers/{officer_id}?said=given")
        except ApiProblem as problem:
            faults = _refused(problem)
    return await _draw_one(request, pages, api, who, officer_id, typed, faults, status=422)


@router.post("/{officer_id}/grants/{grant_id}/withdrawal")
async def take_back(
    request: Request,
    officer_id: Id,
    grant_id: Id,
    pages: Drawn,
    api: Asked,
    who: CurrentGrantor,
    key: Sent = "",
) -> Response:
    typed, faults = await _typed(request), Faults()
    reason = typed.get(f"why-{grant_id}", "")
    if reason in TAKING:
        try:
            path = f"/api/officers/{officer_id}/grants/{grant_id}/withdrawal"
            await api.post("identity", path, {"reason": reason}, key=f"{key}.{grant_id}")
            return see_other(f"/officers/{officer_id}?said=taken")
        except ApiProblem as problem:
            faults = _refused(problem)
    else:
        faults.add(f"why-{grant_id}", pages.say(request, CHOOSE_REASON))
    return await _draw_one(request, pages, api, who, officer_id, typed, faults, status=422)


@router.post("/{officer_id}/invitations")
async def send_new_link(
    request: Request, officer_id: Id, pages: Drawn, api: Asked, who: CurrentGrantor, key: Sent = ""
) -> Response:
    """Password, authenticator and sign-ins of before end."""
    typed, faults = await _typed(request), Faults()
    if (reason := typed.get("again", "")) in NEW_LINK:
        try:
            await api.post("identity", f"/api/officers/{officer_id}/invitations", {"reason": reason}, key=f"{key}.again")
            return see_other(f"/officers/{officer_id}?said=invited")
        except ApiProblem as problem:
            faults = _refused(problem)
    else:
        faults.add("again", pages.say(request, CHOOSE_REASON))
    return await _draw_one(request, pages, api, who, officer_id, typed, faults, status=422)


async def _typed(request: Request) -> dict[str, str]:
    """Why a role is taken back stands in a field for each role, why-ID."""
    form = await form_of(request)
    names = (*FIELDS, *(name for name in form if name.startswith("why-")))
    return {name: str(form.get(name, "")).strip()[:254] for name in names}


def _grant(request: Request, pages: Pages, typed: dict[str, str], faults: Faults) -> dict[str, Any]:
    role, post = typed["role"], typed["post"]
    if role not in ROLES:
        faults.add("role", pages.say(request, CHOOSE_ROLE))
    elif not post and role not in WHOLE_MINISTRY:
        faults.add("post", pages.say(request, CHOOSE_POST))
    if typed["reason"] not in GIVING:
        faults.add("reason", pages.say(request, CHOOSE_REASON))
    until = day_of(request, pages, typed, "until", faults)
    body: dict[str, Any] = {"role": role, "posts": [EVERY_POST] if role in WHOLE_MINISTRY else [post], "reason": typed["reason"]}
    return body | ({"valid_until": until.isoformat()} if until else {})


def _refused(problem: ApiProblem) -> Faults:
    """Raises the problem where it is none of the form."""
    if problem.status not in {403, 409, 422}:
        raise problem
    return Faults.of_problem(problem, POINTERS)


async def _choices(api: Api, who: Person) -> dict[str, Any]:
    """What this person may give: a head two roles at their own post, an administrator all of them."""
    posts, all_of_them = await api.posts(), who.is_administrator
    return {
        "offered": list(ROLES) if all_of_them else list(GIVEN_BY_HEAD),
        "posts": posts,
        "offered_posts": [post for post in posts.values() if all_of_them or post["id"] == who.post_id],
        "giving": GIVING,
        "taking": TAKING,
        "new_link": NEW_LINK,
    }


async def _draw_invitation(
    request: Request, pages: Pages, api: Api, who: Person, typed: dict[str, str], faults: Faults, *, status: int = 200
) -> Response:
    context = await _choices(api, who) | {"typed": typed, "faults": faults}
    if who.is_administrator:
        context["offered_posts"] = [*context["offered_posts"], {"id": "mfa", "name": pages.say(request, MINISTRY)}]
    return pages.render(request, "officers/invite.html", status, **context, path="/officers/invite", language_form="invite-form")


async def _draw_one(
    request: Request,
    pages: Pages,
    api: Api,
    who: Person,
    officer_id: str,
    typed: dict[str, str],
    faults: Faults,
    *,
    said: str = "",
    status: int = 200,
) -> Response:
    officer = await api.get("identity", f"/api/officers/{officer_id}")
    context = await _choices(api, who) | {"officer": officer, "typed": typed, "faults": faults, "said": SAID.get(said, "")}
    path = f"/officers/{officer_id}"
    return pages.render(request, "officers/one.html", status, **context, path=path, language_form="grant-form")
