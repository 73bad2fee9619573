"""What happens to a draft besides its answers: others are asked to confirm it and say yes or no, an officer helps or compares."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from services.applications.domain import errors as case_errors
from services.applications.domain import filling_errors as errors
from services.applications.domain.application import Application
from services.applications.domain.authority import COUNTER_ROLES
from services.applications.domain.filling import Filling
from services.applications.domain.form import applying_answers
from services.applications.domain.journal import Act, Action, ActorRef, citizen, officer
from services.applications.domain.service_definition import CoSigner, ServiceDefinition
from services.applications.domain.status import Status
from services.applications.domain.transitions import CONFIRMED_IN
from shared.actors import Assurance, Citizen, Officer
from shared.contracts.applications import ApplicationCosignatureAnswered, Confirmed
from shared.errors import SecondFactorNeeded

CosignerState = Literal["to_invite", "invited", "run_out", "confirmed", "changed", "declined"]
HELPED_FOR = timedelta(hours=4)  # who comes again on another day shows the sheet again
COSIGNER = "cosigner"  # a role of the journal


@dataclass(frozen=True, slots=True)
class Confirming:
    """Who else must confirm, and how far that is. name: as the applicant wrote it."""

    cosigner: CoSigner
    name: str
    state: CosignerState
    invited_at: datetime | None = None
    answered_at: datetime | None = None
    assurance: Assurance | None = None


def to_confirm(
    application: Application, filling: Filling, definition: ServiceDefinition, day: date, at: datetime
) -> list[Confirming]:
    """Everybody who must, by the answers of now. day: today at the post."""
    answers = applying_answers(definition, application.answers, day)
    wanted = [each for each in definition.cosigners if all(condition.holds(answers, day) for condition in each.needed)]
    return [_confirming(each, answers.get(each.name_field, ""), filling, at) for each in wanted]


def _confirming(cosigner: CoSigner, name: str, filling: Filling, at: datetime) -> Confirming:
    found = filling.cosignature(cosigner.code)
    if found is None:
        return Confirming(cosigner, name, "to_invite")
    state: CosignerState = found.state
    if found.state == "confirmed" and not filling.is_confirmed(cosigner.code):
        state = "changed"
    if found.is_over(at):
        state = "run_out"
    return Confirming(cosigner, name, state, found.invited_at, found.at, found.assurance)


def can_invite(application: Application) -> bool:
    """Whether others can be asked and heard now."""
    return application.can_be_confirmed and application.status in CONFIRMED_IN


def is_unconfirmed(wanted: Collection[Confirming]) -> bool:
    return any(each.state != "confirmed" for each in wanted)


def must_be_confirmed(wanted: Collection[Confirming]) -> None:
    """Raises NotYetConfirmed."""
    if is_unconfirmed(wanted):
        raise errors.NotYetConfirmed


def invite(
    application: Application,
    filling: Filling,
    wanted: Collection[Confirming],
    cosigner: str,
    secret: str,
    *,
    by: Citizen,
    at: datetime,
) -> Act:
    """While it can change, and while the post waits for what was changed to be confirmed: who must may be another by then. Raises
    ApplicationNotFound, NotADraft, DraftExpired, UnknownCosigner, AlreadyConfirmed."""
    application.must_be_seen_by(by)
    if not can_invite(application):
        application.must_take_change(None, by=by)
    if cosigner not in {each.cosigner.code for each in wanted}:
        raise errors.UnknownCosigner
    filling.invite(cosigner, secret, at=at)
    return application._done(Action.INVITE_COSIGNER, citizen(by), at, reason=cosigner)


def answer(
    application: Application,
    filling: Filling,
    secret: str,
    decision: Literal["confirmed", "declined"],
    *,
    seen: int,
    by: Citizen,
    at: datetime,
) -> Act | None:
    """None: they said so before. Raises NoSuchInvitation, MayNotConfirmOwn, ConfirmedAsAnother, ChangedBeforeConfirmation,
    NotADraft: what they confirmed is handed in, and nothing of it was changed since."""
    found = filling.invited_by(secret, by=by.id, at=at)
    if not can_invite(application):
        raise case_errors.NotADraft
    if not filling.answer(secret, decision, seen=seen, version=application.version + 1, by=by, at=at):
        return None
    action = Action.COSIGN if decision == "confirmed" else Action.DECLINE_TO_COSIGN
    event = application._event(
        ApplicationCosignatureAnswered, at, decision=decision, of=Confirmed.DRAFT if application.can_change else Confirmed.CASE
    )
    return application._done(action, ActorRef("citizen", by.id, COSIGNER), at, event, reason=found.cosigner)


def note_confirming(application: Application, wanted: Collection[Confirming]) -> None:
    """Of what the post has: whether somebody must still confirm what was changed. A draft is asked when it is handed in."""
    if not application.can_change:
        application.turn = replace(application.turn, unconfirmed=is_unconfirmed(wanted)).now(application)


def confirm_warning(
    application: Application, filling: Filling, warning: str, known: Collection[str], *, by: Officer, at: datetime
) -> Act | None:
    """An officer compared it with the paper. None: somebody had. Raises NoSuchWarning, RoleNotAllowed."""
    role = at_counter(application.post_id, by)
    if warning not in known:
        raise errors.NoSuchWarning
    if not filling.confirm_warning(warning):
        return None
    return application._done(Action.CONFIRM_WARNING, officer(by, role), at, reason=warning.partition(" ")[0])


def at_counter(post_id: str, by: Officer) -> str:
    """The role that allows it. Raises RoleNotAllowed, SecondFactorNeeded."""
    role = next((role for role in COUNTER_ROLES if role in by.roles_at(post_id)), None)
    if role is None:
        raise case_errors.RoleNotAllowed
    if not by.second_factor:
        raise SecondFactorNeeded
    return role


def begin_helping(
    application: Application,
    filling: Filling,
    how: Literal["code", "counter", "sheet"],
    *,
    by: Officer,
    at: datetime,
    assurance: Assurance | None = None,
) -> Act:
    """An officer fills in with the citizen at the counter. assurance: what identity knows of who that is, where it said so.

    Raises NotADraft, RoleNotAllowed, SecondFactorNeeded.
    """
    role = at_counter(application.post_id, by)
    if application.status is not Status.DRAFT:
        raise case_errors.NotADraft
    application.assurance = assurance or application.assurance
    filling.assist(by.id, application.post_id, how, at=at)
    return application._done(Action.ASSIST, officer(by, role), at, reason=how)


def must_be_helping(application: Application, filling: Filling, *, by: Officer, at: datetime) -> str:
    """The role that allows it. Raises NotAssisted: another officer, another day, or no draft any more; RoleNotAllowed."""
    helped = filling.assisted
    if helped is None or helped.by != by.id or at >= helped.since + HELPED_FOR or application.status is not Status.DRAFT:
        raise errors.NotAssisted
    return at_counter(application.post_id, by)
