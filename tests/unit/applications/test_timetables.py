"""Which times a window gives: within its hours, in its days, in the post's own time, also where the clock is put forward."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.applications.appointments.timetables import the_appointments, timetable_of, windows_of
from services.applications.catalogue import the_catalogue
from services.applications.domain.timetable import Timetable, Window

WINDOW: dict[str, Any] = {
    "id": "a",
    "post": "ber",
    "days": ["mon", "sun"],
    "hours": [["09:30", "10:30"]],
    "minutes": 25,
    "source": "of the test",
    "source_date": date(2026, 1, 1),
    "certainty": "D",
    "valid_from": date(2026, 1, 1),
}


def window(**other: Any) -> Window:
    given = WINDOW | other
    lists = {name: tuple(tuple(each) if isinstance(each, list) else each for each in given[name]) for name in ("days", "hours")}
    return Window(**given | lists)


def table(*windows: Window, zone: str = "Europe/Berlin") -> Timetable:
    return Timetable("ber", zone, windows, lambda _day: True)


def test_a_visit_ends_within_the_hours() -> None:
    slots = list(table(window()).slots_on(date(2026, 11, 23)))
    assert [slot.id for slot in slots] == ["ber.a.2026-11-23.0930", "ber.a.2026-11-23.0955"]
    assert slots[0].starts_at == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def test_there_is_no_time_on_a_day_without_hours_or_while_the_post_is_closed() -> None:
    assert list(table(window()).slots_on(date(2026, 11, 24))) == []
    closed = Timetable("ber", "Europe/Berlin", (window(),), lambda _day: False)
    assert list(closed.slots_on(date(2026, 11, 23))) == []
    assert closed.slot("ber.a.2026-11-23.0930") is None


def test_a_time_that_the_clock_passes_over_is_none() -> None:
    at_night = window(hours=[["01:30", "04:00"]], minutes=30)
    times = [slot.id[-4:] for slot in table(at_night).slots_on(date(2026, 3, 29))]  # 02:00 becomes 03:00
    assert times == ["0130", "0300", "0330"]


def test_an_id_means_the_time_that_it_was_made_of_and_no_other_means_one() -> None:
    here = table(window())
    for slot in here.slots_on(date(2026, 11, 23)):
        found = here.slot(slot.id)
        assert found is not None
        assert found[0] == slot
    for other in ("ber.a.2026-11-23.0931", "ber.b.2026-11-23.0930", "yek.a.2026-11-23.0930", "ber.a.2026-02-30.0930", "x"):
        assert here.slot(other) is None


def test_windows_that_give_times_out_by_draw_are_not_among_the_open_ones() -> None:
    both = table(window(), window(id="b", release="draw"))
    assert {slot.window for slot in both.slots_on(date(2026, 11, 23))} == {"a"}
    assert {slot.window for slot in both.slots_on(date(2026, 11, 23), release="draw")} == {"b"}


@pytest.mark.parametrize("wrong", [{"hours": [["10:30", "09:30"]]}, {"hours": [["9:30", "10:30"]]}, {"minutes": 0}, {"days": []}])
def test_hours_that_are_none_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        window(**wrong)


def test_each_window_of_the_catalogue_gives_times_and_says_that_its_hours_are_ours() -> None:
    for each in the_appointments().windows:
        days = [date(2026, 11, day) for day in range(23, 30)]
        assert any(list(timetable_of(each.post).slots_on(day, None, None)) for day in days)
        assert each.illustrative


def test_a_post_receives_nobody_on_a_holiday_of_home_or_host() -> None:
    holidays = the_catalogue().places.calendars["yek"].holidays
    holiday = next(day for day in sorted(holidays) if day.weekday() < 5 and day > date(2026, 12, 1))
    assert list(timetable_of("yek").slots_on(date(2026, 12, 1)))
    assert list(timetable_of("yek").slots_on(holiday)) == []


def test_a_day_in_another_town_is_a_timetable_of_its_own_on_that_day_in_the_time_of_that_town() -> None:
    (omsk,) = (one for one in the_catalogue().places.mobile_days if one.id == "omsk")
    slots = list(timetable_of("nov").slots_on(omsk.day, place="omsk"))
    assert len(slots) == omsk.desks * 15
    first = slots[0]
    assert (first.id, first.zone, first.place) == ("nov.omsk-1.2026-12-19.1000", "Asia/Omsk", "omsk")
    assert first.starts_at == datetime(2026, 12, 19, 4, 0, tzinfo=UTC), "six hours ahead, and not seven as the post"
    assert timetable_of("nov").slot(first.id) == (first, windows_of(omsk)[0])
    assert list(timetable_of("nov").slots_on(omsk.day)) == [], "the post itself receives nobody on a Saturday"
    assert list(timetable_of("nov").slots_on(date(2026, 12, 12), place="omsk")) == []
    assert list(timetable_of("yek").slots_on(omsk.day, place="omsk")) == []


def test_a_day_in_another_town_is_for_the_services_that_it_names() -> None:
    (day, *_) = the_catalogue().places.mobile_days
    only = day.model_copy(update={"services": ("return-certificate",)})
    assert [window.receives_for("return-certificate") for window in windows_of(only)] == [True] * day.desks
    assert not any(window.receives_for("meken-kart") for window in windows_of(only))
