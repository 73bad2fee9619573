"""What happens to a case in the queue besides being taken and given back: it is assigned, its claim runs out, it moves."""

from datetime import datetime

from services.applications.domain import errors
from services.applications.domain.application import Application
from services.applications.domain.journal import CLOCK, Act, Action, officer
from services.applications.domain.queue_errors import MayNotAssign, NotAssignable
from services.applications.domain.relations import Relations
from services.applications.domain.service_definition import Post
from services.applications.domain.status import GIVEN, Status
from shared.actors import Officer
from shared.contracts.applications import ApplicationMoved, MovedAs, OutcomeKind
from shared.errors import NotAllowedNow, SecondFactorNeeded

ASSIGNABLE = (Status.SUBMITTED, Status.IN_REVIEW)
BACK_TO_THE_QUEUE = (Status.IN_REVIEW, Status.PROPOSED)  # whoever had it is not at the other post
DESPITE_SKILLS = "despite-skills"
STAYS = (Status.REFUSED, Status.WITHDRAWN, Status.EXPIRED, Status.ANNULLED)


def to_take(by: Officer) -> None:
    """What is next, whatever it is. Raises MayNotReview, SecondFactorNeeded."""
    if "intake" in by.roles:
        return
    if "deciding" not in by.roles:
        raise errors.MayNotReview
    if not by.second_factor:
        raise SecondFactorNeeded


def to_assign(case: Application, by: Officer) -> str:
    """Only a head of its post, with a second factor."""
    case.must_be_seen_by(by)
    if "head" not in by.roles_at(case.post_id):
        raise MayNotAssign
    if case.status not in ASSIGNABLE:
        raise NotAssignable
    if not by.second_factor:
        raise SecondFactorNeeded
    return "head"


def assign(
    case: Application, to: str, *, by: Officer, at: datetime, relations: Relations, despite_skills: bool = False
) -> Act | None:
    """Give it to an officer of the post, whoever had it. relations: of that officer. despite_skills: the head confirmed that
    they do it without being marked as able to, which the journal keeps. None: they have it already.

    Raises MayNotAssign, NotAssignable, MustBeUnrelated where the officer knows the citizen.
    """
    role = to_assign(case, by)
    if case.claimed_by == to:
        return None
    if relations.between(to, case.citizen_id):
        raise errors.MustBeUnrelated
    case.claimed_by, case.turn = to, case.turn.taken()
    reason = DESPITE_SKILLS if despite_skills else None
    return case._done(Action.ASSIGN, officer(by, role), at, reason=reason, to=Status.IN_REVIEW)


def run_out(case: Application, claimed_by: str, since: datetime, *, at: datetime) -> Act | None:
    """Nobody worked on it for as long as a claim holds: back to all. None: that claim ended otherwise."""
    if case.status is not Status.IN_REVIEW or case.claimed_by != claimed_by or case.status_since != since:
        return None
    case.turn = case.turn.given_back(claimed_by, at)
    case.claimed_by = None
    return case._done(Action.CLAIM_RAN_OUT, CLOCK, at, to=Status.SUBMITTED)


def is_over(case: Application) -> bool:
    """Whether its citizen has what was issued. Somebody must still be there to correct or annul that."""
    return case.status in GIVEN or (case.status is Status.READY and case.outcome is OutcomeKind.DIGITAL_DOCUMENT)


def move(case: Application, to: Post, *, closure: str, at: datetime) -> Act | None:
    """Its post was closed: it goes on at another one, with its fee, its clock and what is kept of it as they are.

    What was issued goes too: who heads that post answers for it now. None: it is there, or ended. Raises BeingIssued while its
    document is made, which takes seconds.
    """
    if case.post_id == to.id or case.status in STAYS:
        return None
    if case.status is Status.APPROVED and case.issue_problem is None:
        raise BeingIssued
    from_post = case.post_id
    case.post_id, case.deciding_at = to.id, to.decisions_at
    action, back = Action.MOVE, None
    if case.status in BACK_TO_THE_QUEUE:
        case.proposal, action, back = None, Action.MOVE_TO_QUEUE, Status.SUBMITTED
    if case.decided_at is None:
        case.claimed_by, case.turn = None, case.turn.taken()  # nobody there has given it back
    moved_as = MovedAs.OVER if is_over(case) else MovedAs.GOING_ON
    event = case._event(ApplicationMoved, at, from_post_id=from_post, closure_id=closure, moved_as=moved_as)
    return case._done(action, CLOCK, at, event, reason=to.id, to=back)


class BeingIssued(NotAllowedNow):
    code = "being-issued"
