"""What another body made arrives at the post; what is ready is sent by mail."""

from dataclasses import dataclass

from services.applications.catalogue.casework import casework, choice
from services.applications.domain import after_issue
from services.applications.domain.application import Application
from services.applications.domain.errors import InvalidReason
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class RecordArrival:
    application_id: str
    by: Officer


@dataclass(frozen=True, slots=True)
class RecordSent:
    application_id: str
    carrier: str
    by: Officer


async def record_arrival(command: RecordArrival, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NotAwaitingArrival, FeeNotPaid."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    await applications.save(application, after_issue.record_arrival(application, by=command.by, at=uow.at))
    return application


async def record_sent(command: RecordSent, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NothingToHandOver, AlreadyHandedOver, NotReadyToHandOver, PapersNotSeen,
    FeeNotPaid, InvalidReason for an unknown carrier."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    act = after_issue.record_sent(application, command.carrier, by=command.by, at=uow.at)
    if choice(casework().carriers, command.carrier) is None:
        raise InvalidReason("/carrier")
    await applications.save(application, act)
    return application
