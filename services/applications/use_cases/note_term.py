"""The clock looks at a term: at four fifths of it and at its end the officer, the head of the post and the ministry are told."""

from dataclasses import dataclass

from services.applications.repository import Applications
from services.applications.term_watch import term_watch
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteTerm:
    application_id: str


async def note_term(command: NoteTerm, uow: UnitOfWork) -> None:
    """Changes nothing where it was answered meanwhile, waits for somebody else, or was extended. Raises ApplicationNotFound."""
    applications = Applications(uow)
    application = await applications.get(command.application_id)
    await applications.save(application, application.note_term(at=uow.at))
    if application.clock and (again := application.clock.next_look(uow.at, application.term_alarm)):
        uow.schedule(term_watch(application.id, again))
