"""The head of a post gives a case to one of its officers, whoever had it before."""

from dataclasses import dataclass

from services.applications.domain.application import Application
from services.applications.domain.queue_acts import assign, to_assign
from services.applications.domain.queue_errors import NoSuchDesk
from services.applications.queue.desks import desk_of
from services.applications.repository import Applications, relations_among
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AssignApplication:
    application_id: str
    to: str
    by: Officer


async def assign_application(command: AssignApplication, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, MayNotAssign, SecondFactorNeeded, NotAssignable, NoSuchDesk, MustBeUnrelated."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    to_assign(application, command.by)
    if await desk_of(uow.db, application.post_id, command.to, uow.session) is None:
        raise NoSuchDesk
    theirs = Officer(command.to, application.post_id)
    relations = await relations_among(uow.db, application, theirs, uow.session)
    act = assign(application, command.to, by=command.by, at=uow.at, relations=relations)
    await applications.save(application, act)
    return application
