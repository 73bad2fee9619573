"""At the counter: an officer begins an application with somebody who stands there, or goes on with the draft on their sheet."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

from services.applications.api import filling_schemas, schemas, search_schemas
from services.applications.api.attachments import FILE, Sent, TakesIn, media_type_of, take_file
from services.applications.api.citizen_views import citizen_application
from services.applications.api.offering import Offered
from services.applications.api.officer_views import officer_receipt
from services.applications.api.paper_schemas import PaperList
from services.applications.api.paper_views import paper_list
from services.applications.api.receipts import Receipt
from services.applications.api.views import definition_of, today_at_post
from services.applications.api.wording import Worded, Wording
from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.filling_acts import must_be_helping
from services.applications.domain.references import RANDOM_BYTES, reference
from services.applications.fillings import draft_of_reference, draft_with_filling
from services.applications.use_cases.begin_at_counter import BeginAtCounter, OpenSheet, begin_at_counter, open_sheet
from services.applications.use_cases.fill_in_at_counter import (
    HandInAtCounter,
    SaveStepAtCounter,
    hand_in_at_counter,
    save_step_at_counter,
)
from shared.actors import POST_ROLES, Citizen, CounterGrant, Officer
from shared.texts import N_
from shared.web.auth import CurrentOfficer, officer_with
from shared.web.commands import Queries, RepeatableCommands, RequestCommands, RequestQueries
from shared.web.description import also
from shared.web.looks import RequestLooks
from shared.web.problems import HttpProblem
from shared.web.tokens import InvalidToken, TokenVerifier

router = APIRouter(prefix="/api/officer/counter", tags=["officer"])
StepId = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
CounterOfficer = Annotated[Officer, Depends(officer_with(*POST_ROLES, strong=True))]
_NO_GRANT = N_("It is not known any more for whom this is. Ask the citizen for a code, or record their papers, once more.")


@router.post("/applications", status_code=201, response_model=schemas.OfficerReceipt, responses=also(404))
async def begin(
    body: filling_schemas.NewAtCounter,
    by: CounterOfficer,
    request: Request,
    commands: RequestCommands,
    receipt: Receipt,
    offered: Offered,
) -> JSONResponse:
    """Begin an application for somebody at the counter. grant: identity's word for whom. 404: no
    such service or post. 409: the grant is none of yours, or ran out; or it is not applied for there."""
    offered.service(body.service_id)
    grant = await _grant(request, body.grant, by)
    post = the_catalogue().post(body.post_id)
    drawn = reference(post.code, commands.at, secrets.token_bytes(RANDOM_BYTES))
    command = BeginAtCounter(commands.new_id(), drawn, body.service_id, post.id, body.language, grant, by)
    return await commands.run(begin_at_counter, command, receipt, status=201)


@router.post("/openings", response_model=schemas.OfficerReceipt, responses=also(404))
async def opening(
    body: search_schemas.ReferenceSearch, by: CounterOfficer, commands: RequestCommands, queries: RequestQueries, receipt: Receipt
) -> JSONResponse:
    """Go on with the draft on whose sheet this reference stands; its citizen sees it. 404: no draft of your post has it."""
    return await commands.run(open_sheet, OpenSheet(await queries.run(draft_of_reference, body.reference), by), receipt)


@router.get("/applications/{application_id}")
async def one(
    application_id: str, by: CurrentOfficer, queries: RequestQueries, say: Worded, looks: RequestLooks
) -> schemas.CitizenApplication:
    """A draft that you fill in with its citizen. 404: any other."""
    application = await _helped(application_id, by, queries, say)
    about = {"case": application.id, "person": application.citizen_id, "post": application.post_id}
    await looks("application:view_at_counter", about=about, at_work=True)
    return citizen_application(application, _person(application), say)


@router.get("/applications/{application_id}/papers")
async def papers(application_id: str, by: CurrentOfficer, queries: RequestQueries, say: Worded, looks: RequestLooks) -> PaperList:
    """Which papers it asks for, and what is attached. 404: as for the draft."""
    application = await _helped(application_id, by, queries, say)
    about = {"case": application.id, "person": application.citizen_id, "post": application.post_id}
    await looks("application:view_at_counter", about=about, at_work=True)
    return paper_list(application, definition_of(application), today_at_post(application, say), say)


@router.put("/applications/{application_id}/steps/{step_id}", responses=also(404))
async def step(
    application_id: str,
    step_id: StepId,
    body: filling_schemas.StepAnswers,
    by: CurrentOfficer,
    commands: RepeatableCommands,
    say: Worded,
) -> schemas.CitizenApplication:
    """Save one page. 404: you help nobody with it. 409 and 422 as where the citizen saves it."""
    command = SaveStepAtCounter(application_id, step_id, body.answers, body.version, by)
    saved = await commands.run_repeatable(save_step_at_counter, command)
    return citizen_application(saved, _person(saved), say)


@router.put(
    "/applications/{application_id}/papers/{paper}",
    openapi_extra={"requestBody": {"required": True, **FILE}},
    responses=also(413, 415),
)
async def put_paper(
    application_id: str,
    paper: StepId,
    request: Request,
    by: CurrentOfficer,
    queries: RequestQueries,
    commands: RepeatableCommands,
    intake: TakesIn,
    say: Worded,
) -> schemas.OfficerReceipt:
    """A scan of the citizen's paper, as the body. 413, 415 and 422 as where the citizen sends it, 404 where you help nobody."""
    application = await _helped(application_id, by, queries, say)
    sent = Sent(application_id, _person(application), media_type_of(request), paper, helper=by)
    return officer_receipt(await take_file(sent, request.stream(), commands, intake), say)


@router.post("/applications/{application_id}/submission", response_model=schemas.OfficerReceipt)
async def submission(application_id: str, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt) -> JSONResponse:
    """Hand it in, with the citizen's word. 422 names all that is missing or wrong. 404: you help nobody with it."""
    return await commands.run(hand_in_at_counter, HandInAtCounter(application_id, by), receipt)


async def _grant(request: Request, token: str, by: Officer) -> CounterGrant:
    """Raises HttpProblem 409."""
    verifier: TokenVerifier = request.app.state.verifier
    try:
        grant = await verifier.verify_counter_grant(token)
    except InvalidToken:
        raise HttpProblem(409, "counter-grant-not-valid", _NO_GRANT) from None
    if grant.officer_id != by.id:
        raise HttpProblem(409, "counter-grant-not-valid", _NO_GRANT)
    return grant


async def _helped(application_id: str, by: Officer, queries: Queries, say: Wording) -> Application:
    """Raises NotAssisted."""
    application, filling = await queries.run(draft_with_filling, application_id)
    must_be_helping(application, filling, by=by, at=say.now)
    return application


def _person(application: Application) -> Citizen:
    return Citizen(application.citizen_id, assurance=application.assurance)
