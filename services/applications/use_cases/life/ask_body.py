"""The officer who has a case asks another body, and somebody of the post records its answer."""

from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain import asking
from services.applications.domain.application import Application
from services.applications.domain.life_errors import UnknownBody
from services.applications.offices import is_of_ministry
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AskBody:
    application_id: str
    body: str
    by: Officer


@dataclass(frozen=True, slots=True)
class NoteBodyAnswer:
    application_id: str
    by: Officer
    answer: str | None = None


async def ask_body(command: AskBody, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NotInReview, NotTheClaimer, MustBeUnrelated, UnknownBody."""
    applications = Applications(uow)
    application, relations = await applications.case_for(command.by, command.application_id)
    ours = is_of_ministry(command.body)
    act = asking.ask_body(application, command.body, by=command.by, at=uow.at, relations=relations, of_ministry=ours)
    if not the_catalogue().places.is_asked(command.body):
        raise UnknownBody
    await applications.save(application, act)
    return application


async def note_body_answer(command: NoteBodyAnswer, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NotWithAnotherBody, MustBeUnrelated, UnknownAnswer."""
    applications = Applications(uow)
    application, relations = await applications.case_for(command.by, command.application_id)
    act = asking.note_body_answer(application, command.answer, by=command.by, at=uow.at, relations=relations)
    await applications.save(application, act)
    return application
