"""What is handed in again or corrected later: only what can be changed is asked of, and the term begins anew by no trick."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain import after_issue, asking
from services.applications.domain.application import Application
from services.applications.domain.asked import Mark, PapersRequest
from services.applications.domain.legal_clock import CaseClock
from services.applications.domain.life_errors import NothingChanged
from services.applications.domain.status import Status
from shared.contracts.applications import ApplicationPapersRequestEnded, Unconfirmed
from shared.errors import InvalidInput
from tests.unit.applications.cases import AT, CITIZEN, FORMATS, HEAD, INTAKE, POST, RETURN, complete

DEFINITION = the_catalogue().service(RETURN)
NEXT_DAY, LATER = AT + timedelta(days=1), AT + timedelta(days=10)
RULES: dict[str, Any] = {"definition": DEFINITION, "post": POST, "formats": FORMATS}
MARK = Mark("/answers/full_name", "does-not-agree")


def asked(*, starts: str = "submission") -> Application:
    """To change a name; the day of travel, which nobody asks about, is over by LATER."""
    case = complete(RETURN)
    case.answers["travel_date"] = NEXT_DAY.date().isoformat()
    case.submit(by=CITIZEN, at=AT, **RULES)
    assert case.clock is not None
    case.clock = replace(case.clock, rules=replace(case.clock.rules, starts=starts))  # type: ignore[arg-type]
    case.claim(by=INTAKE, at=AT)
    asking.request_papers(case, (MARK,), {}, by=INTAKE, definition=DEFINITION, until=LATER, at=AT)
    return case


def clock_of(case: Application) -> CaseClock:
    assert case.clock is not None
    return case.clock


def test_a_day_that_passed_meanwhile_and_is_not_asked_about_keeps_nobody_from_handing_in_again() -> None:
    case = asked()
    asking.hand_in_again(case, by=CITIZEN, at=LATER, explained=True, **RULES)
    assert (case.status, case.answers["travel_date"]) == (Status.IN_REVIEW, NEXT_DAY.date().isoformat())


def test_what_is_asked_about_must_be_right() -> None:
    case = asked()
    case.answers["full_name"] = ""
    with pytest.raises(InvalidInput) as refused:
        asking.hand_in_again(case, by=CITIZEN, at=LATER, **RULES)
    assert [error.pointer for error in refused.value.errors] == ["/answers/full_name"]


def test_what_is_handed_in_again_unchanged_names_what_was_marked_and_leaves_the_case_as_it_was() -> None:
    case = asked()
    before = case.version, case.status
    with pytest.raises(NothingChanged) as refused:
        asking.hand_in_again(case, by=CITIZEN, at=LATER, **RULES)
    assert ([error.pointer for error in refused.value.errors], (case.version, case.status)) == (["/answers/full_name"], before)
    asking.change_what_was_asked(case, {"full_name": "Айгерим Токтосунова"}, by=CITIZEN, at=LATER, **RULES)
    asking.hand_in_again(case, by=CITIZEN, at=LATER, **RULES)
    assert case.status is Status.IN_REVIEW


@pytest.mark.parametrize(("unconfirmed", "told"), [(False, Unconfirmed.NOTHING), (True, Unconfirmed.ANEW)])
def test_whose_time_ran_out_is_told_whether_another_must_confirm_it_anew(unconfirmed: bool, told: Unconfirmed) -> None:
    case = asked()
    asking.take_changes(case, DEFINITION, fee=None, unconfirmed=unconfirmed)
    assert case.asked is not None
    act = asking.run_out(case, case.asked.sequence, at=LATER)
    assert act is not None
    assert isinstance(act.event, ApplicationPapersRequestEnded)
    assert act.event.to_confirm is told


def test_a_marked_paper_that_is_taken_off_was_changed() -> None:
    case = asked()
    (file,) = case.attachments
    case.asked = PapersRequest((Mark("/attachment", "other-paper"),), ("/attachment",), "o", AT, LATER, 4)
    case.detach(file.id, by=CITIZEN, at=AT)
    assert [mark.changed for mark in case.asked.marks] == [True]


def test_a_mistake_is_corrected_also_where_a_day_passed_since_it_was_issued() -> None:
    case = asked()
    case.status, case.asked, case.decided_by, case.decided_at = Status.READY, None, "gulnara", AT
    after_issue.correct(case, {"full_name": "Айгерим Токтосунова"}, "our-mistake", by=HEAD, at=LATER, **RULES)
    assert (case.answers["full_name"], case.revision) == ("Айгерим Токтосунова", 2)


@pytest.mark.parametrize("starts", ["submission", "complete"])
def test_a_post_that_takes_its_question_back_at_once_gains_no_day(starts: str) -> None:
    case = asked(starts=starts)
    before = clock_of(case)
    asking.take_back_request(case, by=INTAKE, at=AT + timedelta(minutes=5))
    assert (clock_of(case).runs_from, clock_of(case).due_on) == (before.runs_from, before.due_on)


def test_a_term_that_begins_with_complete_papers_begins_when_they_are_handed_in() -> None:
    case = asked(starts="complete")
    asking.hand_in_again(case, by=CITIZEN, at=LATER, explained=True, **RULES)
    assert clock_of(case).runs_from == LATER
