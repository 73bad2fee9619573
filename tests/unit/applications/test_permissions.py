"""What a page is told that a person may do is what the acts let them do, and a refusal names who can."""

from collections.abc import Callable

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain import errors
from services.applications.domain.after_issue import annul, record_arrival
from services.applications.domain.application import Application
from services.applications.domain.asking import note_body_answer, take_back_request
from services.applications.domain.permissions import citizen_may, officer_may, officer_may_not
from services.applications.domain.relations import NONE_DECLARED
from services.applications.domain.status import Status
from shared.actors import Citizen, Officer
from shared.errors import DomainError
from tests.unit.applications.cases import (
    AT,
    CITIZEN,
    DECIDER,
    ELSEWHERE,
    FORMATS,
    HEAD,
    INTAKE,
    OTHER_DECIDER,
    POST,
    POWER,
    REGISTRATION,
    RETURN,
    approved,
    complete,
    draft,
    in_review,
    proposed,
    ready,
    submitted,
)

STATES: list[Callable[[str], Application]] = [draft, complete, submitted, in_review, proposed, approved, ready]
OFFICERS = [INTAKE, DECIDER, OTHER_DECIDER, HEAD, ELSEWHERE]


def acts(application: Application, by: Officer) -> dict[str, Callable[[], object]]:
    """Each act done for real, with what it needs besides."""
    definition = the_catalogue().service(application.service_id)
    return {
        "claim": lambda: application.claim(by=by, at=AT),
        "propose": lambda: application.propose_approval(by=by, at=AT),
        "release": lambda: application.release(by=by, at=AT),
        "refer": lambda: application.refer("mow", by=by, at=AT),
        "decide": lambda: application.approve(by=by, at=AT),
        "send_back": lambda: application.send_back("proposal-needs-another-look", by=by, definition=definition, at=AT),
        "record_blank": lambda: application.record_blank("СВ-1234567", by=by, definition=definition, at=AT),
        "identity_check": lambda: application.record_identity_check(by=by, at=AT),
        "handover": lambda: application.record_handover(by=by, at=AT),
        "change_issued": lambda: annul(application, "issued-by-mistake", by=by, at=AT),
        "take_back_request": lambda: take_back_request(application, by=by, at=AT),
        "note_body_answer": lambda: note_body_answer(application, by=by, at=AT),
        "record_arrival": lambda: record_arrival(application, by=by, at=AT),
    }


def succeeds(act: Callable[[], object]) -> bool:
    try:
        act()
    except DomainError:
        return False
    return True


def may_as_citizen(application: Application, by: Citizen = CITIZEN) -> list[str]:
    definition = the_catalogue().service(application.service_id)
    return [*citizen_may(application, by, definition=definition, post=POST, formats=FORMATS, at=AT)]


@pytest.mark.parametrize("service_id", [REGISTRATION, RETURN, POWER])
@pytest.mark.parametrize("by", OFFICERS, ids=lambda officer: officer.id)
@pytest.mark.parametrize("state", STATES)
def test_what_an_officer_may_do_is_what_the_acts_allow(state: Callable[[str], Application], by: Officer, service_id: str) -> None:
    told = officer_may(state(service_id), by, NONE_DECLARED)
    assert told == [name for name in acts(state(service_id), by) if succeeds(acts(state(service_id), by)[name])]


@pytest.mark.parametrize(
    ("application", "by", "told"),
    [
        (submitted(), INTAKE, ["claim"]),
        (submitted(), HEAD, []),
        (in_review(), INTAKE, ["propose", "release"]),
        (in_review(), HEAD, ["release"]),
        (in_review(), DECIDER, []),
        (proposed(), DECIDER, ["decide", "send_back"]),
        (approved(RETURN), HEAD, ["record_blank"]),
        (approved(POWER), INTAKE, ["identity_check"]),
        (ready(), INTAKE, []),
        (ready(RETURN), INTAKE, ["handover"]),
    ],
)
def test_the_acts_of_a_usual_case_are_offered_one_after_the_other(application: Application, by: Officer, told: list[str]) -> None:
    assert officer_may(application, by, NONE_DECLARED) == told


@pytest.mark.parametrize(
    ("application", "by", "why"),
    [
        (submitted(), HEAD, errors.MayNotReview),
        (in_review(), DECIDER, errors.NotTheClaimer),
        (proposed(), INTAKE, errors.MayNotDecide),
        (proposed(), Officer.of_post("nurlan", "yek", {"intake", "deciding"}), errors.MustBeAnotherOfficer),
    ],
)
def test_what_waits_for_another_officer_says_for_whom(application: Application, by: Officer, why: type[DomainError]) -> None:
    assert type(officer_may_not(application, by, NONE_DECLARED)) is why


@pytest.mark.parametrize(
    ("application", "by"),
    [(submitted(), INTAKE), (proposed(), DECIDER), (approved(), DECIDER), (ready(), INTAKE), (ready(RETURN), HEAD)],
)
def test_nothing_is_said_where_nothing_waits_for_another_officer(application: Application, by: Officer) -> None:
    assert officer_may_not(application, by, NONE_DECLARED) is None


def test_asking_changes_nothing() -> None:
    application = proposed()
    before = application.version
    officer_may(application, DECIDER, NONE_DECLARED)
    may_as_citizen(application)
    assert (application.version, application.status) == (before, Status.PROPOSED)


def test_a_citizen_submits_only_what_is_complete_and_withdraws_only_what_is_undecided() -> None:
    assert may_as_citizen(draft()) == ["edit"]
    assert may_as_citizen(complete()) == ["edit", "submit"]
    assert may_as_citizen(submitted()) == may_as_citizen(proposed()) == ["withdraw"]
    assert may_as_citizen(approved()) == may_as_citizen(ready()) == []
    assert may_as_citizen(complete(), Citizen("timur")) == []
