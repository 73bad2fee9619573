"""A head of post, or the ministry, answers a correction: it was done, and what; or it is not done, and why."""

from dataclasses import dataclass

from services.identity.domain.rights_request import RightsRequest
from services.identity.rights_queries import request_to_answer
from services.identity.rights_schema import RightsRequests
from shared.actors import EVERY_POST, Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AnswerRightsRequest:
    """refused_for: a code of the data file; None: it was done. words: to the person."""

    request_id: str
    by: Officer
    words: str
    refused_for: str | None = None


async def answer_rights_request(command: AnswerRightsRequest, uow: UnitOfWork) -> RightsRequest:
    """Raises RequestNotFound, AlreadyEnded, NotByHand, InvalidInput."""
    by, request = command.by, await request_to_answer(uow, command.by, command.request_id)
    if command.refused_for:
        event = request.refuse(command.refused_for, command.words, by=by.id, at=uow.at)
    else:
        event = request.answer(command.words, by=by.id, at=uow.at)
    await RightsRequests(uow).save(request)
    uow.publish(event)
    as_head = request.post_id is not None and "head" in by.roles_at(request.post_id)
    uow.audit(
        "rights:refuse" if command.refused_for else "rights:answer",
        about={"case": request.id, "person": request.person_id, "kind": request.kind.value},
        reason=command.refused_for,
        role="head" if as_head else "ministry",
        post=request.post_id if as_head else EVERY_POST,
    )
    return request
