"""A citizen takes a request about their data back."""

from dataclasses import dataclass

from services.identity.domain.erasure import NotAsked
from services.identity.domain.rights_request import AlreadyEnded, RequestKind, RightsRequest
from services.identity.repository import Erasures
from services.identity.rights_queries import own_request_to_change
from services.identity.rights_schema import RightsRequests
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class WithdrawRightsRequest:
    request_id: str
    by: Citizen


async def withdraw_rights_request(command: WithdrawRightsRequest, uow: UnitOfWork) -> RightsRequest:
    """Of an erasure: it is taken back once applications says that nothing was destroyed.

    Raises RequestNotFound, AlreadyEnded, TooLateToKeep."""
    request = await own_request_to_change(uow, command.by, command.request_id)
    if request.kind is RequestKind.ERASURE:
        await _ask_to_keep(request, uow)
    else:
        request.withdraw(at=uow.at, by=command.by.id)
        await RightsRequests(uow).save(request)
    uow.audit("rights:withdraw", about={"case": request.id, "person": request.person_id, "kind": request.kind.value})
    return request


async def _ask_to_keep(request: RightsRequest, uow: UnitOfWork) -> None:
    if not request.is_open:
        raise AlreadyEnded
    erasures = Erasures(uow)
    erasure = await erasures.find({"_id": request.person_id})
    if erasure is None:
        raise NotAsked
    if event := erasure.withdraw(at=uow.at):
        await erasures.save(erasure)
        uow.publish(event)
