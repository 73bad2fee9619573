"""Key-encryption keys, which data keys are wrapped with: from a file or the environment; the protocol is the seam for a KMS."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.sealing.envelopes import NONCE_BYTES, joined
from shared.sealing.errors import KeyAway, SealBroken

_WRAPPED: Final = "eshik-data-key-1"


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it may lie in a database. kek: the id of the key-encryption key that opens it."""

    kek: str
    nonce: bytes
    secret: bytes


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose data key it is. A wrapped key opens for nobody else."""

    service: str
    person: str
    key_id: str


class KeyEncryption(Protocol):
    """current: the id that new keys are wrapped under. known: all ids that it can open now.

    Asynchronous, for a KMS answers over the network. One that does must be quick or remember what it opened: the first
    write for a person waits for it inside a transaction.
    """

    @property
    def current(self) -> str: ...

    def known(self) -> Collection[str]: ...

    async def wrap(self, secret: bytes, owner: Owner) -> Wrapped: ...

    async def unwrap(self, wrapped: Wrapped, owner: Owner) -> bytes:
        """Raises KeyAway where the key-encryption key is not there, SealBroken where the wrapped key is not this owner's."""
        ...


class KeyRing:
    """Key-encryption keys in memory: AES-256-GCM, bound to the owner."""

    def __init__(self, current: str, secrets: dict[str, bytes]) -> None:
        self.current = current
        self._ciphers = {kek: AESGCM(secret) for kek, secret in secrets.items()}

    def known(self) -> Collection[str]:
        return self._ciphers.keys()

    async def wrap(self, secret: bytes, owner: Owner) -> Wrapped:
        nonce, kek = os.urandom(NONCE_BYTES), self.current
        return Wrapped(kek, nonce, self._ciphers[kek].encrypt(nonce, secret, _bound(owner, kek)))

    async def unwrap(self, wrapped: Wrapped, owner: Owner) -> bytes:
        cipher = self._ciphers.get(wrapped.kek)
        if cipher is None:
            raise KeyAway("key-encryption-key-not-in-file")
        try:
            return cipher.decrypt(wrapped.nonce, wrapped.secret, _bound(owner, wrapped.kek))
        except (InvalidTag, ValueError):
            raise SealBroken("wrapped-key-altered") from None


def _bound(owner: Owner, kek: str) -> bytes:
    return joined(_WRAPPED, owner.service, owner.person, owner.key_id, kek)
