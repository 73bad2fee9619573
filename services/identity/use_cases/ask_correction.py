"""A citizen says what is wrong in what is kept about them, and what it should be."""

from dataclasses import dataclass

from services.identity.domain.rights_request import MOST_OPEN, RequestKind, RequestState, RightsRequest, Term, TooManyOpen, Wish
from services.identity.repository import People
from services.identity.rights_schema import RightsRequests
from shared.actors import Citizen
from shared.errors import NotFound
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AskCorrection:
    """post_id: whose head is to answer; None: the one they belong to, or the ministry."""

    request_id: str
    by: Citizen
    post_id: str | None
    wish: Wish
    term: Term


async def ask_correction(command: AskCorrection, uow: UnitOfWork) -> RightsRequest:
    """Raises NotFound, TooManyOpen, InvalidInput."""
    person = await People(uow).get(command.by.id)
    if person.is_erased:
        raise NotFound
    requests = RightsRequests(uow)
    still_open = {"person_id": person.id, "state": RequestState.OPEN.value}
    if await requests.collection.count_documents(still_open, limit=MOST_OPEN, session=uow.session) >= MOST_OPEN:
        raise TooManyOpen
    request = RightsRequest.ask(
        command.request_id,
        person.id,
        RequestKind.CORRECTION,
        term=command.term,
        at=uow.at,
        post_id=command.post_id or person.post_id,
        wish=command.wish,
    )
    await requests.add(request)
    uow.audit("rights:ask", about={"case": request.id, "person": person.id, "post": request.post_id, "kind": request.kind.value})
    return request
