"""Officers' passwords: argon2id with the parameters that OWASP gives, and which ones are refused.

A hash takes 19 MiB and a good part of a core, so only a few are made at once, and not on the event loop.
"""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn  # type: ignore[import-untyped]
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

from shared.errors import FieldError, InvalidInput
from shared.texts import N_

SHORTEST, LONGEST = 12, 128
GUESSES_AT_LEAST = 10**8  # of zxcvbn's estimate: "safely unguessable" begins here
_LOOKED_AT = 72  # zxcvbn takes no more
AT_ONCE = 4
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
_hashing = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
# of no password that anybody has: checked where there is no officer, so that the answer takes as long
_NOBODYS = _HASHER.hash("\x00nobody has this password\x00")

_SHORT = N_("A password has at least {shortest} characters. A few words in a row are easy to keep in mind.")
_LONG = N_("A password has at most {longest} characters.")
_COMMON = N_(
    "This password is among the common ones that are tried first. Take another, such as a few words that do not belong together."
)
_LOGIN = N_("A password must not contain your login.")


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
    if plain.casefold() in _common() or zxcvbn(plain[:_LOOKED_AT], user_inputs=["eshik"])["guesses"] < GUESSES_AT_LEAST:
        return _COMMON
    return None


@cache
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)  # the same letters, whichever keyboard wrote them
