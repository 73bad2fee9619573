"""The officer who took an application proposes how to decide it."""

from dataclasses import dataclass
from typing import Literal

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.journal import Act
from services.applications.domain.relations import Relations
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ProposeDecision:
    application_id: str
    outcome: Literal["approve", "refuse"]
    reason: str | None
    by: Officer


async def propose_decision(command: ProposeDecision, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, WithdrawnByCitizen, NotInReview, NotTheClaimer, MustBeUnrelated,
    InvalidReason."""
    applications = Applications(uow)
    application, relations = await applications.case_for(command.by, command.application_id)
    await applications.save(application, _propose(application, command, uow, relations))
    return application


def _propose(application: Application, command: ProposeDecision, uow: UnitOfWork, relations: Relations) -> Act:
    if command.outcome == "approve":
        return application.propose_approval(by=command.by, at=uow.at, relations=relations)
    definition = the_catalogue().definition_of(application)
    return application.propose_refusal(command.reason or "", by=command.by, definition=definition, at=uow.at, relations=relations)
