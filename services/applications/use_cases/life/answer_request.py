"""A citizen changes what the post marked, and hands it in again; or does nothing until the time is over."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.applications.catalogue import the_catalogue
from services.applications.domain import asking
from services.applications.domain.application import Application
from services.applications.domain.filling_acts import must_be_confirmed
from services.applications.fillings import Fillings
from services.applications.repository import Applications
from services.applications.use_cases.life.count_changes import count_changes
from services.applications.use_cases.life.write_message import WriteMessage, write_message
from shared.actors import Citizen
from shared.errors import ConcurrentUpdate
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ChangeAskedAnswers:
    """answers: those that change; an empty one is taken back. expected_version: what the writer had seen, if that matters."""

    application_id: str
    answers: Mapping[str, str]
    expected_version: int | None
    by: Citizen


@dataclass(frozen=True, slots=True)
class HandInAgain:
    """note: why nothing needs to be changed; it is a message to the post, with this id."""

    application_id: str
    by: Citizen
    note: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class EndRequest:
    """version: of the case when it was asked."""

    application_id: str
    version: int


async def change_asked_answers(command: ChangeAskedAnswers, uow: UnitOfWork) -> Application:
    """What was confirmed or compared of the answers before, must be confirmed and compared anew. Raises ApplicationNotFound,
    NothingAsked, ConcurrentUpdate, NotMarked, InvalidInput."""
    applications, fillings, catalogue = Applications(uow), Fillings(uow), the_catalogue()
    application = await applications.get_for(command.by, command.application_id)
    if command.expected_version not in (None, application.version):
        raise ConcurrentUpdate
    before = dict(application.answers)
    act = asking.change_what_was_asked(
        application,
        command.answers,
        by=command.by,
        definition=catalogue.definition_of(application),
        post=catalogue.post(application.post_id),
        formats=catalogue.formats,
        at=uow.at,
    )
    if act:
        filling = await fillings.of(application)
        filling.note_answers(before, application.answers, version=application.version)
        await applications.save(application, act)
        await fillings.keep(filling)
    return application


async def hand_in_again(command: HandInAgain, uow: UnitOfWork) -> Application:
    """Raises ApplicationNotFound, NothingAsked, InvalidInput naming all that is missing or wrong, NothingChanged,
    TooManyMessages, NotYetConfirmed where somebody else must confirm what was changed."""
    applications, catalogue = Applications(uow), the_catalogue()
    application = await applications.get_for(command.by, command.application_id)
    asking.must_be_asked(application, by=command.by)
    if command.note:
        application = await write_message(WriteMessage(application.id, command.message_id, command.note, command.by), uow)
    changes = await count_changes(application, uow)
    act = asking.hand_in_again(
        application,
        by=command.by,
        definition=catalogue.definition_of(application),
        post=catalogue.post(application.post_id),
        formats=catalogue.formats,
        at=uow.at,
        owed=changes.owed,
        explained=bool(command.note),
    )
    must_be_confirmed(changes.wanted)
    changes.note(application, uow)
    await applications.save(application, act)
    return application


async def end_request(command: EndRequest, uow: UnitOfWork) -> None:
    """Of the clock. Changes nothing where that question is not open any more. Raises ApplicationNotFound."""
    applications = Applications(uow)
    application = await applications.get(command.application_id)
    if not asking.is_open(application, command.version):
        return
    changes = await count_changes(application, uow)
    act = asking.run_out(application, command.version, at=uow.at, owed=changes.owed)
    changes.note(application, uow)
    await applications.save(application, act)
