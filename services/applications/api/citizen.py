"""What a citizen does with their own applications."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from services.applications.api import look_schemas, schemas
from services.applications.api.attachments import FILE, Sent, Store, TakesIn, give_attachment, media_type_of, take_file
from services.applications.api.citizen_views import citizen_application, citizen_journal, citizen_page
from services.applications.api.offering import Offered
from services.applications.api.views import status_view
from services.applications.api.wording import Worded
from services.applications.catalogue import the_catalogue
from services.applications.domain.references import RANDOM_BYTES, reference
from services.applications.queries import application_for, journal_for, own_applications
from services.applications.use_cases.save_answers import SaveAnswers, save_answers
from services.applications.use_cases.start_application import StartApplication, start_application
from services.applications.use_cases.submit_application import SubmitApplication, submit_application
from services.applications.use_cases.withdraw_application import WithdrawApplication, withdraw_application
from shared.texts import best_language
from shared.web.auth import CurrentCitizen
from shared.web.commands import RepeatableCommands, RequestCommands, RequestQueries
from shared.web.description import also

router = APIRouter(prefix="/api/applications", tags=["citizen"])
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.post("", status_code=201, response_model=schemas.StatusView, responses=also(404))
async def start(
    body: schemas.NewApplication, by: CurrentCitizen, commands: RequestCommands, say: Worded, offered: Offered
) -> JSONResponse:
    """Start a draft. 404: no such service or post. 409: it is not applied for there, or not by who lives where you live."""
    offered.service(body.service_id)
    post = the_catalogue().post(body.post_id)
    drawn = reference(post.code, commands.at, secrets.token_bytes(RANDOM_BYTES))
    language = body.language or best_language([by.language])
    lives_in = (body.country, body.region) if body.country else None
    command = StartApplication(commands.new_id(), drawn, body.service_id, post.id, language, by, lives_in)
    return await commands.run(start_application, command, lambda made: status_view(made, say), status=201)


@router.get("")
async def own(
    by: CurrentCitizen, queries: RequestQueries, say: Worded, after: After = None, limit: Limit = 20
) -> schemas.StatusPage:
    """Your own applications, newest first."""
    return citizen_page(await queries.run(own_applications, by, after=after, limit=limit), say)


@router.get("/{application_id}")
async def one(application_id: str, by: CurrentCitizen, queries: RequestQueries, say: Worded) -> schemas.CitizenApplication:
    """Where it stands: what happened, what is next, who holds it and until when."""
    return citizen_application(await queries.run(application_for, by, application_id), by, say)


@router.get("/{application_id}/journal")
async def journal(application_id: str, by: CurrentCitizen, queries: RequestQueries, say: Worded) -> schemas.CitizenJournal:
    """What happened to it, step by step; officers by their role."""
    return citizen_journal((await queries.run(journal_for, by, application_id))[1], say)


@router.put("/{application_id}/answers")
async def answers(
    application_id: str, body: schemas.Answers, by: CurrentCitizen, commands: RepeatableCommands, say: Worded
) -> schemas.CitizenApplication:
    """Save the answers of a draft, complete or not. 422 names every field that cannot stay. 409: no draft any more."""
    command = SaveAnswers(application_id, body.answers, body.version, by)
    return citizen_application(await commands.run_repeatable(save_answers, command), by, say)


@router.put("/{application_id}/attachment", openapi_extra={"requestBody": {"required": True, **FILE}}, responses=also(415))
async def attach(
    application_id: str,
    request: Request,
    by: CurrentCitizen,
    commands: RepeatableCommands,
    intake: TakesIn,
    say: Worded,
) -> schemas.CitizenApplication:
    """The file itself as the body, for the only paper of a service that names none. It replaces the one before. 413: too large.
    415: not what the service takes, or not what it says it is. 422: it cannot be used. 409: no draft any more."""
    sent = Sent(application_id, by, media_type_of(request))
    return citizen_application(await take_file(sent, request.stream(), commands, intake), by, say)


@router.get("/{application_id}/attachment", response_class=StreamingResponse, responses={200: FILE})
async def attachment(application_id: str, by: CurrentCitizen, queries: RequestQueries, store: Store) -> StreamingResponse:
    return await give_attachment(await queries.run(application_for, by, application_id), store)


@router.post("/{application_id}/submission", response_model=look_schemas.Receipt)
async def submission(application_id: str, by: CurrentCitizen, commands: RequestCommands, say: Worded) -> JSONResponse:
    """Hand it in. 422 names all that is missing or wrong. 409: it was handed in before, or closed.

    The answer is a receipt: its promise says under which id the submission is in the audit, and by when it can be proved.
    """
    command = SubmitApplication(application_id, by)
    return await commands.run(submit_application, command, lambda made: status_view(made, say), promised=True)


@router.post("/{application_id}/withdrawal", response_model=schemas.StatusView)
async def withdrawal(application_id: str, by: CurrentCitizen, commands: RequestCommands, say: Worded) -> JSONResponse:
    """Take it back. 409: it is decided, or was never handed in."""
    command = WithdrawApplication(application_id, by)
    return await commands.run(withdraw_application, command, lambda made: status_view(made, say))
