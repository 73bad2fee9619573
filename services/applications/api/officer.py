"""What officers of a post do with one application that was handed in there."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, StreamingResponse

from services.applications.api import schemas
from services.applications.api.attachments import FILE, Store, give_attachment
from services.applications.api.officer_views import officer_application, officer_journal
from services.applications.api.receipts import Receipt
from services.applications.api.views import definition_of
from services.applications.api.wording import Worded
from services.applications.domain.application import Application
from services.applications.domain.looking import is_at_work, role_of
from services.applications.domain.relations import Relations
from services.applications.fillings import filling_of
from services.applications.queries import case_for, journal_for
from services.applications.queue.claims import renew
from services.applications.records import otherwise_recorded
from services.applications.use_cases.claim_application import ClaimApplication, claim_application
from services.applications.use_cases.decide_application import DecideApplication, decide_application
from services.applications.use_cases.propose_decision import ProposeDecision, propose_decision
from services.applications.use_cases.record_blank import RecordBlank, record_blank
from services.applications.use_cases.record_handover import RecordHandover, record_handover
from services.applications.use_cases.record_identity_check import RecordIdentityCheck, record_identity_check
from services.applications.use_cases.refer_application import ReferApplication, refer_application
from services.applications.use_cases.release_application import ReleaseApplication, release_application
from shared.actors import Officer
from shared.web.auth import CurrentOfficer
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.looks import Looks, RequestLooks

router = APIRouter(prefix="/api/officer/applications", tags=["officer"])


@router.get("/{application_id}")
async def one(
    application_id: str, by: CurrentOfficer, queries: RequestQueries, say: Worded, looks: RequestLooks
) -> schemas.OfficerApplication:
    """With all answers. 404 also for an application of another post, unless its decision was given to yours. 428: say why, in
    the header Eshik-Access-Reason, where it is not yours to work on; the applicant sees it."""
    application, relations = await queries.run(case_for, by, application_id)
    await seen(looks, "application:view", application, relations, by)
    await queries.run(renew, application, by.id, say.now)
    filling = await queries.run(filling_of, application)
    recorded = await queries.run(otherwise_recorded, application, definition_of(application))
    return officer_application(application, relations, by, say, filling.confirmed, recorded)


@router.get("/{application_id}/journal")
async def journal(
    application_id: str, by: CurrentOfficer, queries: RequestQueries, say: Worded, looks: RequestLooks
) -> schemas.OfficerJournal:
    """428: as for the application itself."""
    application, entries = await queries.run(journal_for, by, application_id)
    _, relations = await queries.run(case_for, by, application_id)
    await seen(looks, "application:view_journal", application, relations, by)
    return officer_journal(application, entries, say)


@router.get("/{application_id}/attachment", response_class=StreamingResponse, responses={200: FILE})
async def attachment(
    application_id: str, by: CurrentOfficer, queries: RequestQueries, store: Store, looks: RequestLooks
) -> StreamingResponse:
    """The copy to look at, of the only paper of a service that names none. 428: as for the application itself."""
    application, relations = await queries.run(case_for, by, application_id)
    await seen(looks, "application:view_attachment", application, relations, by)
    return await give_attachment(application, store, to_look_at=True)


async def seen(looks: Looks, act: str, application: Application, relations: Relations, by: Officer) -> None:
    """Raises HttpProblem 428."""
    about = {"case": application.id, "person": application.citizen_id, "post": application.post_id}
    at_work, role = is_at_work(application, by, relations), role_of(by, application.post_id)
    await looks(act, about=about, at_work=at_work, role=role)


@router.post("/{application_id}/claim", response_model=schemas.OfficerReceipt)
async def claim(application_id: str, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt) -> JSONResponse:
    """Take it for review. 409: another officer was first. 403: needs the role intake or deciding."""
    return await commands.run(claim_application, ClaimApplication(application_id, by), receipt)


@router.post("/{application_id}/release", response_model=schemas.OfficerReceipt)
async def release(application_id: str, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt) -> JSONResponse:
    """Give it back, so that another can take it. 403: only who claimed it, or the head. 409: proposed, or not under review."""
    return await commands.run(release_application, ReleaseApplication(application_id, by), receipt)


@router.post("/{application_id}/proposal", response_model=schemas.OfficerReceipt)
async def proposal(
    application_id: str, body: schemas.Proposal, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Propose how to decide. 403: only who claimed it. 422: a refusal needs a reason of the service's list."""
    return await commands.run(propose_decision, ProposeDecision(application_id, body.outcome, body.reason, by), receipt)


@router.post("/{application_id}/referral", response_model=schemas.OfficerReceipt)
async def referral(
    application_id: str, body: schemas.Referral, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Let officers of another post, or of the ministry, decide as well. 403: only who claimed it, or the head of its post.
    404: there is no such post. 409: nothing is proposed."""
    return await commands.run(refer_application, ReferApplication(application_id, body.to, by), receipt)


@router.post("/{application_id}/decision", response_model=schemas.OfficerReceipt)
async def decision(
    application_id: str, body: schemas.Decision, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Agree with what was proposed, or send it back. 403: two officers must act and you claimed or proposed it; you may not act
    on this case; you lack the role, or signed in without a second factor. 409: decided or withdrawn, or another outcome or
    reason than was proposed."""
    return await commands.run(decide_application, DecideApplication(application_id, body.outcome, body.reason, by), receipt)


@router.post("/{application_id}/blank", response_model=schemas.OfficerReceipt)
async def blank(
    application_id: str, body: schemas.Blank, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt
) -> JSONResponse:
    """Record the number of the blank: the document may be issued. 409: the number was used, or no blank is awaited."""
    return await commands.run(record_blank, RecordBlank(application_id, body.blank_number, by), receipt)


@router.post("/{application_id}/identity-check", response_model=schemas.OfficerReceipt)
async def identity_check(application_id: str, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt) -> JSONResponse:
    """The citizen stood at the counter with their passport: the document may be issued. 409: no visit is awaited."""
    return await commands.run(record_identity_check, RecordIdentityCheck(application_id, by), receipt)


@router.post("/{application_id}/handover", response_model=schemas.OfficerReceipt)
async def handover(application_id: str, by: CurrentOfficer, commands: RequestCommands, receipt: Receipt) -> JSONResponse:
    """The citizen was given the document at the counter. 409: it is not ready, is digital, or was handed over before."""
    return await commands.run(record_handover, RecordHandover(application_id, by), receipt)
