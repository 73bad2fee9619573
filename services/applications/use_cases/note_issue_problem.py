"""Issuing was given up until a person steps in: the case says so and stays where it is."""

from dataclasses import dataclass

from services.applications.repository import Applications
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteIssueProblem:
    application_id: str
    reason: str


async def note_issue_problem(command: NoteIssueProblem, uow: UnitOfWork) -> None:
    """Raises ApplicationNotFound, NotAwaitingDocument."""
    applications = Applications(uow)
    application = await applications.get(command.application_id)
    await applications.save(application, application.note_issue_problem(command.reason, at=uow.at))
