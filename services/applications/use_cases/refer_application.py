"""The decision of a case is given to another post or to the ministry: where one consul works alone, the second is elsewhere."""

from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.authority import MINISTRY
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReferApplication:
    application_id: str
    to: str  # a post, "ministry", or the case's own post to take it back
    by: Officer


async def refer_application(command: ReferApplication, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, UnknownPost, MayNotRefer, NotProposed."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    if command.to != MINISTRY:
        the_catalogue().post(command.to)
    await applications.save(application, application.refer(command.to, by=command.by, at=uow.at))
    return application
