"""An officer takes a numbered blank for an approved application: the document may be issued on it."""

from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class RecordBlank:
    application_id: str
    blank_number: str
    by: Officer


async def record_blank(command: RecordBlank, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NotAwaitingBlank, InvalidBlankNumber, BlankAlreadyUsed."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    definition = the_catalogue().definition_of(application)
    act = application.record_blank(command.blank_number, by=command.by, definition=definition, at=uow.at)
    await applications.take_blank(application)
    await applications.save(application, act)
    return application
