"""A service has destroyed what it kept about an erased person, or says what holds it back."""

from dataclasses import dataclass

from services.identity.domain.erasure import Erasure
from services.identity.repository import Erasures
from services.identity.rights_schema import RightsRequests
from services.identity.use_cases.erase_person import erase_account
from shared.mongo.erasure import ErasePerson, take_back
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteErasureAnswer:
    """number: the how-manieth answer of that service; held_for: kinds of holds, None where it is destroyed."""

    person_id: str
    service: str
    number: int
    held_for: str | None


async def note_erasure_answer(command: NoteErasureAnswer, uow: UnitOfWork) -> None:
    """Nothing where a newer answer is known, or where nobody asked. The account goes with the last answer that it waited for."""
    erasures = Erasures(uow)
    erasure = await erasures.find({"_id": command.person_id})
    if erasure and erasure.answered(command.service, number=command.number, held_for=command.held_for, at=uow.at):
        await erasures.save(erasure)
        if erasure.withdrawn_at:
            await _keep(erasure, uow)
        else:
            await erase_account(erasure, uow)
        if erasure.done_at:
            uow.audit("person:erased-everywhere", about={"person": erasure.id})


async def _keep(erasure: Erasure, uow: UnitOfWork) -> None:
    await take_back(ErasePerson(erasure.id, erasure.round), uow)
    requests = RightsRequests(uow)
    request = await requests.find({"_id": erasure.request_id}) if erasure.request_id else None
    if request and request.is_open:
        request.withdraw(at=uow.at, by=erasure.id)
        await requests.save(request)
