"""An officer of the post takes an application for review: only one can."""

from dataclasses import dataclass

from services.applications.domain.application import Application
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ClaimApplication:
    application_id: str
    by: Officer


async def claim_application(command: ClaimApplication, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, AlreadyClaimed, NotClaimable,
    MustBeUnrelated."""
    applications = Applications(uow)
    application, relations = await applications.case_for(command.by, command.application_id)
    await applications.save(application, application.claim(by=command.by, at=uow.at, relations=relations))
    return application
