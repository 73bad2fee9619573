"""A machine-readable zone that is wrong or no zone at all neither crashes its reader nor passes for a right one."""

import random
import string
from datetime import date

from services.applications.domain.mrz import SHAPES, NotReadable, read_mrz
from services.applications.domain.state_codes import STATE_CODES
from tests.support.faults import Counts
from tests.unit.applications.zones import SPECIMENS, card, passport

TODAY = date(2026, 11, 23)
SIGNS = string.digits + string.ascii_uppercase + "<"
ZONES = (passport(), passport(pin=""), card())
ALPHABETS = (SIGNS, string.digits + "<", "<", string.printable, "ÅĀ٣𝟛\u202e\x00<KGZ09")
CHANGED = 6  # signs of a zone at once


def passes(text: str) -> bool:
    """Raises what a reader must not raise."""
    try:
        return not read_mrz(text, today=TODAY).faults
    except NotReadable:
        return False


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


def test_each_single_wrong_sign_of_a_zone_is_told_unless_no_check_digit_can_tell_it(counts: Counts) -> None:
    for text in ZONES:
        assert passes(text)
        for place, old in enumerate(text):
            for new in SIGNS.replace(old, "") if old != "\n" else "":
                counts.attempted += 1
                unseen = passes(text[:place] + new + text[place + 1 :])
                counts.acknowledged += not unseen
                counts.unexpected += unseen and not documented(text, place, new)
    counts.check()


def test_junk_neither_crashes_the_reader_of_zones_nor_passes(counts: Counts) -> None:
    """Random signs, of the right shape too; and zones with several signs changed, which must not crash it."""
    chance, zones = random.Random(41), [*ZONES, *SPECIMENS.values()]
    for _ in range(counts.pick(10_000, 1_000_000)):
        count, width = chance.choice([*SHAPES.values(), (1, chance.randint(0, 120))])
        junk = "".join(chance.choices(chance.choice(ALPHABETS), k=count * width))
        signs = list(chance.choice(zones))
        for place in chance.sample(range(len(signs)), CHANGED):
            signs[place] = chance.choice(SIGNS)
        passes("".join(signs))
        counts.attempted += 1
        let_in = passes(junk)
        counts.acknowledged += not let_in
        counts.unexpected += let_in
    counts.check()
