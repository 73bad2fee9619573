"""A person is erased: their data key here is destroyed, or what holds it is told."""

from services.documents.repository import SEALED
from shared.contracts.documents import DocumentsAnsweredErasure
from shared.mongo.database import Db, Session
from shared.mongo.erasure import ErasePerson, erase_or_hold
from shared.mongo.transactions import UnitOfWork
from shared.sealing.holds import hold_kinds

NOTARIAL = "notarial-record"  # of shared/sealing/legal_holds.toml


async def erase_person(command: ErasePerson, uow: UnitOfWork) -> None:
    answer = await erase_or_hold(command, uow, sealed=SEALED, reasons=await reasons(uow.db, command.person_id, uow.session))
    if answer:
        uow.publish(answer.as_event(DocumentsAnsweredErasure, at=uow.at))


async def reasons(db: Db, person_id: str, session: Session | None = None) -> list[str]:
    """A record that is kept. That a case is open, applications says."""
    record = {"citizen_id": person_id, "service_id": {"$in": list(hold_kinds()[NOTARIAL].services)}}
    return [NOTARIAL] if await db.documents.find_one(record, {"_id": 1}, session=session) else []
