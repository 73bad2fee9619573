"""The signed file is stored: the document is issued."""

from dataclasses import dataclass

from services.documents.repository import Register
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class RecordIssued:
    document_id: str
    file_id: str
    sha256: str
    size: int


async def record_issued(command: RecordIssued, uow: UnitOfWork) -> None:
    """Raises NotToBeIssuedNow where it is issued already."""
    register = Register(uow)
    entry = await register.get(command.document_id)
    uow.publish(entry.issue(file_id=command.file_id, sha256=command.sha256, size=command.size, at=uow.at))
    await register.save(entry)
