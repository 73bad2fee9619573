"""What officers do in the later life of a case: ask, write, hold originals, record arrival and mail, correct and annul."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from services.applications.api import life_schemas, schemas
from services.applications.api.life_views import officer_life, original_view
from services.applications.api.officer import seen
from services.applications.api.receipts import Receipt
from services.applications.api.wording import Worded
from services.applications.domain.asked import Mark
from services.applications.life import messages_of, originals_of
from services.applications.queries import case_for
from services.applications.use_cases.life.ask_body import AskBody, NoteBodyAnswer, ask_body, note_body_answer
from services.applications.use_cases.life.change_issued import AnnulIssued, CorrectIssued, annul_issued, correct_issued
from services.applications.use_cases.life.custody import KeepOriginal, ReturnOriginal, keep_original, return_original
from services.applications.use_cases.life.give import RecordArrival, RecordSent, record_arrival, record_sent
from services.applications.use_cases.life.request_papers import (
    RequestPapers,
    TakeBackRequest,
    request_papers,
    take_back_request,
)
from services.applications.use_cases.life.write_message import WriteMessage, write_message
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/officer/applications/{application_id}", tags=["officer"])


@router.get("/life")
async def life(
    application_id: str, by: CurrentOfficer, queries: RequestQueries, say: Worded, looks: RequestLooks
) -> life_schemas.OfficerLife:
    """What was asked, messages, originals, and what can be chosen from. 428: as for the application itself."""
    application, relations = await queries.run(case_for, by, application_id)
    await seen(looks, "application:view_correspondence", application, relations, by)
    messages = await queries.run(messages_of, application_id)
    originals = await queries.run(originals_of, application_id)
    return officer_life(application, relations, messages, originals, by, say)


@router.post("/papers-request", response_model=schemas.OfficerReceipt)
async def ask_citizen(
    application_id: str, body: life_schemas.PapersRequest, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Ask the citizen to change what is marked, and that alone. 403: only who took the case. 422: nothing, or something unknown,
    is marked. 409: it is not under review."""
    marks = tuple(Mark(each.pointer, each.note) for each in body.marks)
    command = RequestPapers(application_id, marks, {each.pointer: each.text for each in body.marks}, by)
    return await commands.run(request_papers, command, receipt)


@router.post("/papers-request/withdrawal", response_model=schemas.OfficerReceipt)
async def take_back(application_id: str, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt) -> JSONResponse:
    """Go on without what was asked for. 409: nothing is asked now."""
    return await commands.run(take_back_request, TakeBackRequest(application_id, by), receipt)


@router.post("/body-request", response_model=schemas.OfficerReceipt)
async def send_to_body(
    application_id: str, body: life_schemas.BodyRequest, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Another body is asked. 403: only who took the case. 409: it is not under review."""
    return await commands.run(ask_body, AskBody(application_id, body.body, by), receipt)


@router.post("/body-answer", response_model=schemas.OfficerReceipt)
async def body_answer(
    application_id: str,
    by: CurrentOfficer,
    commands: RequestCommands,
    receipt: Receipt,
    body: life_schemas.BodyAnswer | None = None,
) -> JSONResponse:
    """Its answer came: the review goes on. 409: none is awaited."""
    return await commands.run(note_body_answer, NoteBodyAnswer(application_id, by, body.answer if body else None), receipt)


@router.post("/arrival", response_model=schemas.OfficerReceipt)
async def arrival(application_id: str, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt) -> JSONResponse:
    """What another body made is at the post. 409: nothing is awaited, or the fee is not paid."""
    return await commands.run(record_arrival, RecordArrival(application_id, by), receipt)


@router.post("/dispatch", response_model=schemas.OfficerReceipt)
async def dispatch(
    application_id: str, body: life_schemas.Dispatch, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """It was sent by mail. 409: it is not ready, is digital, or was handed over before."""
    return await commands.run(record_sent, RecordSent(application_id, body.carrier, by), receipt)


@router.post("/correction", response_model=schemas.OfficerReceipt)
async def correction(
    application_id: str, body: life_schemas.Correction, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """A mistake in what was issued: it is issued anew. 403: only a head of the post or the ministry, who had no part in it. 409:
    nothing is issued."""
    return await commands.run(correct_issued, CorrectIssued(application_id, body.answers, body.reason, by), receipt)


@router.post("/annulment", response_model=schemas.OfficerReceipt)
async def annulment(
    application_id: str, body: life_schemas.Annulment, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """What was issued is no longer good, and nothing follows. 403 and 409: as for a correction."""
    return await commands.run(annul_issued, AnnulIssued(application_id, body.reason, by), receipt)


@router.post("/messages", status_code=201, response_model=schemas.OfficerReceipt)
async def write(
    application_id: str, body: life_schemas.NewMessage, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Write to the citizen: they are told that there is a message, and read it in their account."""
    return await commands.run(write_message, WriteMessage(application_id, commands.new_id(), body.text, by), receipt, status=201)


@router.post("/originals", status_code=201, response_model=life_schemas.HeldOriginal)
async def keep(
    application_id: str, body: life_schemas.NewOriginal, by: CurrentOfficer, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """An original was taken in."""
    command = KeepOriginal(application_id, commands.new_id(), body.kind, body.kept_where, by)
    return await commands.run(keep_original, command, lambda made: original_view(made, say), status=201)


@router.post("/originals/{original_id}/return", response_model=life_schemas.HeldOriginal)
async def give_back(
    application_id: str, original_id: str, by: CurrentOfficer, commands: RequestCommands, say: Worded
) -> JSONResponse:
    """It was given back. 409: it is not here."""
    command = ReturnOriginal(application_id, original_id, by)
    return await commands.run(return_original, command, lambda made: original_view(made, say))
