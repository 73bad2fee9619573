"""What becomes of a thing that is there: it arrives, is sent, is corrected, or is annulled."""

from collections.abc import Mapping
from datetime import datetime

from services.applications.domain import authority, errors, life_errors
from services.applications.domain.application import Application
from services.applications.domain.asked import ANSWERS, OTHER, Mark, opened_by
from services.applications.domain.case import Annulment, Mail
from services.applications.domain.form import check_changed
from services.applications.domain.journal import Act, Action, officer
from services.applications.domain.relations import NONE_DECLARED, Relations
from services.applications.domain.service_definition import Formats, Post, ServiceDefinition
from services.applications.domain.status import Status
from services.applications.domain.transitions import AFTER_CORRECTION
from shared.actors import Officer
from shared.contracts import applications as events
from shared.contracts.applications import OutcomeKind


def record_arrival(case: Application, *, by: Officer, at: datetime) -> Act:
    """What another body made is at the post. Raises NotAwaitingArrival, FeeNotPaid."""
    role = authority.to_record_arrival(case, by, NONE_DECLARED)
    case._must_be_paid()
    case.ready_at = at
    event = case._event(events.ApplicationArrived, at)
    return case._done(Action.RECORD_ARRIVAL, officer(by, role), at, event, to=Status.READY)


def record_sent(case: Application, carrier: str, *, by: Officer, at: datetime) -> Act:
    """By mail, in place of a hand-over. Raises what handing over does."""
    role = authority.to_hand_over(case, by, NONE_DECLARED)
    case._must_be_paid()
    if not case.assurance.reaches(case.handed_over_from):
        raise errors.PapersNotSeen
    case.mail = Mail(carrier, at)
    event = case._event(events.ApplicationSent, at, carrier=carrier)
    return case._done(Action.RECORD_SENT, officer(by, role), at, event, reason=carrier, to=Status.SENT)


def correct(
    case: Application,
    answers: Mapping[str, str],
    reason: str,
    *,
    by: Officer,
    definition: ServiceDefinition,
    post: Post,
    formats: Formats,
    at: datetime,
    relations: Relations = NONE_DECLARED,
) -> Act:
    """A mistake in what was issued: the answers are put right, and it is issued anew as the next revision.

    answers: those that are wrong, as they should be. reason: a code. Raises MayNotChangeIssued, NotIssued, AfterIssueByAnother,
    NothingCorrected, InvalidInput, FeeNotPaid.
    """
    role = authority.to_change_issued(case, by, relations)
    case._must_be_paid()  # a further revision is issued; what is no longer good can be annulled
    right = {key: value for key, value in answers.items() if value != case.answers.get(key, "")}
    if not right:
        raise life_errors.NothingCorrected
    if unknown := [ANSWERS + key for key in right if definition.field(key) is None]:
        raise life_errors.NotMarked(unknown)
    changeable = opened_by([Mark(ANSWERS + key, OTHER) for key in right], definition)
    case.answers = check_changed(
        {**case.answers, **right},
        changeable,
        attachments=case.attachments,
        definition=definition,
        formats=formats,
        post=post,
        at=at,
    )
    case.applicant = case.answers[definition.holder_field("name").key]
    case.revision += 1
    case.document_version = 0  # of the document that follows nothing was told yet
    case.ready_at = case.handed_over_at = case.mail = None
    if case.outcome is OutcomeKind.PRINT_ON_BLANK:
        case.blank_number = None  # a blank that was printed on is spent
    to = AFTER_CORRECTION[case.outcome]
    event = case._event(events.ApplicationCorrected, at, outcome=case.outcome, revision=case.revision, reason=reason)
    return case._done(Action.CORRECT, officer(by, role), at, event, reason=reason, to=to)


def annul(case: Application, reason: str, *, by: Officer, at: datetime, relations: Relations = NONE_DECLARED) -> Act:
    """What was issued is no longer good. reason: a code of catalogue/casework.toml. Raises MayNotChangeIssued, NotIssued,
    AfterIssueByAnother."""
    role = authority.to_change_issued(case, by, relations)
    case.annulled = Annulment(reason, by.id, at)
    event = case._event(events.ApplicationAnnulled, at, reason=reason)
    return case._done(Action.ANNUL, officer(by, role), at, event, reason=reason, to=Status.ANNULLED)
