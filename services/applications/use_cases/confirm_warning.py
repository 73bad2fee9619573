"""An officer has compared something unusual with the paper: it holds nobody up any more."""

from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.filling_acts import confirm_warning as confirm
from services.applications.domain.form import today
from services.applications.fillings import Fillings
from services.applications.records import otherwise_recorded
from services.applications.repository import Applications
from services.applications.unusual import note_unusual, unusual_in
from shared.actors import Officer
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ConfirmWarning:
    application_id: str
    pointer: str
    code: str
    by: Officer


async def confirm_warning(command: ConfirmWarning, uow: UnitOfWork) -> Application:
    """Once, however often it is said. Raises ApplicationNotFound, RoleNotAllowed, SecondFactorNeeded, NoSuchWarning."""
    applications, fillings, catalogue = Applications(uow), Fillings(uow), the_catalogue()
    application = await applications.get_for(command.by, command.application_id)
    definition = catalogue.definition_of(application)
    day = today(catalogue.post(application.post_id), uow.at)
    recorded = await otherwise_recorded(uow.db, application, definition, uow.session)
    known = {oddity.name for oddity in (*unusual_in(application, definition, day), *recorded)}
    filling = await fillings.of(application)
    wanted = f"{command.code} {command.pointer}"
    if act := confirm(application, filling, wanted, known, by=command.by, at=uow.at):
        note_unusual(application, filling.confirmed, uow.at)
        await applications.save(application, act)
        await fillings.keep(filling)
    return application
