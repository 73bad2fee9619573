"""An officer begins an application with somebody at the counter, or goes on with the draft whose sheet they brought."""

from dataclasses import dataclass, replace
from datetime import timedelta

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.errors import NoSuchReference
from services.applications.domain.filling import Filling
from services.applications.domain.filling_acts import at_counter, begin_helping
from services.applications.domain.journal import officer
from services.applications.domain.offering_places import NotOfferedThere
from services.applications.domain.status import Status
from services.applications.fillings import Fillings
from services.applications.queue.closures import must_be_open
from services.applications.repository import Applications
from services.applications.use_cases.start_application import EXPIRE_DRAFT
from shared.actors import CounterGrant, Officer
from shared.jobs.job import NewJob
from shared.mongo.sealing import key_for
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class BeginAtCounter:
    """grant: identity's word for whom. language: of the paper."""

    application_id: str
    reference: str
    service_id: str
    post_id: str
    language: str
    grant: CounterGrant
    by: Officer


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """case_id: of the reference, read before the transaction."""

    case_id: str
    by: Officer


async def begin_at_counter(command: BeginAtCounter, uow: UnitOfWork) -> Application:
    """Who stands there is told at the counter whether they may apply there: where they live is not asked of them by us. Raises
    RoleNotAllowed, SecondFactorNeeded, UnknownService, UnknownPost, NotOfferedThere, PostIsClosed."""
    definition, post = the_catalogue().service(command.service_id), the_catalogue().post(command.post_id)
    role = at_counter(post.id, command.by)
    if not post.offers(definition.id, definition.posts):
        raise NotOfferedThere
    await must_be_open(post.id, uow)
    person = command.grant.person
    await key_for(uow, person.id)
    application, act = Application.start(
        command.application_id,
        command.reference,
        by=person,
        language=command.language,
        definition=definition,
        post=post,
        at=uow.at,
    )
    await Applications(uow).add(application, replace(act, by=officer(command.by, role)))
    closes_at = uow.at + timedelta(days=definition.draft_lifetime_days.value)
    uow.schedule(NewJob(EXPIRE_DRAFT, application.id, closes_at, {"application_id": application.id}))
    filling = Filling(application.id, application.citizen_id)
    helped = begin_helping(application, filling, command.grant.how, by=command.by, at=uow.at, assurance=person.assurance)
    await Applications(uow).save(application, helped)
    await Fillings(uow).keep(filling)
    return application


async def open_sheet(command: OpenSheet, uow: UnitOfWork) -> Application:
    """Whoever shows the sheet of a draft is helped with it. Raises NoSuchReference, also where it is of another post,
    SecondFactorNeeded."""
    applications, fillings = Applications(uow), Fillings(uow)
    application = await applications.get(command.case_id)
    if application.status is not Status.DRAFT or not command.by.roles_at(application.post_id):
        raise NoSuchReference
    filling = await fillings.of(application)
    act = begin_helping(application, filling, "sheet", by=command.by, at=uow.at)
    await applications.save(application, act)
    await fillings.keep(filling)
    return application
