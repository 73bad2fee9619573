"""A citizen takes an application back before it is decided."""

from dataclasses import dataclass

from services.applications.domain.application import Application
from services.applications.repository import Applications
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class WithdrawApplication:
    application_id: str
    by: Citizen


async def withdraw_application(command: WithdrawApplication, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, AlreadyDecided, NothingToWithdraw."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    await applications.save(application, application.withdraw(by=command.by, at=uow.at))
    return application
