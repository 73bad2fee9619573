"""The document is issued: the application is ready."""

from dataclasses import dataclass

from services.applications.repository import Applications
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class MarkReady:
    application_id: str
    document_id: str
    document_version: int


async def mark_ready(command: MarkReady, uow: UnitOfWork) -> None:
    """Raises ApplicationNotFound, NotAwaitingDocument. A second time it changes nothing."""
    applications = Applications(uow)
    application = await applications.get(command.application_id)
    act = application.mark_ready(command.document_id, at=uow.at, document_version=command.document_version)
    await applications.save(application, act)
