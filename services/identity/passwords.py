"""Officers' passwords: argon2id with the parameters that OWASP gives, and which ones are refused.

A hash takes 19 MiB and a good part of a core, so only a few are made at once, and not on the event loop; a few more wait, and
whoever comes then is told so before anything of theirs is counted or looked at. So passwords take AT_ONCE times 19 MiB at most.
"""

import asyncio
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn  # type: ignore[import-untyped]
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

from shared.errors import FieldError, InvalidInput, Unavailable
from shared.texts import N_

SHORTEST, LONGEST = 12, 128
GUESSES_AT_LEAST = 10**8  # of zxcvbn's estimate: "safely unguessable" begins here
_LOOKED_AT = 72  # zxcvbn takes no more
AT_ONCE = 4
WAITING = 60  # a few seconds of hashing on a slow core; whoever comes then is told 503 and when to come again
MEMORY_KIB = 19_456
_HASHER = PasswordHasher(time_cost=2, memory_cost=MEMORY_KIB, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
_hashing = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
# of no password that anybody has: checked where there is no officer, so that the answer takes as long
_NOBODYS = _HASHER.hash("\x00nobody has this password\x00")

_SHORT = N_("A password has at least {shortest} characters. A few words in a row are easy to keep in mind.")
_LONG = N_("A password has at most {longest} characters.")
_COMMON = N_(
    "This password is among the common ones that are tried first. Take another, such as a few words that do not belong together."
)
_ADVICE = {
    "repeat": N_("This password repeats the same signs, which is tried early. Take a few words that do not belong together."),
    "sequence": N_(
        "This password is a row such as abc or 6543, which is tried early. Take a few words that do not belong together."
    ),
    "spatial": N_(
        "This password follows the keys of a keyboard, which is tried early. Take a few words that do not belong together."
    ),
    "date": N_("This password is a date, and there are few of them. Take a few words that do not belong together."),
    "regex": N_("This password is a date, and there are few of them. Take a few words that do not belong together."),
}
_LOGIN = N_("A password must not contain your login.")


class TooBusy(Unavailable):
    """As many passwords are looked at as there is room for."""


class Room:
    """Places for those whose password is hashed, or waits to be."""

    def __init__(self, most: int) -> None:
        self._most, self._taken = most, 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Raises TooBusy, at once."""
        if self._taken >= self._most:
            raise TooBusy("passwords")
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


room = Room(AT_ONCE + WAITING)


async def hash_password(password: str, *, login: str, pointer: str = "/password") -> str:
    """Raises InvalidInput, which says what is wrong with it."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, _hash, password, login, pointer)


async def is_password(password: str, hashed: str | None) -> bool:
    """hashed None: there is no such officer, or none with a password; the same work, and the answer is no."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, _matches, password, hashed)


def _hash(password: str, login: str, pointer: str) -> str:
    plain = _normal(password)
    if fault := _fault(plain, login):
        raise InvalidInput([FieldError(pointer, fault, {"shortest": SHORTEST, "longest": LONGEST})])
    return _HASHER.hash(plain)


def _matches(password: str, hashed: str | None) -> bool:
    try:
        return _HASHER.verify(hashed or _NOBODYS, _normal(password)[: LONGEST * 2]) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def _fault(plain: str, login: str) -> str | None:
    if len(plain) < SHORTEST:
        return _SHORT
    if len(plain) > LONGEST:
        return _LONG
    if login and login.casefold() in plain.casefold():
        return _LOGIN
    if plain.casefold() in _common():
        return _COMMON
    judged = zxcvbn(plain[:_LOOKED_AT], user_inputs=["eshik"])
    return _advice(judged["sequence"]) if judged["guesses"] < GUESSES_AT_LEAST else None


def _advice(parts: list[dict[str, Any]]) -> str:
    """By what makes most of it easy to guess, as zxcvbn sees it; its own words are English."""
    lengths: dict[str, int] = {}
    for part in parts:
        lengths[part["pattern"]] = lengths.get(part["pattern"], 0) + len(part["token"])
    return _ADVICE.get(max(lengths, key=lambda pattern: lengths[pattern], default=""), _COMMON)


@cache
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)  # the same letters, whichever keyboard wrote them
