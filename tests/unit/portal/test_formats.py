"""Dates, times, amounts and sizes as people of each language write them."""

import pytest

from services.portal.formats import city_of, clock_time, day, duration, file_size, moment, number, term

NARROW, WIDE = "\u202f", "\xa0"


def plain(text: str) -> str:
    return text.replace(NARROW, " ").replace(WIDE, " ")


@pytest.mark.parametrize(
    ("language", "written"), [("ky", "2026-ж., 22-ноябрь"), ("ru", "22 ноября 2026 г."), ("en", "22 November 2026")]
)
def test_a_day_is_written_out(language: str, written: str) -> None:
    assert plain(day("2026-11-22", language)) == written


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_day_is_nothing(nothing: str | None) -> None:
    assert (day(nothing, "ky"), moment(nothing, "ky")) == ("", "")


def test_a_moment_is_told_in_the_time_of_its_place() -> None:
    assert moment("2026-11-22T20:30:00Z", "en", "Asia/Yekaterinburg") == "23 November 2026, 01:30"
    assert clock_time("2026-11-22T20:30:00Z", "en", "Europe/Istanbul") == "23:30"


@pytest.mark.parametrize(("language", "written"), [("ky", "12 345,5"), ("ru", "12 345,5"), ("en", "12,345.5")])
def test_a_number_has_its_language_s_marks(language: str, written: str) -> None:
    assert plain(number(12345.5, language)) == written


@pytest.mark.parametrize(("seconds", "told"), [(5, "5 seconds"), (400, "7 minutes"), (7200, "2 hours")])
def test_a_span_is_told_in_one_unit(seconds: float, told: str) -> None:
    assert duration(seconds, "en") == told


def test_a_span_is_told_in_each_language() -> None:
    assert (duration(400, "ky"), duration(400, "ru")) == ("7 мүнөт", "7 минут")


@pytest.mark.parametrize(
    ("size", "text", "figure"), [(999, "{size} bytes", "999"), (1_500, "{size} KB", "1.5"), (4_960_000, "{size} MB", "5")]
)
def test_a_size_is_told_in_its_unit(size: int, text: str, figure: str) -> None:
    assert file_size(size, "en") == (text, {"size": figure})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("P90D", ("90 күн", "90 дней", "90 days")),
        ("P5Y", ("5 жыл", "5 лет", "5 years")),
        ("P1Y6M", ("1 жыл 6 ай", "1 год 6 месяцев", "1 year 6 months")),
        ("PT1H", ("1 саат", "1 час", "1 hour")),
        ("5 calendar years", ("5 жыл", "5 лет", "5 years")),
    ],
)
def test_a_term_of_retention_is_said_in_words(text: str, written: tuple[str, str, str]) -> None:
    assert tuple(plain(term(text, language)) for language in ("ky", "ru", "en")) == written


def test_a_zone_is_told_by_its_city_in_the_language() -> None:
    assert [city_of("Asia/Yekaterinburg", language) for language in ("ky", "ru", "en")] == [
        "Екатеринбург",
        "Екатеринбург",
        "Yekaterinburg",
    ]
