"""A second officer decides: approve, refuse with a reason, or send back to the first one."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from services.applications.catalogue import the_catalogue
from services.applications.catalogue.casework import casework
from services.applications.domain.application import Application
from services.applications.domain.form import today
from services.applications.domain.journal import Act
from services.applications.domain.relations import Relations
from services.applications.domain.service_definition import ServiceDefinition
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
    definition = the_catalogue().definition_of(application)
    reason = command.reason or ""
    if command.outcome == "send_back":
        return application.send_back(reason, by=command.by, definition=definition, at=uow.at, relations=relations)
    until = appeal_until(application, definition, reason, uow.at)
    return application.refuse(reason, by=command.by, definition=definition, at=uow.at, relations=relations, appeal_until=until)


def appeal_until(application: Application, definition: ServiceDefinition, reason: str, at: datetime) -> date:
    """The last day on which a refusal of this moment can be appealed, in the calendar of the post."""
    given = definition.refusal_reason(reason)
    days = (given.appeal_days if given else None) or casework().appeal.days
    return today(the_catalogue().post(application.post_id), at) + timedelta(days=days)
