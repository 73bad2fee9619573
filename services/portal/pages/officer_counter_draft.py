"""A draft that an officer fills in with its citizen at the counter: its pages, its papers, and handing it in."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from services.portal.access import Asked, CurrentOfficer, Drawn
from services.portal.apis import Api, ApiProblem
from services.portal.csrf import form_of
from services.portal.forms import Faults
from services.portal.pages.citizen_answers import stored
from services.portal.pages.citizen_draft import ANSWERS, Draft, Step, stays_on_page
from services.portal.pages.citizen_files import CHOOSE_A_FILE, kind_of, pieces
from services.portal.pages.draft_steps import draw_step, save_step, step_of
from services.portal.rendering import Pages, see_other

router = APIRouter(prefix="/officer/counter/{application_id}")
StepId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,63}$")]


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
    return CounterDraft(case, await api.service(case["service"]["id"], of_case=True))


@router.get("")
async def one(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentOfficer) -> Response:
    return await _draw(request, pages, api, await _draft(api, application_id), Faults())


@router.get("/steps/{step_id}")
async def step(
    request: Request, application_id: UUID, step_id: StepId, pages: Drawn, api: Asked, _who: CurrentOfficer
) -> Response:
    draft = await _draft(api, application_id)
    page = step_of(draft, step_id)
    return await draw_step(request, pages, api, draft, page, stored(page, draft.answers), autocomplete={})


@router.post("/steps/{step_id}")
async def save_one(
    request: Request, application_id: UUID, step_id: StepId, pages: Drawn, api: Asked, _who: CurrentOfficer
) -> Response:
    """As where the citizen fills it in: saved first, whatever is missing, and nothing typed is lost."""
    form = await form_of(request)
    draft = await _draft(api, application_id)
    return await save_step(request, pages, api, draft, step_of(draft, step_id), form, autocomplete={})


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


async def _draw(request: Request, pages: Pages, api: Api, draft: CounterDraft, faults: Faults, *, status: int = 200) -> Response:
    listed = await api.get("applications", f"{draft.api_path}/papers")
    context = {"draft": draft, "papers": listed["papers"], "path": draft.path}
    return pages.render(request, "officer/counter_draft.html", status, faults=faults, **context)
