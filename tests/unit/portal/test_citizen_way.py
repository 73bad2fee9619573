"""The way of a case as its citizen sees it."""

from typing import Any

import pytest

from services.portal.pages.citizen_way import folded, told, way, who

SENT = {"action": "application:submit", "at": "2026-11-22T10:00:00Z", "by": "citizen", "role": "applicant"}
CLAIMED = {"action": "application:claim", "at": "2026-11-22T11:00:00Z", "by": "officer", "role": "intake"}
APPROVED = {"action": "application:approve", "at": "2026-11-22T12:00:00Z", "by": "officer", "role": "deciding"}
REFUSED = {"action": "application:refuse", "at": "2026-11-22T12:00:00Z", "by": "officer", "role": "deciding"}
WITHDRAWN = {"action": "application:withdraw", "at": "2026-11-22T13:00:00Z", "by": "citizen", "role": "applicant"}


def places(status: str, outcome: str, *entries: dict[str, Any]) -> list[str]:
    return [event.place for event in way({"status": status}, outcome, list(entries))]


@pytest.mark.parametrize(
    ("status", "outcome", "entries", "expected"),
    [
        ("submitted", "digital_document", [SENT], ["done", "now", "coming", "coming"]),
        ("fee_due", "digital_document", [SENT], ["done", "now", "coming", "coming", "coming"]),
        ("papers_requested", "digital_document", [SENT, CLAIMED], ["done", "done", "now", "coming", "coming"]),
        ("with_another_body", "made_elsewhere", [SENT, CLAIMED], ["done", "done", "now", "coming", "coming", "coming"]),
        ("in_review", "digital_document", [SENT, CLAIMED], ["done", "now", "coming", "coming"]),
        ("proposed", "digital_document", [SENT, CLAIMED], ["done", "done", "now", "coming"]),
        ("awaiting_visit", "prepared_for_visit", [SENT, CLAIMED, APPROVED], ["done", "done", "done", "now", "coming"]),
        ("awaiting_blank", "print_on_blank", [SENT, CLAIMED, APPROVED], ["done", "done", "done", "now", "coming", "coming"]),
        ("approved", "digital_document", [SENT, CLAIMED, APPROVED], ["done", "done", "done", "now"]),
        ("ready", "digital_document", [SENT, CLAIMED, APPROVED], ["done", "done", "done", "done"]),
        ("awaiting_arrival", "made_elsewhere", [SENT, CLAIMED, APPROVED], ["done", "done", "done", "now", "coming"]),
        ("ready", "made_elsewhere", [SENT, CLAIMED, APPROVED], ["done", "done", "done", "done", "now"]),
        ("ready", "prepared_for_visit", [SENT, CLAIMED, APPROVED], ["done", "done", "done", "done", "done"]),
        ("handed_over", "made_elsewhere", [SENT, CLAIMED, APPROVED], ["done", "done", "done", "done", "done"]),
        ("annulled", "digital_document", [SENT, CLAIMED, APPROVED], ["done", "done", "done", "stopped"]),
        ("refused", "print_on_blank", [SENT, CLAIMED, REFUSED], ["done", "done", "stopped"]),
        ("withdrawn", "print_on_blank", [SENT, WITHDRAWN], ["done", "stopped"]),
    ],
)
def test_one_place_at_most_is_now_and_nothing_comes_after_an_end(
    status: str, outcome: str, entries: list[dict[str, Any]], expected: list[str]
) -> None:
    assert places(status, outcome, *entries) == expected


def test_where_one_officer_is_enough_no_second_one_is_spoken_of() -> None:
    titles = {
        second: [
            event.title for event in way({"status": "proposed", "second_officer": second}, "made_elsewhere", [SENT, CLAIMED])
        ]
        for second in (True, False)
    }
    assert ("A second officer decides" in titles[True], "A second officer decides" in titles[False]) == (True, False)
    assert "An officer decides" in titles[False]


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        ("fee_due", "You pay the fee"),
        ("papers_requested", "You change what the post asked for"),
        ("with_another_body", "Another body answers the post"),
    ],
)
def test_whoever_the_case_waits_for_is_what_is_now_and_not_an_officer(status: str, asked: str) -> None:
    events = way({"status": status}, "made_elsewhere", [SENT, CLAIMED])
    assert [event.title for event in events if event.place == "now"] == [asked]


def test_what_was_sent_by_mail_is_not_said_to_have_been_collected() -> None:
    events = way(
        {"status": "sent"}, "made_elsewhere", [SENT, CLAIMED, APPROVED, {**APPROVED, "action": "application:record_sent"}]
    )
    assert (events[-1].title, events[-1].at) == ("It was sent to you by mail", APPROVED["at"])


@pytest.mark.parametrize("status", ["fee_due", "submitted", "in_review", "papers_requested", "proposed"])
def test_the_term_of_the_post_is_told_where_it_decides(status: str) -> None:
    events = way({"status": status}, "digital_document", [SENT])
    assert [event.title for event in events if event.decides] == ["A second officer decides"]


def test_the_same_act_many_times_in_a_row_is_one_line_with_its_last_time() -> None:
    saved = {"action": "application:save_answers", "by": "citizen", "role": "applicant"}
    lines = folded([{**saved, "at": "1"}, {**saved, "at": "2"}, {**SENT, "at": "3"}, {**saved, "at": "4"}])
    assert [(line["at"], line["times"]) for line in lines] == [("2", 2), ("3", 1), ("4", 1)]


def test_whoever_acted_is_told_by_what_they_are_and_never_by_name() -> None:
    assert who(SENT) == "You"
    assert who(CLAIMED) == "An officer of the post"
    assert who({"by": "system", "role": None}) == "Eshik, by itself"


def test_news_is_told_once_with_all_messages_that_carried_it() -> None:
    first = {"notice": "application_received", "notice_text": "Received", "channel": "sms"}
    news = told([first, {**first, "channel": "email"}, {"notice": "document_ready", "notice_text": "Ready", "channel": "sms"}])
    assert [(each["text"], len(each["messages"])) for each in news] == [("Received", 2), ("Ready", 1)]
