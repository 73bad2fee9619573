"""Where officers go: the lists of a post, and the way back to the one a case was opened from."""

import pytest

from services.portal.pages.officer_case import _grouped, _taken_by
from services.portal.pages.officer_lists import (
    GIVEN,
    LISTS,
    MINE,
    STATUS_LOOKS,
    STATUS_TITLES,
    TO_DECIDE,
    TO_TAKE,
    Trail,
    first_list,
)
from services.portal.session import Person


def officer(*roles: str) -> Person:
    return Person(kind="officer", name="", account="", session="", tokens={}, refresh="", until=0, post_id="yek", roles=roles)


def test_an_address_says_the_list_and_its_order_and_nothing_empty() -> None:
    assert Trail("proposed", "due").query() == "?list=proposed&sort=due"
    assert Trail("proposed").query(after="a b") == "?list=proposed&after=a+b"
    assert Trail().query() == ""


@pytest.mark.parametrize(
    ("roles", "in_hand", "first"),
    [
        (("intake",), 2, MINE),
        (("intake",), 0, TO_TAKE),
        (("deciding",), 0, TO_TAKE),
        (("head",), 0, TO_DECIDE),
        (("ministry",), 0, GIVEN),
    ],
)
def test_an_officer_begins_with_what_is_in_hand_else_with_what_their_role_waits_for(
    roles: tuple[str, ...], in_hand: int, first: object
) -> None:
    assert first_list(officer(*roles), in_hand) is first


def test_what_was_given_to_decide_is_asked_for_and_counted_by_itself() -> None:
    counts = {"given": 2, "mine": 1, "statuses": [{"status": "proposed", "count": 5}]}
    assert (GIVEN.question, GIVEN.count(counts), TO_DECIDE.count(counts), MINE.count(counts)) == ({"given": "true"}, 2, 5, 1)
    assert Trail("given").case_list is GIVEN


def test_every_status_that_has_a_list_has_a_name_and_a_look() -> None:
    assert {each.status for each in LISTS if each.status} == set(STATUS_TITLES) == set(STATUS_LOOKS)


def test_what_was_done_again_and_again_is_one_line_with_its_last_time() -> None:
    entries = [
        {"action": "application:start", "by": "citizen", "at": "1"},
        {"action": "application:save_answers", "by": "citizen", "at": "2"},
        {"action": "application:save_answers", "by": "citizen", "at": "3"},
        {"action": "application:submit", "by": "citizen", "at": "4"},
        {"action": "application:save_answers", "by": "citizen", "at": "5"},
    ]
    assert [(line["at"], line["times"]) for line in _grouped(entries)] == [("5", 1), ("4", 1), ("3", 2), ("1", 1)]


@pytest.mark.parametrize(
    ("mine", "actions", "taken_by"),
    [
        (True, ["submit", "claim"], "you"),
        (False, ["submit", "claim", "propose_approval"], "another"),
        (False, ["submit", "withdraw"], "nobody"),
        (False, ["submit", "claim", "release"], "nobody"),
    ],
)
def test_a_case_was_taken_by_somebody_only_where_the_journal_says_so(mine: bool, actions: list[str], taken_by: str) -> None:
    entries = [{"action": f"application:{each}"} for each in actions]
    assert _taken_by({"claimed_by_you": mine}, entries) == taken_by
