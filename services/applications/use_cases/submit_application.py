"""A citizen hands in a draft: from now on the post owes an answer."""

from dataclasses import dataclass, replace

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.fees import NO_FEE
from services.applications.domain.filling_acts import must_be_confirmed
from services.applications.domain.journal import ActorRef
from services.applications.fees.term import last_day, told_at, watch_fee
from services.applications.fillings import Fillings
from services.applications.repository import Applications
from services.applications.unusual import note_unusual
from services.applications.use_cases.fees.assess_fee import assessed, keep_fee
from services.applications.use_cases.invite_cosigner import wanted_of
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class SubmitApplication:
    application_id: str
    by: Citizen


async def submit_application(command: SubmitApplication, uow: UnitOfWork, *, acting: ActorRef | None = None) -> Application:
    """acting: an officer who does it with them at the counter.

    Raises ApplicationNotFound, NotADraft, DraftExpired, InvalidInput naming all that is missing or wrong, NotYetConfirmed where
    somebody else must confirm it first.
    """
    applications, catalogue = Applications(uow), the_catalogue()
    application = await applications.get_for(command.by, command.application_id)
    wanted = wanted_of(application, await Fillings(uow).of(application), uow)
    definition = catalogue.service(application.service_id)
    fee = assessed(application, definition, command.by, uow)
    post = catalogue.post(application.post_id)
    pay_by = last_day(post, uow.at)
    act = application.submit(
        by=command.by,
        definition=definition,
        post=post,
        formats=catalogue.formats,
        at=uow.at,
        calendar=catalogue.places.calendars.get(application.post_id),
        fee=fee.state if fee else NO_FEE,
        pay_by=pay_by,
    )
    must_be_confirmed(wanted)
    note_unusual(application, (), uow.at)
    await keep_fee(fee, uow)
    if application.pay_by:
        uow.schedule(watch_fee(application.id, told_at(pay_by, post)))
    await applications.save(application, replace(act, by=acting) if acting else act)
    return application
