"""An appointment by itself: held, booked, asked about, confirmed, given back; and what silence does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.applications.domain import appointment_errors as errors
from services.applications.domain.booking import Attendance, Booking, BookingState, Visit, asks_of

AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
STARTS = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
SLOT = "yek.a.2026-12-01.0930"


def held(**known: object) -> Booking:
    visit = Visit(SLOT, "a", STARTS, 20, "return-certificate")
    made = Booking.hold(
        "b1",
        "YEK-26-4T9WBH2C",
        citizen_id="aigul",
        post=("yek", "Asia/Yekaterinburg"),
        visits=(visit,),
        at=AT,
        until=AT + timedelta(minutes=15),
    )
    return replace(made, **known)  # type: ignore[arg-type]


def booked() -> Booking:
    booking = held()
    booking.book(at=AT)
    return booking


def asked(*, receipt: bool) -> Booking:
    booking = booked()
    for days in (7, 3, 1):
        at = STARTS - timedelta(days=days)
        assert booking.ask(days, at=at)
        booking.note_asked(days, f"e{days}", at=at)
    if receipt:
        assert booking.note_delivered("e3", at=STARTS - timedelta(days=2))
    return booking


def test_what_is_kept_is_booked_within_a_quarter_of_an_hour_and_not_after() -> None:
    assert held().book(at=AT + timedelta(minutes=14)).starts_at == STARTS
    with pytest.raises(errors.HoldOver):
        held().book(at=AT + timedelta(minutes=15))


def test_a_hold_that_was_booked_does_not_lapse() -> None:
    booking = booked()
    assert not booking.lapse(at=AT + timedelta(hours=1))
    assert booking.state is BookingState.BOOKED


def test_a_hold_lapses_at_its_end_and_cannot_be_booked_then() -> None:
    booking = held()
    assert not booking.lapse(at=AT + timedelta(minutes=14))
    assert booking.lapse(at=AT + timedelta(minutes=15))
    with pytest.raises(errors.HoldOver):
        booking.book(at=AT + timedelta(minutes=16))


def test_who_books_late_is_asked_only_as_often_as_there_are_days() -> None:
    def days_of(at: datetime) -> list[int]:
        return [days for days, _ in asks_of(booked(), (7, 3, 1), at)]

    assert days_of(AT) == [7, 3, 1]
    assert days_of(STARTS - timedelta(days=2)) == [1]
    assert days_of(STARTS - timedelta(hours=5)) == []


def test_who_said_that_they_come_is_not_asked_again() -> None:
    booking = booked()
    booking.confirm(at=AT)
    assert booking.ask(3, at=STARTS - timedelta(days=3)) is None


def test_the_same_question_is_asked_once() -> None:
    booking = asked(receipt=False)
    assert booking.ask(1, at=STARTS - timedelta(days=1)) is None


def test_silence_frees_the_time_where_a_receipt_shows_that_a_question_arrived() -> None:
    booking = asked(receipt=True)
    event = booking.judge_silence(at=STARTS - timedelta(hours=12))
    assert event is not None
    assert (event.reason, booking.state) == ("no-answer", BookingState.CANCELLED)


def test_silence_without_a_receipt_keeps_the_time_and_puts_them_on_the_list_of_calls() -> None:
    booking = asked(receipt=False)
    assert booking.judge_silence(at=STARTS - timedelta(hours=12)) is None
    assert (booking.call, booking.state) == ("waits", BookingState.BOOKED)


def test_a_receipt_that_comes_after_the_judgement_frees_nothing_by_itself() -> None:
    booking = asked(receipt=False)
    booking.judge_silence(at=STARTS - timedelta(hours=12))
    booking.note_delivered("e1", at=STARTS - timedelta(hours=11))
    assert booking.state is BookingState.BOOKED


def test_who_was_asked_nothing_cannot_be_silent() -> None:
    booking = booked()
    assert booking.judge_silence(at=STARTS - timedelta(hours=1)) is None
    assert (booking.call, booking.state) == (None, BookingState.BOOKED)


def test_an_answer_after_a_call_was_asked_for_takes_it_from_the_list() -> None:
    booking = asked(receipt=False)
    booking.judge_silence(at=STARTS - timedelta(hours=12))
    booking.confirm(at=STARTS - timedelta(hours=10))
    assert (booking.call, booking.answer_awaited) == (None, False)


def test_who_is_not_reached_by_the_call_keeps_the_time() -> None:
    booking = asked(receipt=False)
    booking.judge_silence(at=STARTS - timedelta(hours=12))
    booking.note_call("not-reached", by="nurlan", at=STARTS - timedelta(hours=6))
    assert (booking.state, booking.call) == (BookingState.BOOKED, "not-reached")
    with pytest.raises(errors.NoCallWaits):
        booked().note_call("confirmed", by="nurlan", at=AT)


def test_nothing_is_given_back_once_it_has_begun() -> None:
    with pytest.raises(errors.TooLateNow):
        booked().cancel("by-citizen", at=STARTS)


def test_what_was_only_kept_is_given_back_without_news() -> None:
    booking = held()
    assert booking.cancel("by-citizen", at=AT) is None
    assert booking.end_reason == "declined"


def test_who_came_is_written_down_on_that_day_alone() -> None:
    booking = booked()
    with pytest.raises(errors.NotThatDay):
        booking.attend(SLOT, "arrived", at=AT, today="2026-11-23")
    booking.attend(SLOT, "served", at=STARTS, today="2026-12-01")
    assert booking.visits[0].attendance == "served"


@pytest.mark.parametrize(
    ("attendance", "refusal"),
    [("served", errors.VisitTookPlace), ("absent", errors.VisitMissed), ("arrived", errors.VisitorIsHere)],
)
def test_what_an_officer_wrote_down_of_a_visit_keeps_it_from_being_given_up_though_its_time_lies_ahead(
    attendance: Attendance, refusal: type[Exception]
) -> None:
    booking, early = booked(), STARTS - timedelta(hours=2)
    booking.attend(SLOT, attendance, at=early, today="2026-12-01")
    before = replace(booking)
    with pytest.raises(refusal):
        booking.cancel("by-citizen", at=early)
    with pytest.raises(refusal):
        booking.confirm(at=early)
    assert booking == before
    assert booking.ask(1, at=early) is None
    booking.attend(SLOT, "expected", at=early, today="2026-12-01")  # written down by mistake
    assert booking.cancel("by-citizen", at=early) is not None


def test_a_post_may_send_away_who_has_come_and_nobody_who_was_served() -> None:
    early = STARTS - timedelta(hours=2)
    come, served = booked(), booked()
    come.attend(SLOT, "arrived", at=early, today="2026-12-01")
    assert come.cancel("by-post", at=early) is not None
    served.attend(SLOT, "served", at=early, today="2026-12-01")
    with pytest.raises(errors.VisitTookPlace):
        served.cancel("by-post", at=early)


def test_silence_takes_no_time_from_who_is_there_already() -> None:
    booking = asked(receipt=True)
    booking.attend(SLOT, "arrived", at=STARTS - timedelta(hours=12), today="2026-12-01")
    assert booking.judge_silence(at=STARTS - timedelta(hours=12)) is None
    assert booking.state is BookingState.BOOKED
