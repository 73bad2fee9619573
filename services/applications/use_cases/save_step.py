"""A citizen saves one page of a draft, complete or not. Other pages may have been saved meanwhile, on another device."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.filling_errors import AnswersChanged, UnknownStep
from services.applications.domain.form import check_answers
from services.applications.domain.journal import ActorRef
from services.applications.domain.service_definition import ServiceDefinition, Step
from services.applications.fillings import Fillings
from services.applications.repository import Applications
from shared.actors import Citizen
from shared.errors import FieldError, InvalidInput
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_


@dataclass(frozen=True, slots=True)
class SaveStep:
    """answers: all of this page. expected_version: the one that the writer had seen; None: whatever is there."""

    application_id: str
    step_id: str
    answers: Mapping[str, str]
    expected_version: int | None
    by: Citizen


async def save_step(command: SaveStep, uow: UnitOfWork, *, acting: ActorRef | None = None) -> Application:
    """The same sent twice is saved once. acting: an officer who does it with them at the counter.

    Raises ApplicationNotFound, UnknownStep, NotADraft, DraftExpired, AnswersChanged where this very page was changed since,
    InvalidInput naming each wrong field.
    """
    applications, fillings, catalogue = Applications(uow), Fillings(uow), the_catalogue()
    application = await applications.get_for(command.by, command.application_id)
    application.must_be_own_draft(by=command.by)
    definition = catalogue.service(application.service_id)
    step = _step(definition, command.step_id)
    _must_be_of(step, command.answers)
    post = catalogue.post(application.post_id)
    given = check_answers(command.answers, definition=definition, formats=catalogue.formats, post=post, at=uow.at)
    before = dict(application.answers)
    if given == {key: before[key] for key in step.fields if key in before}:
        return application
    filling = await fillings.of(application)
    if command.expected_version is not None and filling.changed_since(command.expected_version, step.fields):
        held = {key: before.get(key, "") for key in step.fields}
        raise AnswersChanged({"version": application.version, "answers": held})
    others = {key: value for key, value in before.items() if key not in step.fields}
    act = application.save_answers({**others, **given}, by=command.by, at=uow.at)
    filling.note_answers(before, application.answers, version=application.version)
    await applications.save(application, replace(act, by=acting) if act and acting else act)
    await fillings.keep(filling)
    return application


def _step(definition: ServiceDefinition, step_id: str) -> Step:
    found = next((step for step in definition.steps if step.id == step_id), None)
    if found is None:
        raise UnknownStep
    return found


def _must_be_of(step: Step, answers: Mapping[str, str]) -> None:
    strange = [FieldError(f"/answers/{key}", N_("This page has no such question.")) for key in answers if key not in step.fields]
    if strange:
        raise InvalidInput(strange)
