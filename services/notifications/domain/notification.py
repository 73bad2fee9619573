"""One message to one person by one channel: queued -> sending -> sent | failed | unknown.

The fence: `sending` is written before the provider is called. Whoever finds a message already `sending` from an
earlier run cannot know whether it left, so it becomes `unknown` and is never sent again by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from shared.contracts.notifications import NotificationUndeliverable
from shared.errors import NotAllowedNow
from shared.texts import N_

_NAMES = UUID("3a8d1bb4-6d5c-5f0e-9d0a-7c1c1b1f6a50")
LIFETIME = timedelta(days=3)  # news older than this is read in the account, not sent

NO_CONTACT_POINT = "no-contact-point"
OUTCOME_UNKNOWN = "outcome-unknown"
TOO_OLD = "too-old"


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


# sending -> queued only where the provider provably took nothing; an unknown message may still turn out to have left
_NEXT: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.FAILED}),
    State.SENDING: frozenset({State.QUEUED, State.SENT, State.FAILED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.SENT}),
    State.SENT: frozenset(),
    State.FAILED: frozenset(),
}


class MessageAlreadySettled(NotAllowedNow):
    code = "message-already-settled"
    message = N_("This message has already been sent or given up.")


@dataclass(slots=True)
class Notification:
    """run: the one attempt that may call the provider now. post_id is known where the event says it."""

    id: str
    event_id: str
    event_type: str
    notice: str
    channel: Channel
    citizen_id: str
    application_id: str
    reference: str
    post_id: str | None
    queued_at: datetime
    expires_at: datetime
    state: State = State.QUEUED
    state_at: datetime | None = None
    reason: str | None = None
    run: str | None = None
    version: int = 0

    @property
    def settled(self) -> bool:
        return self.state in (State.SENT, State.FAILED, State.UNKNOWN)

    def interrupted(self, *, run: str) -> bool:
        """Whether an earlier run had started to send and never said what became of it."""
        return self.state is State.SENDING and self.run != run

    def start(self, *, run: str, at: datetime) -> None:
        """The fence. The same run may pass it twice (a transaction can run again); any other must not pass."""
        if self.state is State.SENDING and self.run == run:
            return
        self._become(State.SENDING, at=at)
        self.run = run

    def put_back(self, *, run: str, at: datetime) -> None:
        """The provider took nothing: the same run gives its place back."""
        if self.state is State.QUEUED:
            return
        if self.run != run:
            raise MessageAlreadySettled
        self._become(State.QUEUED, at=at)
        self.run = None

    def sent(self, *, at: datetime) -> None:
        if self.state is not State.SENT:
            self._become(State.SENT, at=at)

    def failed(self, reason: str, *, at: datetime) -> NotificationUndeliverable | None:
        """It will never leave. The event once, at the change; nothing when it had failed before."""
        if self.state is State.FAILED:
            return None
        self._become(State.FAILED, at=at, reason=reason)
        return self._undeliverable(at)

    def lost_track(self, *, at: datetime) -> NotificationUndeliverable | None:
        """Nobody can say whether it left. The event once, at the change."""
        if self.state is State.UNKNOWN:
            return None
        self._become(State.UNKNOWN, at=at, reason=OUTCOME_UNKNOWN)
        return self._undeliverable(at)

    def _become(self, state: State, *, at: datetime, reason: str | None = None) -> None:
        if state not in _NEXT[self.state]:
            raise MessageAlreadySettled
        self.state, self.state_at, self.reason = state, at, reason

    def _undeliverable(self, at: datetime) -> NotificationUndeliverable:
        return NotificationUndeliverable(
            sequence=self.version + 1,
            occurred_at=at,
            notification_id=self.id,
            application_id=self.application_id,
            channel=self.channel,
            reason=self.reason or OUTCOME_UNKNOWN,
        )


def notification_id(event_id: str, channel: Channel) -> str:
    """The same for one event and channel however often the event arrives; providers know the message by it."""
    return str(uuid5(_NAMES, f"{event_id}/{channel}"))
