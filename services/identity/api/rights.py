"""A person's rights over their data: requests with a clock, erasure, and what they said to purposes."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse

from services.identity import rights_queries as queries
from services.identity.api import rights_schemas as schemas
from services.identity.domain.consent import ConsentEntry
from services.identity.domain.rights_request import RequestKind, RequestNotFound, RightsRequest
from services.identity.rights import purposes, rights_terms
from services.identity.use_cases.ask_correction import AskCorrection, ask_correction
from services.identity.use_cases.ask_erasure import AskErasure, ask_erasure
from services.identity.use_cases.say_consent import SayConsent, say_consent
from services.identity.use_cases.withdraw_rights_request import WithdrawRightsRequest, withdraw_rights_request
from shared.errors import FieldError, InvalidInput
from shared.texts import N_
from shared.web.auth import CurrentCitizen
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.language import language_of
from shared.web.recent import recent_sign_in

router = APIRouter(prefix="/api/me", tags=["rights"])
RequestId = Annotated[str, Path(max_length=64)]


@router.get("/rights")
async def own_requests(by: CurrentCitizen, reads: RequestQueries, request: Request) -> schemas.OwnRequests:
    """Newest first, each with its clock."""
    found = await reads.run(queries.own_requests, by)
    views = [schemas.RequestView.of(one, now=_now(request), language=language_of(request)) for one in found]
    return schemas.OwnRequests(requests=views, terms=schemas.TermsView.now())


@router.get("/rights/{request_id}")
async def own_request(request_id: RequestId, by: CurrentCitizen, reads: RequestQueries, request: Request) -> schemas.RequestView:
    found = await reads.run(queries.own_request, by, request_id)
    return schemas.RequestView.of(found, now=_now(request), language=language_of(request))


@router.post("/rights/corrections", status_code=201, response_model=schemas.Made)
async def ask_for_correction(body: schemas.CorrectionAsked, by: CurrentCitizen, commands: RequestCommands) -> JSONResponse:
    """The head of the post answers, or the ministry. 409 while ten of yours are open."""
    term = rights_terms().terms[RequestKind.CORRECTION]
    command = AskCorrection(commands.new_id(), by, body.post_id, body.wish(), term)
    return await commands.run(ask_correction, command, schemas.Made.of, status=201)


@router.post("/rights/{request_id}/withdrawal", response_model=schemas.Made)
async def take_back(request_id: RequestId, by: CurrentCitizen, commands: RequestCommands) -> JSONResponse:
    """409 where it has ended. Of an erasure: while nothing was destroyed; it counts once applications has confirmed it."""
    return await commands.run(withdraw_rights_request, WithdrawRightsRequest(request_id, by), schemas.Made.of)


@router.get("/erasure")
async def own_erasure(by: CurrentCitizen, reads: RequestQueries, request: Request) -> schemas.OwnErasure:
    """What was asked and what every service answered. What would be held is asked of each service: GET /api/me/holds."""
    return schemas.OwnErasure.of(await reads.run(queries.erasure_of, by.id), language_of(request))


@router.post("/erasure", status_code=201, response_model=schemas.Made, dependencies=[Depends(recent_sign_in)])
async def ask_to_be_erased(_body: schemas.ErasureAsked, by: CurrentCitizen, commands: RequestCommands) -> JSONResponse:
    """With a sign-in of the last minutes. Where nothing holds it, it is done within seconds and cannot be taken back."""
    command = AskErasure(by.id, commands.new_id(), rights_terms().terms[RequestKind.ERASURE])
    return await commands.run(ask_erasure, command, _made, status=201)


@router.get("/consents")
async def consents(by: CurrentCitizen, reads: RequestQueries, request: Request) -> schemas.ConsentsView:
    """What rests on your word and what you said; and what is done by law, which is not asked."""
    language, known = language_of(request), purposes()
    views = []
    for name, text in known.consents.items():
        views.append(schemas.PurposeView.of(text, await reads.run(queries.newest_said, by.id, name), language))
    said = await reads.run(queries.all_said, by.id)
    return schemas.ConsentsView(
        purposes=views,
        by_law=[schemas.Coded(code=code, text=texts[language]) for code, texts in known.by_law.items()],
        ledger=[schemas.SaidView.of(entry) for entry in said],
        source=known.source,
        certainty=known.certainty,
    )


@router.post("/consents", status_code=201, response_model=schemas.SaidView)
async def say(body: schemas.ConsentSaid, by: CurrentCitizen, commands: RequestCommands) -> JSONResponse:
    """Yes or no, at any time; the last word counts. 409: the text was changed since you read it."""
    text = purposes().consents.get(body.purpose)
    if text is None:
        raise InvalidInput([FieldError("/purpose", N_("There is no such purpose."))])
    command = SayConsent(commands.new_id(), by, text.consent, body.text_version, body.said, body.how)
    return await commands.run(say_consent, command, _said, status=201)


def _made(made: RightsRequest | None) -> schemas.Made:
    if made is None:
        raise RequestNotFound
    return schemas.Made.of(made)


def _said(entry: ConsentEntry) -> schemas.SaidView:
    return schemas.SaidView.of(entry)


def _now(request: Request) -> datetime:
    now: datetime = request.app.state.runtime.clock.now()
    return now
