"""The machine-readable zone of a passport or an ID card (ICAO Doc 9303, parts 3 to 6): read, and judged by its check digits.

A zone of a wrong shape or with other signs than A to Z, 0 to 9 and < is none: NotReadable. All else that is wrong is told as a
fault beside what was read, because real papers have wrong zones too: an officer compares with the paper and confirms.

What no check digit can tell: a sign in a name; M instead of F; a code of another state instead of the right one; and, where signs
are checked by a digit, one of the same value modulo 10 (A, K, U, 0 and < among each other, B, L, V and 1, and so on).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from typing import Final, Literal

from services.applications.domain.state_codes import STATE_CODES

Kind = Literal["TD1", "TD2", "TD3"]
Fault = Literal[
    "document-code", "issuer", "name", "number", "number-digit", "nationality", "birth-date", "birth-date-digit", "sex",
    "expiry-date", "expiry-date-digit", "optional-digit", "composite-digit", "filler",
]  # fmt: skip

SHAPES: Final[dict[Kind, tuple[int, int]]] = {"TD1": (3, 30), "TD2": (2, 36), "TD3": (2, 44)}
LONGEST_TYPED: Final = 400  # what comes from outside is not looked at beyond this
_SIGNS: Final = re.compile(r"[A-Z0-9<]+", re.ASCII)
_FILLED: Final = re.compile(r"[A-Z0-9]*<*", re.ASCII)  # fillers stand at the end
_NAME: Final = re.compile(r"[A-Z]+(?:<[A-Z]+)*(?:<<[A-Z]+(?:<[A-Z]+)*)?<*", re.ASCII)
_CODES: Final = {"TD1": re.compile("[ACI][A-Z<]"), "TD2": re.compile("[ACIP][A-Z<]"), "TD3": re.compile("P[A-Z<]")}
_WEIGHTS: Final = (7, 3, 1)


class NotReadable(Exception):
    """No machine-readable zone. Nothing of it is quoted."""


@dataclass(frozen=True, slots=True)
class Mrz:
    """What stands in it. Dates are None where they are not given or are none; faults name what is wrong."""

    kind: Kind
    document_code: str
    issuer: str
    surname: str
    given_names: str
    number: str
    nationality: str
    birth_date: date | None
    sex: Literal["M", "F", ""]
    expiry_date: date | None
    optional: tuple[str, ...]
    faults: tuple[Fault, ...]

    @property
    def name(self) -> str:
        return f"{self.surname} {self.given_names}".strip()

    @property
    def pin(self) -> str | None:
        """Of a Kyrgyz paper, whose optional data are the PIN."""
        found = next((text for text in self.optional if re.fullmatch(r"\d{14}", text, re.ASCII)), None)
        return found if self.issuer == "KGZ" else None


def read_mrz(text: str, *, today: date) -> Mrz:
    """text: two or three lines, or all of it in one; spaces and small letters do not matter. today: tells the century of dates.
    Raises NotReadable."""
    kind, lines = _lines(text)
    return _card(lines, today) if kind == "TD1" else _two_lines(kind, lines, today)


def check_digit(signs: str) -> int:
    """7, 3, 1 over the values of the signs, modulo 10."""
    return sum(_value(sign) * weight for sign, weight in zip(signs, cycle(_WEIGHTS), strict=False)) % 10


def _value(sign: str) -> int:
    return 0 if sign == "<" else int(sign, 36)


def _lines(text: str) -> tuple[Kind, list[str]]:
    if len(text) > LONGEST_TYPED:
        raise NotReadable
    signs = "".join(text.split())
    if not signs.isascii() or not _SIGNS.fullmatch(signs := signs.upper()):
        raise NotReadable
    for kind, (count, width) in SHAPES.items():
        if len(signs) == count * width:
            return kind, [signs[start : start + width] for start in range(0, len(signs), width)]
    raise NotReadable


class _Reading:
    """Collects faults while the parts are read."""

    def __init__(self, today: date) -> None:
        self._today, self.faults = today, list[Fault]()

    def note(self, right: bool, fault: Fault) -> None:
        if not right and fault not in self.faults:
            self.faults.append(fault)

    def checked(self, signs: str, digit: str, fault: Fault, *, may_be_empty: bool = False) -> None:
        """may_be_empty: of optional data that is not there, the digit may be left out."""
        if may_be_empty and digit == "<" and not signs.strip("<"):
            return
        self.note(digit.isdecimal() and int(digit) == check_digit(signs), fault)

    def code(self, signs: str, fault: Fault) -> str:
        code = signs.rstrip("<")
        self.note(code in STATE_CODES, fault)
        return code

    def name(self, signs: str) -> tuple[str, str]:
        self.note(bool(_NAME.fullmatch(signs)), "name")
        surname, _, given = signs.partition("<<")
        return surname.replace("<", " ").strip(), " ".join(given.replace("<", " ").split())

    def filled(self, signs: str, fault: Fault) -> str:
        """Letters and digits, and then fillers to the end."""
        self.note(bool(_FILLED.fullmatch(signs)), fault)
        return signs.rstrip("<")

    def optional(self, signs: str) -> str:
        """Some states part their optional data by fillers."""
        return signs.strip("<")

    def sex(self, sign: str) -> Literal["M", "F", ""]:
        self.note(sign in "MF<", "sex")
        return "M" if sign == "M" else "F" if sign == "F" else ""

    def born(self, signs: str) -> date | None:
        """Not in the future. What is not known is filled, from the day on."""
        self.note(bool(re.fullmatch(r"\d{6}|\d{4}<<|\d\d<{4}|<{6}", signs, re.ASCII)), "birth-date")
        year = self._today.year // 100 * 100
        found = _day(year, signs) or _day(year - 100, signs)  # 29 February is a day of one of them, perhaps
        if found and found > self._today:
            found = _day(year - 100, signs)
        self.note(found is not None or "<" in signs, "birth-date")
        return found

    def expires(self, signs: str) -> date | None:
        """In this century: no paper that was read lived in the last one."""
        found = _day(self._today.year // 100 * 100, signs)
        self.note(found is not None or signs == "<<<<<<", "expiry-date")
        return found


def _day(century: int, signs: str) -> date | None:
    if not re.fullmatch(r"\d{6}", signs, re.ASCII):
        return None
    try:
        return date(century + int(signs[:2]), int(signs[2:4]), int(signs[4:]))
    except ValueError:
        return None


def _two_lines(kind: Kind, lines: Sequence[str], today: date) -> Mrz:
    """A passport (TD3) or a larger card (TD2): the same but for the width, and the digit of a passport's optional data."""
    upper, lower = lines
    reading = _Reading(today)
    reading.note(bool(_CODES[kind].fullmatch(upper[:2])), "document-code")
    reading.checked(lower[13:19], lower[19], "birth-date-digit")
    reading.checked(lower[21:27], lower[27], "expiry-date-digit")
    if kind == "TD3":
        optional = lower[28:42]
        reading.checked(lower[:9], lower[9], "number-digit")
        reading.checked(optional, lower[42], "optional-digit", may_be_empty=True)
        number = reading.filled(lower[:9], "number")
        reading.checked(lower[:10] + lower[13:20] + lower[21:43], lower[43], "composite-digit")
    else:
        number, optional = _number(lower[:9], lower[9], lower[28:35], reading)
        reading.checked(lower[:10] + lower[13:20] + lower[21:35], lower[35], "composite-digit")
    surname, given = reading.name(upper[5:])
    return Mrz(
        kind=kind,
        document_code=upper[:2].rstrip("<"),
        issuer=reading.code(upper[2:5], "issuer"),
        surname=surname,
        given_names=given,
        number=number,
        nationality=reading.code(lower[10:13], "nationality"),
        birth_date=reading.born(lower[13:19]),
        sex=reading.sex(lower[20]),
        expiry_date=reading.expires(lower[21:27]),
        optional=(reading.optional(optional),),
        faults=tuple(reading.faults),
    )


def _card(lines: Sequence[str], today: date) -> Mrz:
    """An ID card (TD1)."""
    upper, middle, names = lines
    reading = _Reading(today)
    reading.note(bool(_CODES["TD1"].fullmatch(upper[:2])), "document-code")
    number, optional = _number(upper[5:14], upper[14], upper[15:30], reading)
    reading.checked(middle[:6], middle[6], "birth-date-digit")
    reading.checked(middle[8:14], middle[14], "expiry-date-digit")
    reading.checked(upper[5:30] + middle[:7] + middle[8:15] + middle[18:29], middle[29], "composite-digit")
    surname, given = reading.name(names)
    return Mrz(
        kind="TD1",
        document_code=upper[:2].rstrip("<"),
        issuer=reading.code(upper[2:5], "issuer"),
        surname=surname,
        given_names=given,
        number=number,
        nationality=reading.code(middle[15:18], "nationality"),
        birth_date=reading.born(middle[:6]),
        sex=reading.sex(middle[7]),
        expiry_date=reading.expires(middle[8:14]),
        optional=(reading.optional(optional), reading.optional(middle[18:29])),
        faults=tuple(reading.faults),
    )


def _number(number: str, digit: str, optional: str, reading: _Reading) -> tuple[str, str]:
    """Of a card: a number of more than nine signs goes on in the optional data, its check digit behind it, and < stands where
    the digit would be (9303-5, 4.2.2.2; 9303-6, 4.2.2.2). Out: the number, and what is left of the optional data."""
    if digit != "<":
        reading.checked(number, digit, "number-digit")
        return reading.filled(number, "number"), optional
    more, _, left = optional.partition("<")
    reading.note(len(more) > 1 and "<" not in number, "number")
    reading.checked(number + more[:-1], more[-1:] or "<", "number-digit")
    return number + more[:-1], left
