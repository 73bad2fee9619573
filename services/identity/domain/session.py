"""A session: everything that grows out of one sign-in. Its refresh tokens are numbered, and each is worth something once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.identity.domain.person import Person, PersonKind
from shared.actors import Assurance

IDLE = timedelta(days=30)  # a citizen who did not come back for so long signs in anew
WORKING_DAY = timedelta(hours=12)  # an officer signs in anew, however busy
LEEWAY = timedelta(seconds=30)  # an answer was lost on a bad line, or two tabs asked at once


class Renewal(StrEnum):
    """What showing a refresh token came to."""

    ROTATED = "rotated"
    REPEATED = "repeated"  # the one before the present one, just now: its successor once more
    REUSED = "reused"  # somebody has a copy: the session has ended
    OVER = "over"


class EndedBecause(StrEnum):
    SIGNED_OUT = "signed-out"
    SIGNED_OUT_EVERYWHERE = "signed-out-everywhere"
    REUSE = "refresh-token-reused"
    ERASED = "person-erased"
    CREDENTIALS = "credentials-changed"


@dataclass(slots=True)
class Session:
    """generation: the number of the present refresh token. methods: RFC 8176. device: what its owner calls the device."""

    id: str
    person_id: str
    kind: PersonKind
    methods: list[str]
    assurance: Assurance
    opened_at: datetime
    renewed_at: datetime
    expires_at: datetime
    device: str = ""
    generation: int = 1
    ended_at: datetime | None = None
    ended_because: EndedBecause | None = None
    version: int = 1

    @classmethod
    def open(
        cls, session_id: str, person: Person, *, methods: Sequence[str], assurance: Assurance, device: str, at: datetime
    ) -> "Session":
        lasts = IDLE if person.kind is PersonKind.CITIZEN else WORKING_DAY
        return cls(session_id, person.id, person.kind, [*methods], assurance, at, at, at + lasts, device)

    def is_live(self, at: datetime) -> bool:
        return self.ended_at is None and at < self.expires_at

    def renew(self, generation: int, *, at: datetime) -> Renewal:
        """Show the refresh token of that number: one used before, too late or twice, ends the session for good."""
        if not self.is_live(at) or generation > self.generation:
            return Renewal.OVER
        if generation == self.generation:
            self.generation += 1
            self.renewed_at = at
            if self.kind is PersonKind.CITIZEN:
                self.expires_at = at + IDLE
            self.version += 1
            return Renewal.ROTATED
        if generation == self.generation - 1 and at - self.renewed_at <= LEEWAY:
            return Renewal.REPEATED
        self.end(EndedBecause.REUSE, at=at)
        return Renewal.REUSED

    def end(self, because: EndedBecause, *, at: datetime) -> bool:
        """False where it had ended before."""
        if self.ended_at is not None:
            return False
        self.ended_at, self.ended_because = at, because
        self.version += 1
        return True
