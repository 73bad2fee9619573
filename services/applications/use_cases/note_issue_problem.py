"""Issuing was given up until a person steps in: the case says so and stays where it is."""

from dataclasses import dataclass

from services.applications.repository import Applications
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class NoteIssueProblem:
    application_id: str
    reason: str
    document_version: int


async def note_issue_problem(command: NoteIssueProblem, uow: UnitOfWork) -> None:
    """A problem older than what was told before changes nothing. Raises ApplicationNotFound, NotAwaitingDocument."""
    applications = Applications(uow)
    application = await applications.get(command.application_id)
    act = application.note_issue_problem(command.reason, at=uow.at, document_version=command.document_version)
    await applications.save(application, act)
