"""Machine-readable zones: the examples of ICAO Doc 9303, every single wrong sign, and junk."""

import os
import random
import string
from datetime import date

import pytest

from services.applications.domain.mrz import SHAPES, Mrz, NotReadable, check_digit, read_mrz
from services.applications.domain.state_codes import STATE_CODES

TODAY = date(2026, 11, 23)
SIGNS = string.digits + string.ascii_uppercase + "<"
JUNK_TRIED = 1_000_000 if os.environ.get("ESHIK_TEST_FULL") == "1" else 20_000
SPECIMENS = {  # of Doc 9303, parts 5, 6 and 4
    "TD1": "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    "TD2": "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
    "TD3": "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
}
LONG_NUMBER = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<"


def passport(*, number: str = "PE1234567", pin: str = "20101198012345", born: str = "800101", until: str = "351231") -> str:
    optional = pin.ljust(14, "<")
    parts = f"{number}{check_digit(number)}", f"{born}{check_digit(born)}", f"{until}{check_digit(until)}"
    tail = f"{optional}{check_digit(optional)}"
    lower = f"{parts[0]}KGZ{parts[1]}M{parts[2]}{tail}"
    return f"{'P<KGZASANOV<<BAKYT'.ljust(44, '<')}\n{lower}{check_digit(''.join(parts) + tail)}"


def card() -> str:
    upper = f"I<KGZID1234567{check_digit('ID1234567')}20101198012345<"
    middle = f"800101{check_digit('800101')}M351231{check_digit('351231')}KGZ<<<<<<<<<<<"
    composite = check_digit(upper[5:] + middle[:7] + middle[8:15] + middle[18:])
    return f"{upper}\n{middle}{composite}\n{'ASANOV<<BAKYT'.ljust(30, '<')}"


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


def documented(text: str, place: int, new: str) -> bool:
    """Whether no check digit can tell this change: see the module."""
    lines = text.split("\n")
    line, column = next((n, place - sum(len(each) + 1 for each in lines[:n])) for n in range(len(lines) - 1, -1, -1)
                        if place >= sum(len(each) + 1 for each in lines[:n]))  # fmt: skip
    is_card = len(lines) == 3
    names = line == 2 if is_card else line == 0 and column >= 5
    if names or (line == 0 and column == 1):
        return new in string.ascii_uppercase + "<"
    code = {(0, 2)} | ({(1, 15)} if is_card else {(1, 10)})
    for at, start in code:
        if line == at and start <= column < start + 3:
            changed = lines[line][start:column] + new + lines[line][column + 1 : start + 3]
            return changed.rstrip("<") in STATE_CODES
    if (line, column) == ((1, 7) if is_card else (1, 20)):
        return new in "MF<"
    if line == 0 and column == 0:
        return new in "ACI" and is_card
    value, other = (0 if sign == "<" else int(sign, 36) for sign in (text[place], new))
    return value % 10 == other % 10


@pytest.mark.parametrize("text", [passport(), passport(pin=""), card()], ids=["passport", "without-pin", "card"])
def test_every_single_wrong_sign_is_told_unless_no_digit_can_tell_it(text: str) -> None:
    unseen = []
    for place, old in enumerate(text):
        for new in SIGNS:
            if old == "\n" or new == old:
                continue
            if not read(text[:place] + new + text[place + 1 :]).faults and not documented(text, place, new):
                unseen.append((place, old, new))
    assert unseen == []


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


def test_junk_neither_crashes_nor_passes() -> None:
    """Of the right shape too: random signs, and zones with several signs changed."""
    chance = random.Random(41)
    alphabets = [SIGNS, string.digits + "<", "<", string.printable, "ÅĀ٣𝟛\u202e\x00<KGZ09"]
    zones = [passport(), card(), *SPECIMENS.values()]
    for number in range(JUNK_TRIED):
        if number % 2:
            count, width = chance.choice([*SHAPES.values(), (1, chance.randint(0, 120))])
            text = "".join(chance.choices(chance.choice(alphabets), k=count * width))
        else:
            signs = list(chance.choice(zones))
            for place in chance.sample(range(len(signs)), 6):
                signs[place] = chance.choice(SIGNS)
            text = "".join(signs)
        try:
            found = read(text)
        except NotReadable:
            continue
        if number % 2:
            assert found.faults, "random signs do not fit five check digits and two codes"
