"""The officer who has a case asks its citizen to change what is marked; or takes that back."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.catalogue.casework import casework
from services.applications.domain import asking
from services.applications.domain.application import Application
from services.applications.domain.asked import Mark
from services.applications.repository import Applications
from services.applications.use_cases.life.count_changes import count_changes
from shared.actors import Officer
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

REQUEST_RUNS_OUT = "papers_request_runs_out"


@dataclass(frozen=True, slots=True)
class RequestPapers:
    application_id: str
    marks: tuple[Mark, ...]
    words: Mapping[str, str]  # beside a mark, by pointer
    by: Officer


@dataclass(frozen=True, slots=True)
class TakeBackRequest:
    application_id: str
    by: Officer


async def request_papers(command: RequestPapers, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NotInReview, NotTheClaimer, MustBeUnrelated, NothingMarked, UnknownMark,
    WordsNeeded."""
    applications = Applications(uow)
    application, relations = await applications.case_for(command.by, command.application_id)
    until = uow.at + casework().time_to_change
    act = asking.request_papers(
        application,
        command.marks,
        command.words,
        by=command.by,
        definition=the_catalogue().definition_of(application),
        until=until,
        at=uow.at,
        relations=relations,
    )
    await applications.save(application, act)
    data: dict[str, str | int] = {"application_id": application.id, "version": application.version}
    uow.schedule(NewJob(REQUEST_RUNS_OUT, f"{application.id}:{application.version}", until, data))
    return application


async def take_back_request(command: TakeBackRequest, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NothingAsked, NotTheClaimer."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    changes = await count_changes(application, uow)
    act = asking.take_back_request(application, by=command.by, at=uow.at, owed=changes.owed)
    changes.note(application, uow)
    await applications.save(application, act)
    return application
