"""A citizen starts a draft. It is closed again when it is left for too long."""

from dataclasses import dataclass
from datetime import timedelta

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.offering_places import must_be_offered
from services.applications.queue.closures import must_be_open
from services.applications.repository import Applications
from services.applications.use_cases.note_assurance import noted_last
from shared.actors import Citizen
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

EXPIRE_DRAFT = "expire_draft"


@dataclass(frozen=True, slots=True)
class StartApplication:
    application_id: str
    reference: str
    service_id: str
    post_id: str
    language: str
    by: Citizen
    lives_in: tuple[str, str | None] | None = None  # country and region: looked at, not kept


async def start_application(command: StartApplication, uow: UnitOfWork) -> Application:
    """Raises UnknownService, UnknownPost, NotOfferedThere, NotTheirPost, PostIsClosed."""
    definition, post = the_catalogue().service(command.service_id), the_catalogue().post(command.post_id)
    must_be_offered(definition, post, the_catalogue().places, lives_in=command.lives_in)
    await must_be_open(post.id, uow)
    application, act = Application.start(
        command.application_id,
        command.reference,
        by=command.by,
        language=command.language,
        definition=definition,
        post=post,
        at=uow.at,
    )
    application.assurance, application.assurance_sequence = await noted_last(command.by.id, uow)
    await Applications(uow).add(application, act)
    closes_at = uow.at + timedelta(days=definition.draft_lifetime_days.value)
    uow.schedule(NewJob(EXPIRE_DRAFT, application.id, closes_at, {"application_id": application.id}))
    return application
