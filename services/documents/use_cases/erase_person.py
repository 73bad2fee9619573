"""A person is erased: their data key here is destroyed, or what holds it is told."""

from services.documents.repository import SEALED
from shared.contracts.documents import DocumentsAnsweredErasure
from shared.mongo.erasure import ErasePerson, erase_or_hold
from shared.mongo.transactions import UnitOfWork
from shared.sealing.holds import hold_kinds

NOTARIAL = "notarial-record"  # of shared/sealing/legal_holds.toml


async def erase_person(command: ErasePerson, uow: UnitOfWork) -> None:
    answer = await erase_or_hold(command, uow, sealed=SEALED, reasons=await _reasons(command.person_id, uow))
    if answer:
        uow.publish(answer.as_event(DocumentsAnsweredErasure, at=uow.at))


async def _reasons(person_id: str, uow: UnitOfWork) -> list[str]:
    """A record that is kept. That a case is open, applications says."""
    record = {"citizen_id": person_id, "service_id": {"$in": list(hold_kinds()[NOTARIAL].services)}}
    return [NOTARIAL] if await uow.db.documents.find_one(record, {"_id": 1}, session=uow.session) else []
