"""The queue of a post: whose turn it is, what can be decided as it is, who is given a case, what moves from a closed post."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.catalogue.queue_rules import queue_rules
from services.applications.domain import errors
from services.applications.domain.application import Application
from services.applications.domain.closing import ClosingReason, Closure, in_place_of, place_for, places_left, to_close
from services.applications.domain.fees import FeeState
from services.applications.domain.posts import Routing
from services.applications.domain.queue_acts import BeingIssued, assign, move, run_out, to_take
from services.applications.domain.queue_errors import (
    MayNotAssign,
    MayNotClosePost,
    NoPlaceForService,
    NotAssignable,
    PostIsClosed,
    PostNotClosed,
)
from services.applications.domain.relations import NONE_DECLARED, Relation, RelationKind, Relations
from services.applications.domain.status import Status
from services.applications.domain.turn import not_ready
from services.applications.queue.queries import spread
from shared.actors import Officer
from shared.contracts.applications import ApplicationMoved
from shared.errors import SecondFactorNeeded
from tests.unit.applications.cases import (
    AT,
    CITIZEN,
    DECIDER,
    ELSEWHERE,
    HEAD,
    INTAKE,
    REGISTRATION,
    RETURN,
    approved,
    draft,
    in_review,
    proposed,
    ready,
    submitted,
)

LATER = AT + timedelta(days=1)
MOSCOW = the_catalogue().post("mow")
MINISTRY = Officer.of_post("ministry", "mfa", {"ministry"})
WEAK_HEAD = Officer.of_post("bakyt", "yek", {"head"}, second_factor=False)


def test_urgent_cases_come_first_and_then_what_is_due_first() -> None:
    late, soon = submitted(), submitted()
    late.due_on, soon.due_on = "2026-12-30", "2026-12-01"
    urgent = replace(submitted(), due_on="2027-01-30")
    urgent.turn = urgent.turn.handed_in(urgent=True, warnings=0)
    keys = [case.turn.now(case).key for case in (urgent, soon, late)]
    assert keys == sorted(keys)


def test_of_cases_that_are_due_on_one_day_the_one_that_waits_for_longest_comes_first() -> None:
    earlier, later = submitted(), replace(submitted(), submitted_at=AT + timedelta(seconds=1))
    assert earlier.turn.now(earlier).key < later.turn.now(later).key


def test_what_no_day_is_set_for_comes_last_of_its_kind() -> None:
    case, without = submitted(), replace(submitted(), due_on=None)
    assert case.turn.now(case).key < without.turn.now(without).key


def test_a_case_is_ready_to_decide_where_it_is_complete_and_there_is_nothing_to_compare() -> None:
    assert not_ready(submitted()) == []
    odd = submitted()
    odd.turn = odd.turn.handed_in(urgent=False, warnings=1)
    assert not_ready(odd) == ["warnings"]
    assert not_ready(replace(submitted(), status=Status.PAPERS_REQUESTED)) == ["incomplete"]
    assert submitted().turn.ready
    assert not approved().turn.ready


def test_a_case_whose_fee_is_due_is_not_ready_to_decide() -> None:
    assert not_ready(replace(submitted(), fee=FeeState("none", "due"))) == ["unpaid"]
    assert not_ready(replace(submitted(), fee=FeeState("paid", "waived"))) == []


def test_who_gave_a_case_back_stands_in_its_turn_once() -> None:
    case = in_review()
    case.release(by=INTAKE, at=AT)
    case.claim(by=INTAKE, at=AT)
    case.release(by=HEAD, at=AT)
    assert case.turn.given_back_by == (INTAKE.id,)


def test_what_was_given_back_is_nobodys_until_somebody_takes_it() -> None:
    case = in_review()
    case.release(by=INTAKE, at=AT)
    assert (case.turn.given_back_by, case.turn.given_back_at) == ((INTAKE.id,), AT)
    case.claim(by=DECIDER, at=LATER)
    assert (case.turn.given_back_by, case.turn.given_back_at) == ((INTAKE.id,), None)
    run_out(case, DECIDER.id, LATER, at=LATER)
    assert case.turn.given_back_at == LATER
    assign(case, INTAKE.id, by=HEAD, at=LATER, relations=NONE_DECLARED)
    assert case.turn.given_back_at is None


def test_a_crowd_that_asks_at_once_begins_at_different_cases_and_one_alone_at_the_first() -> None:
    cases = [str(number) for number in range(64)]
    assert spread(cases, 1, 0.99) == cases
    begun = Counter(spread(cases, 8, chance / 100)[0] for chance in range(100))
    assert set(begun) == set(cases[:8])
    assert all(sorted(spread(cases, 8, chance / 100)) == sorted(cases) for chance in range(100))
    assert spread([], 3, 0.5) == []


def test_only_who_reviews_takes_what_is_next() -> None:
    to_take(INTAKE)
    with pytest.raises(errors.MayNotReview):
        to_take(HEAD)
    with pytest.raises(SecondFactorNeeded):
        to_take(Officer.of_post("gulnara", "yek", {"deciding"}, second_factor=False))


def test_the_head_gives_a_case_to_an_officer_and_who_had_it_is_no_longer_its_claimer() -> None:
    case = in_review()
    act = assign(case, DECIDER.id, by=HEAD, at=LATER, relations=NONE_DECLARED)
    assert act is not None
    assert (case.claimed_by, case.status, case.status_since, act.by.role) == (DECIDER.id, Status.IN_REVIEW, LATER, "head")
    with pytest.raises(errors.NotTheClaimer):
        case.propose_approval(by=INTAKE, at=LATER)
    assert assign(case, DECIDER.id, by=HEAD, at=LATER, relations=NONE_DECLARED) is None


@pytest.mark.parametrize(
    ("by", "expected"),
    [(DECIDER, MayNotAssign), (WEAK_HEAD, SecondFactorNeeded), (ELSEWHERE, errors.ApplicationNotFound), (MINISTRY, MayNotAssign)],
)
def test_nobody_but_the_head_of_its_post_gives_a_case_to_an_officer(by: Officer, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        assign(submitted(), INTAKE.id, by=by, at=AT, relations=NONE_DECLARED)


def test_a_case_is_given_to_nobody_who_knows_its_citizen_and_not_once_it_is_proposed() -> None:
    known = Relation("r1", (CITIZEN.id, INTAKE.id), RelationKind.RELATIVE, "yek", INTAKE.id, AT)
    with pytest.raises(errors.MustBeUnrelated):
        assign(submitted(), INTAKE.id, by=HEAD, at=AT, relations=Relations.of([known], "yek", None))
    with pytest.raises(NotAssignable):
        assign(proposed(), DECIDER.id, by=HEAD, at=AT, relations=NONE_DECLARED)


def test_a_claim_that_ran_out_gives_the_case_back_to_others_and_one_that_ended_otherwise_changes_nothing() -> None:
    case = in_review()
    since = case.status_since
    assert since is not None
    assert run_out(case, DECIDER.id, since, at=LATER) is None
    assert run_out(case, INTAKE.id, since - timedelta(hours=1), at=LATER) is None
    assert run_out(case, INTAKE.id, since, at=LATER) is not None
    assert (case.status, case.claimed_by, case.turn.given_back_by) == (Status.SUBMITTED, None, (INTAKE.id,))
    assert run_out(case, INTAKE.id, since, at=LATER) is None
    assert queue_rules().claim_lasts > timedelta(days=2)  # over a weekend


def moved(case: Application) -> ApplicationMoved:
    act = move(case, MOSCOW, closure="yek:1", at=LATER)
    assert act is not None
    assert isinstance(act.event, ApplicationMoved)
    return act.event


@pytest.mark.parametrize("make", [submitted, in_review, proposed])
def test_what_is_not_decided_moves_into_the_queue_of_the_other_post_with_its_day_and_fee(make: type[Application]) -> None:
    case = make()  # type: ignore[call-arg]
    due, fee = case.due_on, case.fee
    event = moved(case)
    assert (case.post_id, case.status, case.claimed_by, case.proposal) == ("mow", Status.SUBMITTED, None, None)
    assert (case.due_on, case.fee) == (due, fee)
    assert (event.post_id, event.from_post_id, event.closure_id) == ("mow", "yek", "yek:1")


def test_a_draft_and_a_decided_case_move_in_the_state_that_they_are_in() -> None:
    typed, waiting = draft(), replace(approved("power-of-attorney"), status=Status.AWAITING_VISIT)
    moved(typed)
    moved(waiting)
    assert (typed.status, waiting.status) == (Status.DRAFT, Status.AWAITING_VISIT)
    assert waiting.claimed_by == INTAKE.id  # who had a part in its decision is still known


def test_what_was_issued_moves_too_as_what_nobody_waits_for_and_what_ended_stays() -> None:
    downloaded, to_collect = moved(ready(REGISTRATION)), moved(ready(RETURN))
    given = moved(replace(ready(RETURN), status=Status.HANDED_OVER))
    assert [each.moved_as.value for each in (downloaded, to_collect, given)] == ["over", "going_on", "over"]
    for ended in (Status.REFUSED, Status.WITHDRAWN, Status.EXPIRED, Status.ANNULLED):
        assert move(replace(ready(REGISTRATION), status=ended), MOSCOW, closure="yek:1", at=LATER) is None


def test_what_is_being_issued_moves_when_it_is() -> None:
    with pytest.raises(BeingIssued):
        move(replace(approved(REGISTRATION), status=Status.APPROVED), MOSCOW, closure="yek:1", at=LATER)


def test_all_cases_of_a_person_go_on_at_one_post_and_people_are_spread_over_the_posts() -> None:
    posts = [the_catalogue().post(each) for each in ("mow", "ist", "nov")]
    service = the_catalogue().service(REGISTRATION)
    went = Counter(place_for(f"person-{number}", service, posts).id for number in range(300))
    assert min(went.values()) > 50
    assert place_for("person-1", service, posts) == place_for("person-1", service, reversed(posts))  # type: ignore[arg-type]
    only_here = service.model_copy(update={"posts": ("yek",)})
    with pytest.raises(NoPlaceForService):
        place_for("person-1", only_here, posts)
    assert place_for("person-1", only_here, posts, over=True) in posts  # what was issued needs nobody who offers it


def test_the_head_of_a_post_and_the_ministry_close_it_and_nobody_else() -> None:
    assert (to_close("yek", HEAD), to_close("yek", MINISTRY)) == ("head", "ministry")
    for other in (INTAKE, DECIDER, ELSEWHERE):
        with pytest.raises(MayNotClosePost):
            to_close("yek", other)
    with pytest.raises(SecondFactorNeeded):
        to_close("yek", WEAK_HEAD)


def test_a_post_is_closed_once_at_a_time_and_each_time_is_another_round() -> None:
    closure = Closure("yek", AT, HEAD.id, ClosingReason.STAFF, ("mow",))
    with pytest.raises(PostIsClosed):
        closure.again(by=HEAD, reason=ClosingReason.STAFF, targets=("mow",), at=AT)
    closure.reopen(at=LATER)
    with pytest.raises(PostNotClosed):
        closure.reopen(at=LATER)
    closure.again(by=HEAD, reason=ClosingReason.EMERGENCY, targets=("ist",), at=LATER)
    assert (closure.name, closure.is_closed, closure.version) == ("yek:2", True, 3)


def test_who_lives_where_a_post_closed_is_told_to_go_where_its_cases_go_on() -> None:
    service, posts = the_catalogue().service(REGISTRATION), the_catalogue().posts
    found = Routing("district", "yek", ("yek",), free=False)
    assert in_place_of(found, service, posts, {}) is found
    closed = {"yek": Closure("yek", AT, "bakyt", ClosingReason.EMERGENCY, ("nov",))}
    assert in_place_of(found, service, posts, closed) == Routing("closed", "yek", ("nov",), free=False)
    closed["nov"] = Closure("nov", AT, "bakyt", ClosingReason.EMERGENCY, ("yek",))
    assert in_place_of(found, service, posts, closed) == Routing("nowhere", "yek", (), free=False)


def test_what_was_to_go_on_at_a_post_that_closed_too_goes_on_where_that_one_sends_it() -> None:
    yek = Closure("yek", AT, HEAD.id, ClosingReason.STAFF, ("mow", "ist"))
    mow = Closure("mow", LATER, HEAD.id, ClosingReason.STAFF, ("nov", "yek"))
    assert places_left(yek, {"yek": yek}) == ["ist", "mow"]
    assert places_left(yek, {"yek": yek, "mow": mow}) == ["ist", "nov"]
    only_each_other = replace(yek, targets=("mow",)), replace(mow, targets=("yek",))
    assert places_left(only_each_other[0], dict(zip(("yek", "mow"), only_each_other, strict=True))) == []


def test_what_is_found_to_compare_later_keeps_a_case_from_being_ready_at_once() -> None:
    case = in_review()
    assert case.turn.ready
    case.turn = replace(case.turn, warnings=1).now(case)
    assert not case.turn.ready
    case.turn = replace(case.turn, warnings=0).now(case)
    assert case.turn.ready
