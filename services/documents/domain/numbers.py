"""Document numbers and check codes: how they are written and compared."""

import hmac
import re
import secrets
from itertools import product

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: no letter that is read as a digit
CHECK_CODE_LENGTH = 10  # 50 bits, asked for together with number and date
# what a Kyrgyz or Russian keyboard gives for the Latin letter or the digit of the same look
_LATIN = str.maketrans("АВЕЗКМНОӨРСТУҮХЅІЈӀ", "ABE3KMHO0PCTYYXSIJI")
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_Y_OR_U = "УҮ"  # look like Y, sound like U: КУ is how many write KU
_MOST_READINGS = 16
_KIND_LETTERS = {
    "consular-registration-certificate": "KU",
    "return-certificate": "SV",
    "power-of-attorney": "DV",
    "minor-travel-consent": "MK",
    "birth-certificate": "TK",
    "help-confirmation": "KM",
}

_WITHOUT_HYPHENS = re.compile(rf"(.+)({'|'.join(_KIND_LETTERS.values())}|XX|CB|ДB)([0-9OIL]{{4}})([0-9OIL]+)")
_BY_SOUND = {"CB": "SV", "ДB": "DV"}  # СВ and ДВ, once their letters are read by their look
_DIGITS = str.maketrans("OIL", "011")


def series(post_id: str, kind: str, year: int) -> str:
    """The series a number counts in: post, kind, year; as YEK-KU-2026."""
    return f"{post_id.upper()}-{_KIND_LETTERS.get(kind, 'XX')}-{year}"


def number_in(series_name: str, position: int) -> str:
    return f"{series_name}-{position:06d}"


def new_check_code() -> str:
    """Random; printed in two groups, as 7K3QX-M0ZTA."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(CHECK_CODE_LENGTH))
    return f"{code[:5]}-{code[5:]}"


def written_numbers(given: str) -> list[str]:
    """What may be meant, as the register writes it: case, spaces, kinds of hyphen or none, zeros before the running number,
    Cyrillic letters of the same look (of a kind: or sound) and, among its digits, O for 0 and I or L for 1 do not matter.
    A Cyrillic У is Y or U: hence several, and no more than _MOST_READINGS; at least one."""
    typed = given.upper()
    places = [place for place, char in enumerate(typed) if char in _Y_OR_U]
    if 2 ** len(places) > _MOST_READINGS:  # no number of ours has so many
        places = []
    readings: dict[str, None] = {}
    for letters in product("YU", repeat=len(places)):
        reading = list(typed)
        for place, letter in zip(places, letters, strict=True):
            reading[place] = letter
        readings[_written_number("".join(reading))] = None
    return list(readings)


def _written_number(given: str) -> str:
    typed = "".join(_latin(given).split()).translate(_HYPHENS)
    parts = _WITHOUT_HYPHENS.fullmatch(typed.replace("-", ""))
    if parts is None:
        return typed
    post, kind, year, position = parts.groups()
    return number_in(f"{post}-{_BY_SOUND.get(kind, kind)}-{year.translate(_DIGITS)}", int(position.translate(_DIGITS)))


def same_code(given: str, printed: str) -> bool:
    """Compare as a person types: case, hyphens, spaces, O for 0, I or L for 1, Cyrillic letters of the same look do not
    matter. In constant time."""
    return hmac.compare_digest(_normal(given).encode(), _normal(printed).encode())


def _normal(code: str) -> str:
    return "".join(char for char in _latin(code) if char.isalnum()).translate(_DIGITS)


def _latin(text: str) -> str:
    return text.upper().translate(_LATIN)
