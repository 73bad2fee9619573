"""A passkey: a key pair whose private half never leaves its owner's device, and the question that it answers once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.domain.person import PersonKind
from shared.actors import Assurance

LIFETIME = timedelta(minutes=5)
MOST = 10  # of one person


@dataclass(slots=True)
class Passkey:
    """id: keyed hash of the credential's id. assurance: of the session it was made in, which it goes on with. slot: which of the
    person's ten places it has, so that two added at once do not have one."""

    id: str
    person_id: str
    public_key: str
    sign_count: int
    device: str
    assurance: Assurance
    created_at: datetime
    used_at: datetime | None = None
    version: int = 1
    slot: int = 0

    def doubt(self) -> None:
        """What an officer said of its owner was taken back."""
        self.assurance = Assurance.SELF_ASSERTED
        self.version += 1

    def use(self, sign_count: int, at: datetime) -> None:
        self.sign_count, self.used_at = sign_count, at
        self.version += 1


@dataclass(frozen=True, slots=True)
class Ceremony:
    """person_id: who adds a passkey; None: somebody signs in."""

    id: str
    challenge: bytes
    binding: str
    person_id: str | None


def methods_of(*, user_verified: bool) -> list[str]:
    """RFC 8176: hwk is a key of the device, and mfa where the device also made sure of its owner."""
    return ["hwk", "mfa"] if user_verified else ["pop"]


def must_verify_user(kind: PersonKind) -> bool:
    return kind is PersonKind.OFFICER
