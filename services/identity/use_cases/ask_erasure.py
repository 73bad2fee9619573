"""A person asks to be erased, or an operator does for them: every service is told, and says what holds it."""

from dataclasses import dataclass

from services.identity.domain.erasure import Erasure
from services.identity.domain.rights_request import RequestKind, RightsRequest, Term
from services.identity.repository import Erasures, People
from services.identity.rights_schema import RightsRequests
from services.identity.use_cases.erase_person import erase_account
from shared.errors import NotFound
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AskErasure:
    """request_id, term: of the person's own request; None: an operator asks."""

    person_id: str
    request_id: str | None = None
    term: Term | None = None


async def ask_erasure(command: AskErasure, uow: UnitOfWork) -> RightsRequest | None:
    """Asked twice, it is one request. Out: the person's own. Raises NotFound."""
    person = await People(uow).find({"_id": command.person_id})
    if person is None or person.is_erased:
        raise NotFound
    erasures, requests = Erasures(uow), RightsRequests(uow)
    erasure = await erasures.find({"_id": person.id})
    going_on = erasure is not None and erasure.withdrawn_at is None
    if erasure and going_on and erasure.request_id:
        return await requests.get(erasure.request_id)
    request = None
    if command.request_id and command.term:
        request = RightsRequest.ask(
            command.request_id, person.id, RequestKind.ERASURE, term=command.term, at=uow.at, post_id=person.post_id
        )
        await requests.add(request)
        uow.audit("rights:ask", about={"case": request.id, "person": person.id, "kind": request.kind.value})
    await erase_account(await _asked(erasure, command, uow), uow)
    return request


async def _asked(erasure: Erasure | None, command: AskErasure, uow: UnitOfWork) -> Erasure:
    erasures = Erasures(uow)
    if erasure is None:
        erasure, event = Erasure.ask(command.person_id, at=uow.at, request_id=command.request_id)
        await erasures.add(erasure)
        uow.publish(event)
    elif again := erasure.ask_again(at=uow.at, request_id=command.request_id):
        await erasures.save(erasure)
        uow.publish(again)
    elif command.request_id:
        erasure.belongs_to(command.request_id)
        await erasures.save(erasure)
    return erasure
