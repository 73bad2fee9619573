"""A draft that an officer fills in with its citizen at the counter: its pages, its papers, and handing it in."""

from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Path, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from services.portal.access import Asked, CurrentOfficer, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.citizen_answers import (
    CHANGED_ELSEWHERE,
    ChangedElsewhere,
    Shown,
    faults_of,
    faults_of_missing,
    save,
    stored,
    typed,
)
from services.portal.pages.citizen_draft import ANSWERS, Draft, Step, stays_on_page
from services.portal.pages.citizen_files import kind_of, pieces
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/officer/counter/{application_id}")
StepId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
CHOOSE_A_FILE = N_("Choose a file first.")
TEXTAREA_FROM = 250


@dataclass(frozen=True, slots=True)
class CounterDraft(Draft):
    @property
    def path(self) -> str:
        return f"/officer/counter/{self.case['id']}"

    @property
    def api_path(self) -> str:
        return f"/api/officer/counter/applications/{self.case['id']}"

    def after(self, step: Step) -> str:
        later = [each for each in self.steps if each.place > step.place]
        return self.step_path(later[0]) if later else self.path


async def _draft(api: Api, application_id: UUID) -> CounterDraft:
    """Raises ApiProblem 404 where nobody is helped with it."""
    case = await api.get("applications", f"/api/officer/counter/applications/{application_id}")
    return CounterDraft(case, await api.service(case["service"]["id"]))


@router.get("")
async def one(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentOfficer) -> Response:
    return await _draw(request, pages, api, await _draft(api, application_id), Faults())


@router.get("/steps/{step_id}")
async def step(
    request: Request, application_id: UUID, step_id: StepId, pages: Drawn, api: Asked, _who: CurrentOfficer
) -> Response:
    draft = await _draft(api, application_id)
    page = _step_of(draft, step_id)
    return await _draw_step(request, pages, api, draft, page, stored(page, draft.answers))


@router.post("/steps/{step_id}")
async def save_step(
    request: Request, application_id: UUID, step_id: StepId, pages: Drawn, api: Asked, _who: CurrentOfficer
) -> Response:
    """As where the citizen fills it in: saved first, whatever is missing, and nothing typed is lost."""
    form = await form_of(request)
    draft = await _draft(api, application_id)
    page = _step_of(draft, step_id)
    shown, version = typed(page, form), str(form.get("version", ""))
    if form.get("then") == TO_LANGUAGE:
        return await _draw_step(request, pages, api, draft, page, shown, version=version)
    try:
        case = await save(api, draft, page, shown, version=int(version) if version.isdecimal() else None)
    except ChangedElsewhere as changed:
        faults = Faults()
        faults.add_line(pages.say(request, CHANGED_ELSEWHERE))
        return await _draw_step(request, pages, api, changed.draft, page, shown, faults=faults, status=409)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        faults = faults_of(problem, draft, page, shown, pages, api.language)
        return await _draw_step(request, pages, api, draft, page, shown, faults=faults, status=problem.status)
    saved = replace(draft, case=case)
    if form.get("then") == "list":
        return see_other(draft.path)
    if (now := saved.step(page.id)) and set(now.keys) - set(page.keys):
        return see_other(saved.step_path(now))
    if lacking := faults_of_missing(saved, page):
        return await _draw_step(request, pages, api, saved, page, shown, faults=lacking, status=422)
    return see_other(saved.after(page))


@router.post("/papers/{paper}")
async def attach(
    request: Request, application_id: UUID, paper: StepId, pages: Drawn, api: Asked, _who: CurrentOfficer
) -> Response:
    """A scan of a paper that the citizen brought."""
    given = (await form_of(request)).get("file")
    draft, faults = await _draft(api, application_id), Faults()
    if not isinstance(given, UploadFile) or not given.filename or given.size == 0:
        faults.add(f"file-{paper}", pages.say(request, CHOOSE_A_FILE))
        return await _draw(request, pages, api, draft, faults, status=422)
    try:
        await api.send_bytes("applications", "PUT", f"{draft.api_path}/papers/{paper}", pieces(given), await kind_of(given))
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        faults.add(f"file-{paper}", problem.detail)
        return await _draw(request, pages, api, draft, faults, status=problem.status)
    return see_other(draft.path)


@router.post("/hand-in")
async def hand_in(
    request: Request,
    application_id: UUID,
    pages: Drawn,
    api: Asked,
    _who: CurrentOfficer,
    key: Annotated[str, Form(max_length=128)] = "",
) -> Response:
    try:
        await api.post("applications", f"/api/officer/counter/applications/{application_id}/submission", None, key=key)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        draft, faults = await _draft(api, application_id), Faults()
        _tell(draft, problem, faults)
        return await _draw(request, pages, api, draft, faults, status=problem.status)
    return see_other(f"/officer/applications/{application_id}")


@router.get("/papers/{paper}")
@router.get("/hand-in")
async def back_to_the_draft(application_id: UUID, _who: CurrentOfficer) -> Response:
    """Where the language is changed while an answer to one of the forms is shown."""
    return see_other(f"/officer/counter/{application_id}")


def _tell(draft: CounterDraft, problem: ApiProblem, faults: Faults) -> None:
    """A line for each fault: to the page of the answer, or to the paper on this page."""
    for error in problem.errors:
        if error.pointer.startswith(ANSWERS):
            draft.elsewhere(faults, {error.pointer: error.detail})
        else:
            faults.add(f"file-{error.pointer.rpartition('/')[2]}", error.detail)
    if not problem.errors:
        faults.add_line(problem.detail)


def _step_of(draft: CounterDraft, step_id: str) -> Step:
    page = draft.step(step_id) or draft.whole_step(step_id)
    if page is None:
        raise HTTPException(404)
    return page


async def _draw(request: Request, pages: Pages, api: Api, draft: CounterDraft, faults: Faults, *, status: int = 200) -> Response:
    listed = await api.get("applications", f"{draft.api_path}/papers")
    context = {"draft": draft, "papers": listed["papers"], "path": draft.path}
    return pages.render(request, "officer/counter_draft.html", status, faults=faults, **context)


async def _draw_step(
    request: Request,
    pages: Pages,
    api: Api,
    draft: Draft,
    page: Step,
    shown: Shown,
    *,
    version: str = "",
    faults: Faults | None = None,
    status: int = 200,
) -> Response:
    asks_for_country = any(field["type"] == "country" for field in page.fields)
    context: dict[str, Any] = {
        "draft": draft,
        "step": page,
        "shown": shown,
        "version": version or draft.case["version"],
        "back": "",
        "before": draft.before(page),
        "countries": await api.countries() if asks_for_country else [],
        "autocomplete": {},
        "textarea_from": TEXTAREA_FROM,
    }
    return pages.render(request, "citizen/step.html", status, faults=faults or Faults(), **context)
