"""One page of a draft's form: drawn, saved, and where it leads; for its citizen, and for an officer who fills it in with them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from services.portal.apis import Api, ApiProblem
from services.portal.forms import TO_LANGUAGE, Faults
from services.portal.pages.citizen_answers import (
    CHANGED_ELSEWHERE,
    ChangedElsewhere,
    Shown,
    faults_of,
    faults_of_missing,
    save,
    typed,
)
from services.portal.pages.citizen_draft import Draft, Step, stays_on_page
from services.portal.rendering import Pages, see_other

TO_CHECK = "check"
TO_LIST = "list"
TEXTAREA_FROM = 250  # characters: what may be longer than this gets room for several lines


def step_of(draft: Draft, step_id: str) -> Step:
    """Raises HTTPException 404."""
    page = draft.step(step_id) or draft.whole_step(step_id)
    if page is None:
        raise HTTPException(404)
    return page


async def save_step(
    request: Request, pages: Pages, api: Api, draft: Draft, step: Step, form: FormData, *, autocomplete: Mapping[str, str]
) -> Response:
    """Saved first, whatever is missing; then on to the next page, unless this one lacks an answer.

    Where only another language was chosen, nothing is saved. Raises ApiProblem that is no matter of this page.
    """
    shown, version, back = typed(step, form), str(form.get("version", "")), str(form.get("back", ""))

    async def draw(of: Draft, faults: Faults | None = None, status: int = 200, version: str = "") -> Response:
        more: dict[str, Any] = {"back": back, "autocomplete": autocomplete, "version": version}
        return await draw_step(request, pages, api, of, step, shown, faults=faults, status=status, **more)

    if form.get("then") == TO_LANGUAGE:  # still the version that they had seen: others may have saved since
        return await draw(draft, version=version)
    try:
        case = await save(api, draft, step, shown, version=int(version) if version.isdecimal() else None)
    except ChangedElsewhere as changed:
        faults = Faults()
        faults.add_line(pages.say(request, CHANGED_ELSEWHERE))
        return await draw(changed.draft, faults, 409)
    except ApiProblem as problem:
        if not stays_on_page(problem):
            raise
        return await draw(draft, faults_of(problem, draft, step, shown, pages, api.language), problem.status)
    if form.get("then") == TO_LIST:
        return see_other(draft.path)
    saved = replace(draft, case=case)
    if more := _asked_now(saved, step):
        return see_other(more + (f"?back={TO_CHECK}" if back == TO_CHECK else ""))
    if lacking := faults_of_missing(saved, step):
        return await draw(saved, lacking, 422)
    return see_other(f"{draft.path}/check" if back == TO_CHECK else saved.after(step))


async def draw_step(
    request: Request,
    pages: Pages,
    api: Api,
    draft: Draft,
    step: Step,
    shown: Shown,
    *,
    autocomplete: Mapping[str, str],
    back: str = "",
    faults: Faults | None = None,
    status: int = 200,
    version: str = "",
) -> Response:
    """autocomplete: what a browser may know about the one who fills in. version: of the answers that the form was drawn from,
    where that is not the one of now."""
    asks_for_country = any(field["type"] == "country" for field in step.fields)
    context: dict[str, Any] = {
        "draft": draft,
        "step": step,
        "shown": shown,
        "version": version or draft.case["version"],
        "back": TO_CHECK if back == TO_CHECK else "",
        "before": f"{draft.path}/check" if back == TO_CHECK else draft.before(step),
        "countries": await api.countries() if asks_for_country else [],
        "autocomplete": autocomplete,
        "textarea_from": TEXTAREA_FROM,
    }
    return pages.render(request, "citizen/step.html", status, faults=faults or Faults(), **context)


def _asked_now(saved: Draft, step: Step) -> str:
    """Where this page asks more, by what was just answered on it: the page itself, without any error."""
    now = saved.step(step.id)
    return saved.step_path(now) if now and set(now.keys) - set(step.keys) else ""
