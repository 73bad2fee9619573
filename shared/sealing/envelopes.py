"""Envelopes: AES-256-GCM with a random nonce, bound to the place where the ciphertext lies."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.sealing.errors import SealBroken

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12  # random: safe for 2^32 values under one key, and a person has one of their own in each service
_FIELD: Final = "eshik-field-1"


class Sealed(TypedDict):
    """As it lies in a document. k: id of the data key; n: nonce; c: ciphertext with its tag."""

    k: str
    n: bytes
    c: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value lies. The same ciphertext does not open anywhere else."""

    collection: str
    record: str
    field: str


class DataKey:
    """A person's key in one service. Its secret leaves it only to be wrapped."""

    __slots__ = ("_cipher", "id")

    def __init__(self, key_id: str, secret: bytes) -> None:
        self.id, self._cipher = key_id, AESGCM(secret)

    def seal(self, content: bytes, place: Place) -> Sealed:
        nonce = os.urandom(NONCE_BYTES)
        return {"k": self.id, "n": nonce, "c": self._cipher.encrypt(nonce, content, _bound(place, self.id))}

    def open(self, sealed: Sealed, place: Place) -> bytes:
        """Raises SealBroken."""
        if sealed["k"] != self.id:
            raise SealBroken("other-key")
        try:
            return self._cipher.decrypt(sealed["n"], sealed["c"], _bound(place, self.id))
        except (InvalidTag, ValueError):
            raise SealBroken("moved-or-altered") from None


def is_sealed(value: Any) -> bool:
    return isinstance(value, Mapping) and value.keys() == Sealed.__annotations__.keys() and isinstance(value["c"], bytes)


def joined(*parts: str) -> bytes:
    """Parts with their lengths, so that no two lists of parts give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4) + part for part in encoded)


def _bound(place: Place, key_id: str) -> bytes:
    return joined(_FIELD, place.collection, place.record, place.field, key_id)
