"""Somebody takes a copy of their own data: a request that is answered at once."""

from dataclasses import dataclass

from services.identity.domain.rights_request import RequestKind, RightsRequest, Term
from services.identity.rights_schema import RightsRequests
from shared.actors import Citizen, Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteExport:
    request_id: str
    by: Citizen | Officer
    term: Term


async def note_export(command: NoteExport, uow: UnitOfWork) -> RightsRequest:
    request = RightsRequest.ask(command.request_id, command.by.id, RequestKind.EXPORT, term=command.term, at=uow.at)
    request.answered_itself(at=uow.at)
    await RightsRequests(uow).add(request)
    uow.audit("own-data:ask", about={"case": request.id, "person": request.person_id, "kind": request.kind.value})
    return request
