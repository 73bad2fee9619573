"""At the counter: an officer opens the draft on a citizen's sheet, or begins an application for somebody who stands there."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentOfficer, CurrentPerson, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.forms import Faults
from services.portal.pages.citizen_draft import stays_on_page
from services.portal.rendering import Pages, see_other
from services.portal.session import Person
from shared.texts import LANGUAGES, N_

router = APIRouter()
Short = Annotated[str, Form(max_length=128)]
Grant = Annotated[str, Form(max_length=4000)]
Reference = Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9-]+$")]
TYPE_REFERENCE = N_("Scan the code on the sheet, or type the number that stands on it.")
NO_SUCH_DRAFT = N_("No draft and no application of your post has this number.")
TYPE_CONTACT = N_("Type their telephone number or e-mail address.")
TYPE_CODE = N_("Type the six digits that they read out.")
TYPE_NAME = N_("Type the name as it stands in the paper.")
CHOOSE_PAPER = N_("Choose the paper that you saw.")
CHOOSE_SERVICE = N_("Choose the service.")
CODE_DIGITS = 6


@router.get("/counter/{reference}")
async def scanned(request: Request, reference: Reference, pages: Drawn, api: Asked, who: CurrentPerson) -> Response:
    """Where the code on a sheet leads. Nothing is opened by looking: an officer presses a button."""
    if not who.is_officer:
        return see_other("/applications")
    if found := await _found(api, reference):
        return see_other(f"/officer/applications/{found}")
    return await _draw(request, pages, api, who, typed={"reference": reference})


@router.get("/officer/counter")
async def counter(request: Request, pages: Drawn, api: Asked, who: CurrentOfficer) -> Response:
    return await _draw(request, pages, api, who)


@router.post("/officer/counter/sheet")
async def open_sheet(
    request: Request, pages: Drawn, api: Asked, who: CurrentOfficer, reference: Short = "", key: Short = ""
) -> Response:
    """A reader of codes types the whole address that stands in the code: its end is the number."""
    written = reference.strip().rstrip("/").rpartition("/")[2]
    if not written:
        return await _again(request, pages, api, who, "reference", TYPE_REFERENCE, {"reference": reference})
    if found := await _found(api, written):
        return see_other(f"/officer/applications/{found}")
    try:
        opened = await api.post("applications", "/api/officer/counter/openings", {"reference": written}, key=key)
    except ApiProblem as problem:
        if problem.status not in (404, 422):
            raise
        return await _again(request, pages, api, who, "reference", NO_SUCH_DRAFT, {"reference": reference})
    return see_other(f"/officer/counter/{opened['id']}")


@router.post("/officer/counter/contact")
async def send_code(
    request: Request, pages: Drawn, api: Asked, who: CurrentOfficer, contact: Short = "", language: Short = ""
) -> Response:
    """A code is sent to them, in their language; they read it out."""
    typed = {"contact": contact, "language": language}
    if not contact.strip():
        return await _again(request, pages, api, who, "contact", TYPE_CONTACT, typed)
    try:
        body = {"contact": contact, "language": language if language in LANGUAGES else "ky"}
        asked = await api.post("identity", "/api/sign-in/codes", body)
    except ApiProblem as problem:
        if problem.status not in (422, 429):
            raise
        return await _again(request, pages, api, who, "contact", problem.detail, typed)
    return _draw_code(request, pages, asked["challenge"], asked["binding"], Faults())


@router.post("/officer/counter/code")
async def show_code(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentOfficer,
    challenge: Short = "",
    binding: Short = "",
    code: Short = "",
) -> Response:
    digits, faults = "".join(code.split()), Faults()
    if not (digits.isdecimal() and len(digits) == CODE_DIGITS):
        faults.add("code", pages.say(request, TYPE_CODE))
        return _draw_code(request, pages, challenge, binding, faults, status=422)
    try:
        body = {"challenge": challenge, "binding": binding, "code": digits}
        met = await api.post("identity", "/api/people/at-counter/by-code", body)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        faults.add("code", problem.detail)
        return _draw_code(request, pages, challenge, binding, faults, status=problem.status)
    return await _draw_begin(request, pages, api, who, met["grant"], Faults())


@router.post("/officer/counter/papers")
async def record_papers(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentOfficer,
    name: Short = "",
    paper: Short = "",
    language: Short = "",
    key: Short = "",
) -> Response:
    """Somebody who has neither a telephone nor e-mail."""
    typed, faults = {"name": name, "paper": paper, "language": language}, Faults()
    if not name.strip():
        faults.add("name", pages.say(request, TYPE_NAME))
    if not paper:
        faults.add("paper", pages.say(request, CHOOSE_PAPER))
    if faults:
        return await _draw(request, pages, api, who, typed=typed, faults=faults, status=422)
    try:
        body = {"name": name, "paper": paper, "language": language if language in LANGUAGES else "ky"}
        made = await api.post("identity", "/api/people/at-counter", body, key=key)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        faults = Faults.of_problem(problem, {"/name": "name", "/paper": "paper"})
        return await _draw(request, pages, api, who, typed=typed, faults=faults, status=problem.status)
    return await _draw_begin(request, pages, api, who, made["grant"], Faults())


@router.post("/officer/counter/begin")
async def begin(
    request: Request,
    pages: Drawn,
    api: Asked,
    who: CurrentOfficer,
    grant: Grant = "",
    service: Short = "",
    language: Short = "",
    key: Short = "",
) -> Response:
    faults = Faults()
    if not service:
        faults.add("service", pages.say(request, CHOOSE_SERVICE))
        return await _draw_begin(request, pages, api, who, grant, faults, status=422)
    wanted = {
        "grant": grant,
        "service_id": service,
        "post_id": who.post_id,
        "language": language if language in LANGUAGES else "ky",
    }
    try:
        begun = await api.post("applications", "/api/officer/counter/applications", wanted, key=key)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        faults.add_line(problem.detail)
        return await _draw_begin(request, pages, api, who, grant, faults, status=problem.status)
    return see_other(f"/officer/counter/{begun['id']}")


@router.get("/officer/counter/sheet")
@router.get("/officer/counter/contact")
@router.get("/officer/counter/code")
@router.get("/officer/counter/papers")
@router.get("/officer/counter/begin")
async def from_the_start(_who: CurrentOfficer) -> Response:
    """Where the language is changed while an answer to one of the forms is shown."""
    return see_other("/officer/counter")


async def _found(api: Api, reference: str) -> str:
    """The id of what was handed in with this reference, where the officer sees it."""
    try:
        return str((await api.post("applications", "/api/officer/searches", {"reference": reference}))["id"])
    except ApiProblem as problem:
        if problem.status not in (404, 422):
            raise
        return ""


async def _again(request: Request, pages: Pages, api: Api, who: Person, field: str, text: str, typed: dict[str, str]) -> Response:
    faults = Faults()
    faults.add(field, pages.say(request, text))
    return await _draw(request, pages, api, who, typed=typed, faults=faults, status=422)


async def _draw(
    request: Request,
    pages: Pages,
    api: Api,
    who: Person,
    *,
    typed: dict[str, str] | None = None,
    faults: Faults | None = None,
    status: int = 200,
) -> Response:
    papers = (await api.get("identity", "/api/people/papers"))["papers"]
    post = (await api.posts()).get(who.post_id or "", {})
    context: dict[str, Any] = {"typed": typed or {}, "papers": papers, "post": post, "chosen": {"language": api.language}}
    return pages.render(request, "officer/counter.html", status, faults=faults or Faults(), path="/officer/counter", **context)


def _draw_code(request: Request, pages: Pages, challenge: str, binding: str, faults: Faults, *, status: int = 200) -> Response:
    context = {"challenge": challenge, "binding": binding, "path": "/officer/counter"}
    return pages.render(request, "officer/counter_code.html", status, faults=faults, **context)


async def _draw_begin(
    request: Request, pages: Pages, api: Api, who: Person, grant: str, faults: Faults, *, status: int = 200
) -> Response:
    post = (await api.posts()).get(who.post_id or "", {})
    context = {"grant": grant, "services": await api.services(), "post": post, "path": "/officer/counter"}
    return pages.render(request, "officer/counter_begin.html", status, faults=faults, language=api.language, **context)
