"""The applicant asks for a code that they give to somebody who must confirm the application as well."""

from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.filling import Filling
from services.applications.domain.filling_acts import Confirming, invite, to_confirm
from services.applications.domain.form import today
from services.applications.fillings import Fillings, hash_of
from services.applications.repository import Applications
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class InviteCosigner:
    """secret: drawn before the transaction; only its hash is kept."""

    application_id: str
    cosigner: str
    secret: str
    by: Citizen


async def invite_cosigner(command: InviteCosigner, uow: UnitOfWork) -> Filling:
    """Raises ApplicationNotFound, NotADraft, DraftExpired, UnknownCosigner, AlreadyConfirmed."""
    applications, fillings = Applications(uow), Fillings(uow)
    application = await applications.get_for(command.by, command.application_id)
    filling = await fillings.of(application)
    wanted = wanted_of(application, filling, uow)
    act = invite(application, filling, wanted, command.cosigner, hash_of(command.secret), by=command.by, at=uow.at)
    await applications.save(application, act)
    await fillings.keep(filling)
    return filling


def wanted_of(application: Application, filling: Filling, uow: UnitOfWork) -> list[Confirming]:
    """Who must confirm it."""
    catalogue = the_catalogue()
    day = today(catalogue.post(application.post_id), uow.at)
    return to_confirm(application, filling, catalogue.definition_of(application), day, uow.at)
