"""The head of a post gives a case to one of its officers, whoever had it before."""

from dataclasses import dataclass

from services.applications.domain.application import Application
from services.applications.domain.queue_acts import assign, to_assign
from services.applications.domain.queue_errors import LacksSkill, NoSuchDesk
from services.applications.queue.desks import desk_of
from services.applications.repository import Applications, relations_among
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AssignApplication:
    application_id: str
    to: str
    by: Officer
    despite_skills: bool = False


async def assign_application(command: AssignApplication, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, MayNotAssign, SecondFactorNeeded, NotAssignable, NoSuchDesk, MustBeUnrelated, LacksSkill."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    to_assign(application, command.by)
    desk = await desk_of(uow.db, application.post_id, command.to, uow.session)
    if desk is None:
        raise NoSuchDesk
    if (lacking := desk.lacks(application)) and not command.despite_skills:
        raise LacksSkill(skills=", ".join(lacking))
    theirs = Officer(command.to, application.post_id)
    relations = await relations_among(uow.db, application, theirs, uow.session)
    act = assign(application, command.to, by=command.by, at=uow.at, relations=relations, despite_skills=bool(lacking))
    await applications.save(application, act)
    return application
