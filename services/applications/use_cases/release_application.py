"""The officer who took an application, or the head of the post, gives it back: another can take it."""

from dataclasses import dataclass

from services.applications.domain.application import Application
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReleaseApplication:
    application_id: str
    by: Officer


async def release_application(command: ReleaseApplication, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NotReleasable, MayNotRelease."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    await applications.save(application, application.release(by=command.by, at=uow.at))
    return application
