"""An officer has seen the citizen and their passport at the counter: what was prepared may be issued."""

from dataclasses import dataclass

from services.applications.domain.application import Application
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class RecordIdentityCheck:
    application_id: str
    by: Officer


async def record_identity_check(command: RecordIdentityCheck, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NotAwaitingVisit."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    await applications.save(application, application.record_identity_check(by=command.by, at=uow.at))
    return application
