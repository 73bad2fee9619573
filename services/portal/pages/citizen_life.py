"""A case after it was handed in: its citizen changes what the post marked, hands it in again, and writes to the post."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.access import Asked, CurrentCitizen, Drawn
from services.portal.apis import Api, ApiProblem, or_none
from services.portal.csrf import form_of
from services.portal.forms import TO_LANGUAGE, Faults, refused
from services.portal.pages.citizen_answers import Shown, faults_of, stored, to_send, typed
from services.portal.pages.citizen_draft import ANSWERS, Draft, Step, stays_on_page
from services.portal.pages.citizen_steps import AUTOCOMPLETE
from services.portal.pages.confirming import STATES
from services.portal.pages.draft_steps import TEXTAREA_FROM
from services.portal.rendering import Pages, see_other
from shared.texts import N_

router = APIRouter(prefix="/applications/{application_id}")
HAND_IN = "hand-in"
TITLE = N_("Change what the post marked")
WRITE_SOMETHING = N_("Write your message first.")
Text = Annotated[str, Form(max_length=8_000)]
Key = Annotated[str, Form(max_length=128)]


@router.get("/change")
async def change(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    draft, life = await _asked(api, application_id)
    if not _open(life):
        return see_other(draft.path)
    step = _step(pages, request, draft, life)
    return await _draw(request, pages, api, draft, life, step, stored(step, draft.answers))


@router.post("/change")
async def changed(request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen) -> Response:
    """Saved first; then, if that button was pressed, handed in again. What was typed stays where it cannot be saved."""
    form = await form_of(request)
    draft, life = await _asked(api, application_id)
    if not _open(life):
        return see_other(draft.path)
    step = _step(pages, request, draft, life)
    shown, note = typed(step, form), str(form.get("note", ""))
    if form.get("then") == TO_LANGUAGE:
        return await _draw(request, pages, api, draft, life, step, shown, note)
    try:
        given = to_send(step, shown)
        answers = {key: given.get(key, "") for key in step.keys}
        await api.put("applications", f"{draft.api_path}/asked-answers", {"answers": answers})
        if form.get("then") == HAND_IN:
            body = {"note": note} if note.strip() else None
            await api.post("applications", f"{draft.api_path}/resubmission", body, key=str(form.get("key", "")))
            return see_other(draft.path)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        faults = faults_of(problem, draft, step, shown, pages, api.language)
        if text := next((each.detail for each in problem.errors if each.pointer == "/note"), ""):
            faults.add("note", text)
        return await _draw(request, pages, api, draft, life, step, shown, note, faults=faults, status=problem.status)
    return see_other(f"{draft.path}/change")


@router.post("/messages")
async def write(
    request: Request, application_id: UUID, pages: Drawn, api: Asked, _who: CurrentCitizen, text: Text = "", key: Key = ""
) -> Response:
    """Sent from the case's own page; where it is refused, what was written is shown on a page of its own."""
    path = f"/applications/{application_id}"
    faults = Faults()
    if not text.strip():
        faults.add("text", pages.say(request, WRITE_SOMETHING))
    faults = faults or await refused(api.post("applications", f"/api{path}/messages", {"text": text}, key=key), {"/text": "text"})
    if not faults:
        return see_other(f"{path}#messages")
    case = await api.get("applications", f"/api{path}")
    return pages.render(request, "citizen/message.html", 422, case=case, faults=faults, text=text)


@router.get("/messages")
async def back_to_the_case(application_id: UUID, _who: CurrentCitizen) -> Response:
    """Where the language is changed while an answer to the form is shown."""
    return see_other(f"/applications/{application_id}#messages")


async def _asked(api: Api, application_id: UUID) -> tuple[Draft, dict[str, Any]]:
    case = await api.get("applications", f"/api/applications/{application_id}")
    life = await api.get("applications", f"/api/applications/{application_id}/life")
    return Draft(case, await api.service(case["service"]["id"], of_case=True)), life


def _open(life: dict[str, Any]) -> bool:
    return bool(life["asked"] and life["asked"]["open"])


def _step(pages: Pages, request: Request, draft: Draft, life: dict[str, Any]) -> Step:
    """All answers that may be changed, as one page."""
    opens = set(life["asked"]["opens"])
    fields = tuple(field for field in draft.service["fields"] if ANSWERS + field["key"] in opens)
    return Step("change", pages.say(request, TITLE), 1, fields)


async def _draw(
    request: Request,
    pages: Pages,
    api: Api,
    draft: Draft,
    life: dict[str, Any],
    step: Step,
    shown: Shown,
    note: str = "",
    *,
    faults: Faults | None = None,
    status: int = 200,
) -> Response:
    countries = await api.countries() if any(field["type"] == "country" for field in step.fields) else []
    told = await or_none(api.get("applications", f"{draft.api_path}/cosigners"))
    opens = set(life["asked"]["opens"])
    return pages.render(
        request,
        "citizen/change.html",
        status,
        draft=draft,
        asked=life["asked"],
        step=step,
        shown=shown,
        note=note,
        papers=[paper for paper in draft.papers if paper["pointer"] in opens],
        faults=faults or Faults(),
        countries=countries,
        autocomplete=AUTOCOMPLETE,
        textarea_from=TEXTAREA_FROM,
        cosigners=told["cosigners"] if told else [],
        states=STATES,
    )
