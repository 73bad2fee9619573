"""A citizen and the post write to each other about a case."""

from dataclasses import dataclass

from services.applications.domain import correspondence
from services.applications.domain.application import Application
from services.applications.domain.correspondence import Message
from services.applications.domain.journal import Act
from services.applications.life import Messages
from services.applications.repository import Applications
from shared.actors import Citizen, Officer
from shared.contracts.applications import Writer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class WriteMessage:
    application_id: str
    message_id: str
    text: str
    by: Citizen | Officer


async def write_message(command: WriteMessage, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, NothingToWriteTo, TooManyMessages, RoleNotAllowed, MustBeUnrelated."""
    applications, messages, by = Applications(uow), Messages(uow), command.by
    if isinstance(by, Citizen):
        application = await applications.get_for(by, command.application_id)
        unanswered = await messages.unanswered(application.id, application.unanswered_since)
        act = correspondence.write_to_post(application, by=by, unanswered=unanswered, at=uow.at)
    else:
        application, relations = await applications.case_for(by, command.application_id)
        act = correspondence.write_to_citizen(application, by=by, at=uow.at, relations=relations)
    await applications.save(application, act)
    await messages.add(_message(application, command, act))
    return application


def _message(application: Application, command: WriteMessage, act: Act) -> Message:
    return Message(
        id=command.message_id,
        application_id=application.id,
        citizen_id=application.citizen_id,
        post_id=application.post_id,
        written_by=Writer.CITIZEN if isinstance(command.by, Citizen) else Writer.POST,
        by=command.by.id,
        role=act.by.role or "",
        text=command.text,
        at=act.at,
    )
