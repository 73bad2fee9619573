"""An officer gave the citizen what is not digital, at the counter: the case is closed."""

from dataclasses import dataclass

from services.applications.domain.application import Application
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class RecordHandover:
    application_id: str
    by: Officer


async def record_handover(command: RecordHandover, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NothingToHandOver, AlreadyHandedOver, NotReadyToHandOver, FeeNotPaid."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    await applications.save(application, application.record_handover(by=command.by, at=uow.at))
    return application
