"""What was issued is corrected, and issued anew; or it is annulled."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.catalogue.casework import casework, choice
from services.applications.domain import after_issue
from services.applications.domain.application import Application
from services.applications.domain.errors import InvalidReason
from services.applications.queue.closures import Closures, look_again
from services.applications.repository import Applications
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class CorrectIssued:
    """answers: those that are wrong, as they should be."""

    application_id: str
    answers: Mapping[str, str]
    reason: str
    by: Officer


@dataclass(frozen=True, slots=True)
class AnnulIssued:
    application_id: str
    reason: str
    by: Officer


async def correct_issued(command: CorrectIssued, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, MayNotChangeIssued, SecondFactorNeeded, NotIssued, AfterIssueByAnother, MustBeUnrelated,
    NothingCorrected, InvalidInput."""
    applications, catalogue = Applications(uow), the_catalogue()
    application, relations = await applications.case_for(command.by, command.application_id)
    act = after_issue.correct(
        application,
        command.answers,
        command.reason,
        by=command.by,
        definition=catalogue.definition_of(application),
        post=catalogue.post(application.post_id),
        formats=catalogue.formats,
        at=uow.at,
        relations=relations,
    )
    if choice(casework().corrections, command.reason) is None:
        raise InvalidReason("/reason")
    await applications.save(application, act)
    closure = await Closures(uow).find({"_id": application.post_id})
    if closure is not None and closure.is_closed:  # nobody is there any more to print it, or to see it through
        await look_again(closure, uow)
    return application


async def annul_issued(command: AnnulIssued, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, MayNotChangeIssued, SecondFactorNeeded, NotIssued, AfterIssueByAnother, MustBeUnrelated,
    InvalidReason."""
    applications = Applications(uow)
    application, relations = await applications.case_for(command.by, command.application_id)
    act = after_issue.annul(application, command.reason, by=command.by, at=uow.at, relations=relations)
    if choice(casework().annulments, command.reason) is None:
        raise InvalidReason("/reason")
    await applications.save(application, act)
    return application
