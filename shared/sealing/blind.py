"""Blind indexes: a value can be looked up by its keyed hash, and the hash tells nothing to who has not the key."""

import hmac
import re
import unicodedata
from enum import StrEnum
from hashlib import sha256

from shared.sealing.envelopes import joined

_HEX_DIGITS = 32  # 128 bits: no two values meet by chance


class BlindKind(StrEnum):
    """Kinds are kept apart: a phone number that reads like a PIN has another index."""

    PIN = "pin"
    PHONE = "phone"
    EMAIL = "email"
    LOGIN = "login"
    NAME_TOKEN = "name-token"  # noqa: S105  (no secret)
    SUBJECT = "subject"  # whom a sign-in provider names; case counts


class BlindIndex:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: BlindKind, value: str) -> str:
        """The index of a value, however it is written: spaces, case and signs that mean nothing are left out before."""
        return hmac.new(self._key, joined(kind.value, _normal(kind, value)), sha256).hexdigest()[:_HEX_DIGITS]

    def of_request(self, digest: str) -> str:
        """What a request is remembered by. Its body may be a PIN and a date, which anybody could guess at a plain hash of it."""
        return hmac.new(self._key, joined("request", digest), sha256).hexdigest()


def _normal(kind: BlindKind, value: str) -> str:
    text = unicodedata.normalize("NFKC", value).strip()
    match kind:
        case BlindKind.PHONE:
            return re.sub(r"[^0-9+]", "", text)
        case BlindKind.PIN:
            return re.sub(r"[^0-9A-Za-z]", "", text).upper()
        case BlindKind.EMAIL | BlindKind.NAME_TOKEN:
            return text.casefold()
        case BlindKind.LOGIN | BlindKind.SUBJECT:
            return value
