"""The key file of a service: {"current": id, "keys": {id: base64 of 32 bytes}, "blind": base64 of 32 bytes}.

keys: key-encryption keys, of which `current` wraps what is new; blind: the key of blind indexes, which never changes, because
an index cannot be made anew from a hash. A running service sees that the file was replaced, and takes the new one.
"""

import base64
import binascii
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

import structlog

from shared.sealing.blind import BlindIndex
from shared.sealing.envelopes import KEY_BYTES
from shared.sealing.errors import UnusableKeys
from shared.sealing.key_encryption import KeyEncryption, KeyRing, Owner, Wrapped

log = structlog.get_logger(__name__)

LOOK_AGAIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """All that a service needs to seal and to look up."""

    encryption: KeyEncryption
    blind: BlindIndex


@dataclass(frozen=True, slots=True)
class KeyFileContent:
    current: str
    keys: dict[str, bytes]
    blind: bytes


def read_keys(content: bytes) -> KeyFileContent:
    """Raises UnusableKeys."""
    try:
        found = json.loads(content)
    except ValueError:
        raise UnusableKeys("not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("keys"), dict):
        raise UnusableKeys("keys is not an object")
    keys = {kek: _secret(value, "keys") for kek, value in found["keys"].items()}
    if found.get("current") not in keys:
        raise UnusableKeys("current names none of the keys")
    return KeyFileContent(found["current"], keys, _secret(found.get("blind"), "blind"))


def keys_from_text(content: str) -> ServiceKeys:
    """From the environment: as the process was started with them. Raises UnusableKeys."""
    read = read_keys(content.encode())
    return ServiceKeys(KeyRing(read.current, read.keys), BlindIndex(read.blind))


def keys_from_file(path: Path) -> ServiceKeys:
    """From a file, which may be replaced while the process runs. Raises UnusableKeys, OSError."""
    watched = WatchedKeyFile(path)
    return ServiceKeys(watched, BlindIndex(watched.blind))


class WatchedKeyFile:
    """The key ring of a file. A file that cannot be used is told once, and the keys from before stay in use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = self._marked()
        read = read_keys(path.read_bytes())
        self._ring, self.blind = KeyRing(read.current, read.keys), read.blind
        self._looked_at = monotonic()
        self._told: str | None = None

    @property
    def current(self) -> str:
        return self._newest().current

    def known(self) -> Collection[str]:
        return self._newest().known()

    async def wrap(self, secret: bytes, owner: Owner) -> Wrapped:
        return await self._newest().wrap(secret, owner)

    async def unwrap(self, wrapped: Wrapped, owner: Owner) -> bytes:
        if wrapped.kek not in self._newest().known():
            self._looked_at = -LOOK_AGAIN_S  # another process may have had a newer file already: look now
        return await self._newest().unwrap(wrapped, owner)

    def _newest(self) -> KeyRing:
        now = monotonic()
        if now - self._looked_at >= LOOK_AGAIN_S:
            self._looked_at = now
            self._look()
        return self._ring

    def _look(self) -> None:
        try:
            mark = self._marked()
            if mark == self._mark:
                return
            self._mark = mark
            read = read_keys(self._path.read_bytes())
        except (OSError, UnusableKeys) as error:
            if self._told != type(error).__name__:  # looked at each second, and told once
                self._told = type(error).__name__
                log.error("key_file_not_usable", error=self._told)
            return
        self._told = None
        if read.blind != self.blind:
            log.error("key_file_has_another_blind_key")  # nothing would be found by it: keep all as it was
            return
        self._ring = KeyRing(read.current, read.keys)
        log.info("key_file_read_again", current=read.current, keys=len(read.keys))

    def _marked(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size


def _secret(value: Any, part: str) -> bytes:
    try:
        secret = base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise UnusableKeys(f"{part}: not base64") from None
    if len(secret) != KEY_BYTES:
        raise UnusableKeys(f"{part}: not {KEY_BYTES} bytes")
    return secret
