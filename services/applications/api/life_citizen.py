"""What a citizen does after handing in: changes what was asked for, hands it in again, and writes to the post."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.applications.api import life_schemas, schemas
from services.applications.api.citizen_views import citizen_application
from services.applications.api.life_views import citizen_life
from services.applications.api.views import status_view
from services.applications.api.wording import Worded
from services.applications.life import messages_of, originals_of
from services.applications.queries import application_for
from services.applications.use_cases.life.answer_request import (
    ChangeAskedAnswers,
    HandInAgain,
    change_asked_answers,
    hand_in_again,
)
from services.applications.use_cases.life.write_message import WriteMessage, write_message
from shared.web.auth import CurrentCitizen
from shared.web.commands import RepeatableCommands, RequestCommands, RequestQueries

router = APIRouter(prefix="/api/applications/{application_id}", tags=["citizen"])


@router.get("/life")
async def life(application_id: str, by: CurrentCitizen, queries: RequestQueries, say: Worded) -> life_schemas.CitizenLife:
    """What the post asks for, messages, originals, how to appeal, and what else happened besides the status."""
    application = await queries.run(application_for, by, application_id)
    messages = await queries.run(messages_of, application_id)
    return citizen_life(application, messages, await queries.run(originals_of, application_id), say)


@router.put("/asked-answers")
async def asked_answers(
    application_id: str, body: life_schemas.AskedAnswers, by: CurrentCitizen, commands: RepeatableCommands, say: Worded
) -> schemas.CitizenApplication:
    """Change answers that the post marked, and what depends on them. 422 names all that was not marked or cannot stay. 409: the
    post has not asked, goes on already, or the application changed since."""
    command = ChangeAskedAnswers(application_id, body.answers, body.version, by)
    return citizen_application(await commands.run_repeatable(change_asked_answers, command), by, say)


@router.post("/resubmission", response_model=schemas.StatusView)
async def resubmission(
    application_id: str,
    by: CurrentCitizen,
    commands: RequestCommands,
    say: Worded,
    body: life_schemas.HandingInAgain | None = None,
) -> JSONResponse:
    """Hand it in again, with what was asked for. 422 names all that is missing or wrong; all that was marked, where nothing of it
    was changed and no note says why. 409: the post has not asked."""
    command = HandInAgain(application_id, by, (body and body.note) or "", commands.new_id())
    return await commands.run(hand_in_again, command, lambda made: status_view(made, say))


@router.post("/messages", status_code=201, response_model=schemas.StatusView)
async def write(
    application_id: str, body: life_schemas.NewMessage, by: CurrentCitizen, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """Write to the post about it. 409: it is not handed in, or many of your messages wait for an answer."""
    command = WriteMessage(application_id, commands.new_id(), body.text, by)
    return await commands.run(write_message, command, lambda made: status_view(made, say), status=201)
