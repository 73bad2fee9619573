"""Which officer may do what with a case now: the role that allows it, or the reason why not.

Each act asks its function here first, and a page is told the same by domain/permissions.py. A case is seen at its post, by
the ministry, and, from its proposal on, where its decision was given to.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from services.applications.domain import errors, life_errors
from services.applications.domain.fee_errors import CaseClosed
from services.applications.domain.relations import MINISTRY as _MINISTRY
from services.applications.domain.relations import Relation, Relations
from services.applications.domain.status import DECIDED, GIVEN, ISSUED, Status
from services.applications.domain.transitions import ENDS, NOT_PAID_FOR
from shared.actors import NEED_SECOND_FACTOR, POST_ROLES, Officer
from shared.contracts.applications import OutcomeKind
from shared.errors import SecondFactorNeeded

if TYPE_CHECKING:
    from services.applications.domain.application import Application

MINISTRY = _MINISTRY  # a place that a decision can be given to, and the role that decides there
REVIEWING_ROLES = ("intake", "deciding")
DECIDING_ROLES = ("deciding", "head")
COUNTER_ROLES = ("intake", "deciding", "head")
SEEN_WHERE_IT_IS_DECIDED = (Status.PROPOSED, *DECIDED, Status.ANNULLED)


def sees(by: Officer, *, post_id: str, deciding_at: str | None, status: Status, handed_in: bool) -> bool:
    """handed_in: also where its fee was never paid and it is closed; a draft, closed or not, is its citizen's."""
    if status is Status.DRAFT or (status is Status.EXPIRED and not handed_in):
        return False
    if by.is_ministry or by.roles_at(post_id) & POST_ROLES:
        return True
    given = deciding_at is not None and deciding_at != MINISTRY and bool(by.roles_at(deciding_at) & set(DECIDING_ROLES))
    return given and status in SEEN_WHERE_IT_IS_DECIDED


def to_claim(case: "Application", by: Officer, relations: Relations) -> str:
    role = _role_at_post(case, by, REVIEWING_ROLES, errors.MayNotReview)
    if case.status in (Status.IN_REVIEW, Status.PROPOSED):
        raise errors.AlreadyClaimed
    if case.status is not Status.SUBMITTED:
        raise errors.NotClaimable
    _must_not_know_the_citizen(case, by, relations)
    return role


def to_propose(case: "Application", by: Officer, relations: Relations) -> str:
    role = _role_at_post(case, by, REVIEWING_ROLES, errors.MayNotReview)
    if case.status is Status.WITHDRAWN:
        raise errors.WithdrawnByCitizen
    if case.status is not Status.IN_REVIEW:
        raise errors.NotInReview
    if by.id != case.claimed_by:
        raise errors.NotTheClaimer
    _must_not_know_the_citizen(case, by, relations)
    return role


def to_release(case: "Application", by: Officer, _relations: Relations) -> str:
    role = _role_at_post(case, by, COUNTER_ROLES)
    if case.status is not Status.IN_REVIEW:
        raise errors.NotReleasable
    if by.id == case.claimed_by:
        return role
    if "head" not in by.roles_at(case.post_id):
        raise errors.MayNotRelease
    return _strong(by, "head")


def to_extend_term(case: "Application", by: Officer, _relations: Relations) -> str:
    """Who took the case, or the head of its post, while nothing is decided."""
    role = _role_at_post(case, by, COUNTER_ROLES)
    if case.status not in (Status.IN_REVIEW, Status.PROPOSED):
        raise errors.NotInReview
    if by.id == case.claimed_by:
        return role
    if "head" not in by.roles_at(case.post_id):
        raise errors.NotTheClaimer
    return _strong(by, "head")


def to_refer(case: "Application", by: Officer, _relations: Relations) -> str:
    """Give the decision to another post or the ministry: who took the case, or the head of its post."""
    role = _role_at_post(case, by, COUNTER_ROLES, errors.MayNotRefer)
    if case.status is not Status.PROPOSED:
        raise errors.NotProposed
    if by.id == case.claimed_by:
        return role
    if "head" not in by.roles_at(case.post_id):
        raise errors.MayNotRefer
    return _strong(by, "head")


def to_decide(case: "Application", by: Officer, relations: Relations) -> str:
    """To agree with the proposal. Where two must act, neither may be the other, nor related to the other or the citizen."""
    role = to_send_back(case, by, relations)
    for earlier in _earlier(case):
        if relations.between(earlier, case.citizen_id):
            raise errors.ProposerMustBeReplaced
    return role


def to_send_back(case: "Application", by: Officer, relations: Relations) -> str:
    role = _deciding_role(case, by)
    if case.status in (*DECIDED, Status.ANNULLED):
        raise errors.AlreadyDecided
    if case.status is Status.WITHDRAWN:
        raise errors.WithdrawnByCitizen
    if case.status is not Status.PROPOSED or case.proposal is None:
        raise errors.NotProposed
    if case.officers_required > 1:
        if by.id in _earlier(case):
            raise errors.MustBeAnotherOfficer
        if any(relations.between(by.id, earlier) for earlier in _earlier(case)):
            raise errors.MustBeUnrelated
    _must_not_know_the_citizen(case, by, relations)
    return role


def to_take_back_request(case: "Application", by: Officer, _relations: Relations) -> str:
    """Of papers: who asked, the officer who has the case, or the head of its post."""
    role = _role_at_post(case, by, COUNTER_ROLES)
    if case.status is not Status.PAPERS_REQUESTED:
        raise life_errors.NothingAsked
    if case.claimed_by not in (None, by.id) and "head" not in by.roles_at(case.post_id):
        raise errors.NotTheClaimer
    return role


def to_note_answer(case: "Application", by: Officer, relations: Relations) -> str:
    """Of another body: whoever may review at its post, for it comes when it comes; of a department, officers of the ministry."""
    if by.is_ministry and case.body is not None and case.body.of_ministry:
        role = _strong(by, MINISTRY)
    else:
        role = _role_at_post(case, by, REVIEWING_ROLES, errors.MayNotReview)
    if case.status is not Status.WITH_ANOTHER_BODY:
        raise life_errors.NotWithAnotherBody
    _must_not_know_the_citizen(case, by, relations)
    return role


def to_write(case: "Application", by: Officer, relations: Relations) -> str:
    role = _role_at_post(case, by, COUNTER_ROLES)
    _must_not_know_the_citizen(case, by, relations)
    return role


def at_counter(case: "Application", by: Officer) -> str:
    """Whoever works at its post: what is done at the counter beside the case itself."""
    return _role_at_post(case, by, COUNTER_ROLES)


def at_counter_of(posts: Iterable[str], by: Officer) -> str:
    """The same at any of these posts, whatever case it is about."""
    role = next((role for post in posts for role in COUNTER_ROLES if role in by.roles_at(post)), None)
    if role is None:
        raise errors.RoleNotAllowed
    return _strong(by, role)


def to_record_arrival(case: "Application", by: Officer, _relations: Relations) -> str:
    role = _role_at_post(case, by, COUNTER_ROLES)
    if case.status is not Status.AWAITING_ARRIVAL:
        raise life_errors.NotAwaitingArrival
    return role


def to_change_issued(case: "Application", by: Officer, relations: Relations) -> str:
    """To correct or annul: the head of the post or the ministry, and nobody who had a part in the case before."""
    case.must_be_seen_by(by)
    role = "head" if "head" in by.roles_at(case.post_id) else MINISTRY if by.is_ministry else None
    if role is None:
        raise life_errors.MayNotChangeIssued
    if case.status not in ISSUED:
        raise life_errors.NotIssued
    if by.id in _earlier(case) | {case.decided_by}:
        raise life_errors.AfterIssueByAnother
    _must_not_know_the_citizen(case, by, relations)
    return _strong(by, role)


def to_record_blank(case: "Application", by: Officer, _relations: Relations) -> str:
    role = _role_at_post(case, by, COUNTER_ROLES)
    if case.status is not Status.AWAITING_BLANK:
        raise errors.NotAwaitingBlank
    return role


def to_check_identity(case: "Application", by: Officer, _relations: Relations) -> str:
    role = _role_at_post(case, by, COUNTER_ROLES)
    if case.status is not Status.AWAITING_VISIT:
        raise errors.NotAwaitingVisit
    return role


def to_hand_over(case: "Application", by: Officer, _relations: Relations) -> str:
    role = _role_at_post(case, by, COUNTER_ROLES)
    if case.outcome is OutcomeKind.DIGITAL_DOCUMENT:
        raise errors.NothingToHandOver
    if case.status in GIVEN:
        raise errors.AlreadyHandedOver
    if case.status is not Status.READY:
        raise errors.NotReadyToHandOver
    return role


def to_take_payment(case: "Application", by: Officer, _relations: Relations) -> str:
    """Also where it was given already, and its payment was taken back after."""
    role = _role_at_post(case, by, COUNTER_ROLES)
    if case.status in NOT_PAID_FOR:
        raise CaseClosed
    return role


def to_void_receipt(case: "Application", by: Officer, relations: Relations) -> str:
    """The head of its post, whatever became of the case: a receipt counts by the word of an officer alone."""
    role = _role_at_post(case, by, ("head",))
    _must_not_know_the_citizen(case, by, relations)
    return role


def to_return_payment(case: "Application", by: Officer) -> str:
    """Also of a closed case: what came too late is given back."""
    return _role_at_post(case, by, COUNTER_ROLES)


def to_return_overpaid(case: "Application", by: Officer, relations: Relations) -> str:
    """Also of a closed case."""
    role = _role_at_post(case, by, COUNTER_ROLES)
    _must_not_know_the_citizen(case, by, relations)
    return role


def to_adjust_fee(case: "Application", by: Officer, relations: Relations) -> str:
    role = _role_at_post(case, by, DECIDING_ROLES, errors.MayNotDecide)
    if case.status in ENDS:
        raise CaseClosed
    _must_not_know_the_citizen(case, by, relations)
    return role


def to_end_relation(relation: Relation, by: Officer) -> str:
    """Out: the post as whose head, or the ministry."""
    place = None if by.id in relation.people else _place_over(relation, by)
    if place is None:
        raise errors.MayNotEndRelation
    _strong(by, "head")
    if relation.ended:
        raise errors.RelationAlreadyEnded
    return place


def to_confirm_relation(relation: Relation, by: Officer) -> str:
    """The same, and another person than who declared it."""
    place = None if by.id in (*relation.people, relation.declared_by) else _place_over(relation, by)
    if place is None:
        raise errors.MayNotConfirmRelation
    _strong(by, "head")
    if relation.ended:
        raise errors.RelationAlreadyEnded
    if relation.confirmed:
        raise errors.RelationAlreadyConfirmed
    return place


def _place_over(relation: Relation, by: Officer) -> str | None:
    posts = [post for post in (relation.post_id, relation.other_post_id) if post]
    return MINISTRY if by.is_ministry else next((post for post in posts if "head" in by.roles_at(post)), None)


def _earlier(case: "Application") -> set[str]:
    return {one for one in (case.claimed_by, case.proposal.by if case.proposal else None) if one}


def _must_not_know_the_citizen(case: "Application", by: Officer, relations: Relations) -> None:
    if relations.between(by.id, case.citizen_id):
        raise errors.MustBeUnrelated


def _role_at_post(
    case: "Application", by: Officer, allowing: tuple[str, ...], else_raise: type[errors.RoleNotAllowed] = errors.RoleNotAllowed
) -> str:
    case.must_be_seen_by(by)
    held = by.roles_at(case.post_id)
    role = next((role for role in allowing if role in held), None)
    if role is None:
        raise else_raise
    return _strong(by, role)


def _deciding_role(case: "Application", by: Officer) -> str:
    """At the post of the case; of the post or ministry that the decision was given to."""
    case.must_be_seen_by(by)
    if case.deciding_at == MINISTRY and by.is_ministry:
        return _strong(by, MINISTRY)
    held = by.roles_at(case.post_id) | (by.roles_at(case.deciding_at) if case.deciding_at else frozenset())
    role = next((role for role in DECIDING_ROLES if role in held), None)
    if role is None:
        raise errors.MayNotDecide
    return _strong(by, role)


def _strong(by: Officer, role: str) -> str:
    if role in NEED_SECOND_FACTOR and not by.second_factor:
        raise SecondFactorNeeded
    return role
