"""What is signed: checkpoints, which fix all entries up to a number, and promises, that an entry will be under one by a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from shared.audit.entry import Entry
from shared.audit.keys import AuditKey, Jwk, NotSigned, signed_content

CHECKPOINT, PROMISE = "eshik-checkpoint", "eshik-promise"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """size: how many entries. root: of their tree. link: of the last one. previous: digest of the checkpoint before."""

    service: str
    number: int
    size: int
    root: bytes
    link: bytes
    at: datetime
    previous: str | None

    def signed(self, key: AuditKey) -> str:
        content = {
            "service": self.service,
            "number": self.number,
            "size": self.size,
            "root": self.root.hex(),
            "link": self.link.hex(),
            "at": _text(self.at),
            "previous": self.previous,
        }
        return key.sign(CHECKPOINT, content)

    @classmethod
    def read(cls, text: str, keys: Iterable[Jwk]) -> "Checkpoint":
        """Raises NotSigned."""
        found = signed_content(text, CHECKPOINT, keys)
        try:
            return cls(
                service=str(found["service"]),
                number=int(found["number"]),
                size=int(found["size"]),
                root=bytes.fromhex(found["root"]),
                link=bytes.fromhex(found["link"]),
                at=datetime.fromisoformat(found["at"]),
                previous=found["previous"],
            )
        except (KeyError, ValueError, TypeError):
            raise NotSigned("not-a-checkpoint") from None


def digest(text: str) -> str:
    """By which a checkpoint names the one before it."""
    return sha256(text.encode()).hexdigest()


def promise(entry: Entry, by: datetime, key: AuditKey) -> str:
    """For the receipt: this entry, with this hash, will be in a checkpoint by then."""
    content = {"service": entry.service, "entry": entry.id, "hash": entry.hash().hex(), "at": _text(entry.at), "by": _text(by)}
    return key.sign(PROMISE, content)


def read_promise(text: str, keys: Iterable[Jwk]) -> dict[str, Any]:
    """service, entry, hash, at, by. Raises NotSigned."""
    return signed_content(text, PROMISE, keys)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
