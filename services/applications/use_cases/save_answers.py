"""A citizen saves the answers of a draft, complete or not."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.form import check_answers
from services.applications.fillings import Fillings
from services.applications.repository import Applications
from shared.actors import Citizen
from shared.errors import ConcurrentUpdate
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class SaveAnswers:
    application_id: str
    answers: Mapping[str, str]
    expected_version: int | None  # what the writer had seen; None: whatever is there
    by: Citizen


async def save_answers(command: SaveAnswers, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, NotADraft, ConcurrentUpdate, InvalidInput naming each wrong field."""
    applications, catalogue = Applications(uow), the_catalogue()
    application = await applications.get_for(command.by, command.application_id)
    if command.expected_version not in (None, application.version):
        raise ConcurrentUpdate
    kept = check_answers(
        command.answers,
        definition=catalogue.service(application.service_id),
        formats=catalogue.formats,
        post=catalogue.post(application.post_id),
        at=uow.at,
    )
    before = dict(application.answers)
    if act := application.save_answers(kept, by=command.by, at=uow.at):
        filling = await Fillings(uow).of(application)
        filling.note_answers(before, application.answers, version=application.version)
        await applications.save(application, act)
        await Fillings(uow).keep(filling)
    return application
