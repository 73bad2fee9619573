"""Machine-readable zones: the examples of ICAO Doc 9303, Kyrgyz papers, and what is no zone."""

from datetime import date

import pytest

from services.applications.domain.mrz import Mrz, NotReadable, read_mrz
from tests.unit.applications.zones import LONG_NUMBER, SPECIMENS, card, passport

TODAY = date(2026, 11, 23)


def read(text: str) -> Mrz:
    return read_mrz(text, today=TODAY)


@pytest.mark.parametrize("kind", SPECIMENS)
def test_the_examples_of_the_standard_are_read_but_for_their_invented_state(kind: str) -> None:
    found = read(SPECIMENS[kind])
    assert (found.kind, found.surname, found.given_names, found.sex) == (kind, "ERIKSSON", "ANNA MARIA", "F")
    assert (found.birth_date, found.expiry_date) == (date(1974, 8, 12), date(2012, 4, 15))
    assert found.number == ("L898902C3" if kind == "TD3" else "D23145890")
    assert set(found.faults) == {"issuer", "nationality"}


def test_a_long_number_goes_on_in_the_optional_data() -> None:
    found = read(LONG_NUMBER)
    assert found.number == "D23145890734"
    assert set(found.faults) == {"issuer", "nationality"}


def test_a_kyrgyz_passport_and_card_are_read_with_their_pin() -> None:
    for text in (passport(), card()):
        found = read(text)
        assert (found.name, found.pin, found.issuer, found.faults) == ("ASANOV BAKYT", "20101198012345", "KGZ", ())
        assert found.birth_date == date(1980, 1, 1)


def test_one_line_small_letters_and_spaces_are_as_good() -> None:
    assert read(passport().replace("\n", "").lower()) == read(passport())
    assert read("  " + passport().replace("<<<", "< <<")) == read(passport())


def test_a_date_of_birth_is_never_in_the_future_and_may_be_known_in_part() -> None:
    assert read(passport(born="261124")).birth_date == date(1926, 11, 24)
    assert read(passport(born="261123")).birth_date == date(2026, 11, 23)
    assert read(passport(born="80<<<<")).birth_date is None
    assert read(passport(born="80<<<<")).faults == ()
    assert "birth-date" in read(passport(born="801399")).faults
    assert "expiry-date" in read(passport(until="351301")).faults


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<",
        "P<KGZ",
        passport()[:-1],
        passport() + "<",
        passport().replace("A", "\N{CYRILLIC CAPITAL LETTER A}", 1),
        passport().replace("<", "«", 1),
        "1" * 500,
    ],
    ids=["nothing", "a-sign", "a-piece", "too-short", "too-long", "cyrillic", "quotes", "long"],
)
def test_what_is_no_zone_is_not_readable(text: str) -> None:
    with pytest.raises(NotReadable):
        read(text)
