"""The term is extended, with a reason, where the law of the service allows it."""

from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.repository import Applications
from services.applications.term_watch import term_watch
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ExtendTerm:
    application_id: str
    days: int
    reason: str
    by: Officer


async def extend_term(command: ExtendTerm, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, RoleNotAllowed, NotTheClaimer, NoClockRuns, MayNotBeExtended, TermIsOver, InvalidReason."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    definition = the_catalogue().definition_of(application)
    act = application.extend_term(command.days, command.reason, by=command.by, definition=definition, at=uow.at)
    await applications.save(application, act)
    if application.clock and (look := application.clock.next_look(uow.at, application.term_alarm)):
        uow.schedule(term_watch(application.id, look))  # what waits already looks too early, and waits again
    return application
