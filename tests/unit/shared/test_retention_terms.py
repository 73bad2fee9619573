"""When a term of retention is over: to the day of a calendar, whatever the clock of its zone does that day."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.retention.terms import NotATerm, Term

BISHKEK, BERLIN, CAIRO, APIA = (ZoneInfo(name) for name in ("Asia/Bishkek", "Europe/Berlin", "Africa/Cairo", "Pacific/Apia"))
MILLISECOND = timedelta(milliseconds=1)
TERMS = ("P90D", "P1Y", "P5Y", "P3Y", "P1M", "P1Y6M", "P2W", "PT1H", "PT36H", "5 calendar years", "1 calendar year")


def at(text: str, zone: ZoneInfo | None = None) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if zone is None else moment.replace(tzinfo=zone)


def last_day(term: str, day: str, zone: ZoneInfo = BISHKEK) -> str:
    """Of a term that begins at noon of that day."""
    ends = Term.parse(term).ends(at(f"{day}T12:00", zone), zone)
    return (ends.astimezone(zone) - MILLISECOND).date().isoformat()


@pytest.mark.parametrize(
    ("term", "begins", "last"),
    [
        ("P90D", "2026-11-22", "2027-02-20"),
        ("P1Y", "2026-11-22", "2027-11-22"),
        ("P1Y", "2028-02-29", "2029-02-28"),  # no such day: the last one of that month
        ("P4Y", "2028-02-29", "2032-02-29"),
        ("P5Y", "2027-02-28", "2032-02-28"),  # not the 29th: the day of the same number
        ("P1M", "2027-01-31", "2027-02-28"),
        ("P1M", "2028-01-31", "2028-02-29"),
        ("P6M", "2027-08-31", "2028-02-29"),
        ("P1Y1M1D", "2027-01-31", "2028-03-01"),  # months first, then days
        ("P2W", "2026-12-25", "2027-01-08"),
        ("5 calendar years", "2026-01-01", "2031-12-31"),
        ("5 calendar years", "2026-12-31", "2031-12-31"),
    ],
)
def test_a_term_ends_with_its_last_day(term: str, begins: str, last: str) -> None:
    assert last_day(term, begins) == last


def test_it_is_over_at_the_midnight_of_its_zone_and_not_a_moment_before() -> None:
    ends = Term.parse("P5Y").ends(at("2027-01-10T12:00+00:00"), BISHKEK)
    assert ends == at("2032-01-11T00:00", BISHKEK) == at("2032-01-10T18:00+00:00")
    assert Term.parse("P5Y").ends(at("2027-01-10T18:00+00:00"), BISHKEK) == ends + timedelta(days=1)  # there it was the 11th
    assert Term.parse("P5Y").ends(at("2027-01-10T17:59:59.999+00:00"), BISHKEK) == ends


def test_a_day_of_23_or_25_hours_is_a_day() -> None:
    spring = Term.parse("P1D").ends(at("2026-03-28T12:00", BERLIN), BERLIN)  # the 29th has 23 hours there
    assert spring == at("2026-03-29T22:00+00:00")
    autumn = Term.parse("P1D").ends(at("2026-10-24T12:00", BERLIN), BERLIN)  # the 25th has 25
    assert autumn == at("2026-10-25T23:00+00:00")
    assert Term.parse("PT24H").ends(at("2026-10-24T12:00", BERLIN), BERLIN) == at("2026-10-25T10:00+00:00")


def test_a_midnight_that_the_clock_skips_is_the_moment_after_the_gap() -> None:
    """In Cairo 24 April 2026 began at one o'clock."""
    ends = Term.parse("P1D").ends(at("2026-04-22T12:00", CAIRO), CAIRO)
    assert ends == at("2026-04-23T22:00+00:00")
    assert ends.astimezone(CAIRO).time().hour == 1


def test_a_day_that_a_zone_never_had_is_passed_over() -> None:
    """Samoa went from 29 to 31 December 2011."""
    ends = Term.parse("P1D").ends(at("2011-12-28T12:00", APIA), APIA)
    assert ends == at("2011-12-30T10:00+00:00")
    assert ends.astimezone(APIA).date() == date(2011, 12, 31)


def test_hours_are_counted_to_the_millisecond() -> None:
    assert Term.parse("PT1H").ends(at("2026-11-22T10:00:00.001+00:00"), BISHKEK) == at("2026-11-22T11:00:00.001+00:00")


@example(term="P90D", zone=APIA, now=at("2012-01-01T00:00+00:00"), before=timedelta(days=2))  # across the day that was not
@example(term="P1M", zone=BISHKEK, now=at("2028-03-31T00:00+00:00"), before=timedelta(days=31))  # on 29 February
@given(
    term=st.sampled_from(TERMS),
    zone=st.sampled_from([BISHKEK, BERLIN, CAIRO, APIA]),
    now=st.timedeltas(timedelta(), timedelta(days=17_000)).map(at("2012-01-01T00:00+00:00").__add__),
    before=st.timedeltas(timedelta(), timedelta(days=2_500)),
)
def test_a_query_leaves_out_nothing_whose_term_is_over(term: str, zone: ZoneInfo, now: datetime, before: timedelta) -> None:
    of, counted_from = Term.parse(term), now - before
    if of.ends(counted_from, zone) <= now:
        assert counted_from < of.not_after(now, zone)
    skipped = timedelta(days=1) if zone == APIA else timedelta()
    assert of.ends(counted_from, zone) - counted_from >= of.shortest - skipped


@pytest.mark.parametrize("text", ["", "P", "PT", "90D", "P-1D", "P1.5Y", "P1DT1H", "P0D", "0 calendar years", "P999Y", "P1Y "])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(NotATerm):
        Term.parse(text)
