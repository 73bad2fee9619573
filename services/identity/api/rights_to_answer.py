"""Requests about personal data for those who answer them: the head of the post, and the ministry."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse

from services.identity import queries as people
from services.identity import rights_queries as queries
from services.identity.api import rights_schemas as schemas
from services.identity.domain.rights_request import RequestState
from services.identity.rights import rights_terms
from services.identity.use_cases.answer_rights_request import AnswerRightsRequest, answer_rights_request
from shared.actors import Officer
from shared.errors import FieldError, InvalidInput
from shared.sealing.erased import ERASED
from shared.texts import N_
from shared.web.auth import officer_with
from shared.web.commands import RequestCommands, RequestQueries
from shared.web.language import language_of
from shared.web.looks import RequestLooks

router = APIRouter(prefix="/api/rights", tags=["rights"])
Answerer = Annotated[Officer, Depends(officer_with("head", "ministry", strong=True))]
RequestId = Annotated[str, Path(max_length=64)]
REASON = "data-rights"  # of shared/audit/reasons.toml


@router.get("")
async def to_answer(
    by: Answerer, reads: RequestQueries, request: Request, state: Annotated[RequestState, Query()] = RequestState.OPEN
) -> schemas.RequestLines:
    """Of your posts, of all for the ministry; what is late first. Numbers and dates: whoever wants to read one opens it."""
    now = request.app.state.runtime.clock.now()
    found = await reads.run(queries.requests_for, by, state)
    return schemas.RequestLines(requests=[schemas.RequestLine.of(one, now) for one in found])


@router.get("/refusals")
async def refusals(_by: Answerer, request: Request) -> schemas.Refusals:
    """Why a correction may be refused."""
    language = language_of(request)
    coded = [schemas.Coded(code=code, text=texts[language]) for code, texts in rights_terms().refusals.items()]
    return schemas.Refusals(refusals=coded)


@router.get("/{request_id}")
async def one(
    request_id: RequestId, by: Answerer, reads: RequestQueries, looks: RequestLooks, request: Request
) -> schemas.RequestToAnswer:
    """What was asked, by whom. The look is an entry of the audit, which the person sees."""
    found = await reads.run(queries.request_for, by, request_id)
    person = await reads.run(people.person, found.person_id)
    as_head = found.post_id is not None and "head" in by.roles_at(found.post_id)
    about = {"case": found.id, "person": found.person_id, "post": found.post_id}
    await looks("rights:view", about=about, reason=REASON, role="head" if as_head else "ministry")
    now, language = request.app.state.runtime.clock.now(), language_of(request)
    view = schemas.RequestView.of(found, now=now, language=language)
    name = "" if person.name == ERASED else person.name
    return schemas.RequestToAnswer(**view.model_dump(), person_id=found.person_id, person_name=name)


@router.post("/{request_id}/answer", response_model=schemas.Made)
async def answer(request_id: RequestId, body: schemas.Answer, by: Answerer, commands: RequestCommands) -> JSONResponse:
    """It was done, and what. The person is told that there is an answer, and reads it in their account."""
    return await commands.run(answer_rights_request, AnswerRightsRequest(request_id, by, body.words), schemas.Made.of)


@router.post("/{request_id}/refusal", response_model=schemas.Made)
async def refusal(request_id: RequestId, body: schemas.Refusal, by: Answerer, commands: RequestCommands) -> JSONResponse:
    """It is not done, and why, in writing."""
    if body.ground not in rights_terms().refusals:
        raise InvalidInput([FieldError("/ground", N_("Choose why it is not done."))])
    command = AnswerRightsRequest(request_id, by, body.words, refused_for=body.ground)
    return await commands.run(answer_rights_request, command, schemas.Made.of)
