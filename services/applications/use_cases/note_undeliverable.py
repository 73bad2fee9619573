"""A message to the citizen did not arrive: the journal says so."""

from dataclasses import dataclass

from services.applications.repository import Applications
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteUndeliverable:
    application_id: str
    reason: str


async def note_undeliverable(command: NoteUndeliverable, uow: UnitOfWork) -> None:
    """Raises ApplicationNotFound."""
    applications = Applications(uow)
    application = await applications.get(command.application_id)
    await applications.save(application, application.note_undeliverable(command.reason, at=uow.at))
