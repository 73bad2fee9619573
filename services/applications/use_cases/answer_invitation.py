"""Somebody else, from their own account, confirms an application that names them, or says no."""

from dataclasses import dataclass
from typing import Literal

from services.applications.domain.application import Application
from services.applications.domain.filling_acts import answer, note_confirming
from services.applications.domain.filling_errors import NoSuchInvitation
from services.applications.fillings import Fillings, hash_of
from services.applications.repository import Applications
from services.applications.use_cases.invite_cosigner import wanted_of
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class AnswerInvitation:
    """seen: the version of the application that was shown to them."""

    code: str
    decision: Literal["confirmed", "declined"]
    seen: int
    by: Citizen


async def answer_invitation(command: AnswerInvitation, uow: UnitOfWork) -> Application:
    """Raises NoSuchInvitation, MayNotConfirmOwn, ConfirmedAsAnother, ChangedBeforeConfirmation, NotADraft."""
    applications, fillings = Applications(uow), Fillings(uow)
    secret = hash_of(command.code)
    filling = await fillings.invited_by(secret)
    if filling is None:
        raise NoSuchInvitation
    application = await applications.get(filling.id)
    if act := answer(application, filling, secret, command.decision, seen=command.seen, by=command.by, at=uow.at):
        note_confirming(application, wanted_of(application, filling, uow))
        await applications.save(application, act)
        await fillings.keep(filling)
    return application
