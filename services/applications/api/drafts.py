"""Filling in a draft page by page."""

from typing import Annotated

from fastapi import APIRouter, Path

from services.applications.api import filling_schemas, schemas
from services.applications.api.citizen_views import citizen_application
from services.applications.api.wording import Worded
from services.applications.use_cases.save_step import SaveStep, save_step
from shared.web.auth import CurrentCitizen
from shared.web.commands import RepeatableCommands

router = APIRouter(prefix="/api/applications", tags=["citizen"])
StepId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,63}$")]


@router.put("/{application_id}/steps/{step_id}")
async def step(
    application_id: str,
    step_id: StepId,
    body: filling_schemas.StepAnswers,
    by: CurrentCitizen,
    commands: RepeatableCommands,
    say: Worded,
) -> schemas.CitizenApplication:
    """Save one page of a draft, complete or not; what other pages hold stays. 422 names every field that cannot stay. 409: no
    draft any more, or this page was changed since you had seen it; `current` then has the version and what the page holds now."""
    command = SaveStep(application_id, step_id, body.answers, body.version, by)
    return citizen_application(await commands.run_repeatable(save_step, command), by, say)
