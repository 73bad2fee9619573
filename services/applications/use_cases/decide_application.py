"""A second officer decides: approve, refuse with a reason, or send back to the first one."""

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
class DecideApplication:
    application_id: str
    outcome: Literal["approve", "refuse", "send_back"]
    reason: str | None
    by: Officer


async def decide_application(command: DecideApplication, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, SecondFactorNeeded, AlreadyDecided, WithdrawnByCitizen, NotProposed,
    MustBeAnotherOfficer, MustBeUnrelated, ProposerMustBeReplaced, InvalidReason, DecisionDiffersFromProposal."""
    applications = Applications(uow)
    application, relations = await applications.case_for(command.by, command.application_id)
    await applications.save(application, _decide(application, command, uow, relations))
    return application


def _decide(application: Application, command: DecideApplication, uow: UnitOfWork, relations: Relations) -> Act:
    if command.outcome == "approve":
        return application.approve(by=command.by, at=uow.at, relations=relations)
    definition = the_catalogue().version(application.service_id, application.service_version)
    act = application.refuse if command.outcome == "refuse" else application.send_back
    return act(command.reason or "", by=command.by, definition=definition, at=uow.at, relations=relations)
