"""One message to one person by one channel: queued -> sending -> sent | failed | unknown, or queued -> suppressed.

The fence: `sending` is written before the provider is called. Whoever finds a message already `sending` from an
earlier run cannot know whether it left, so it becomes `unknown` and is never sent again by itself.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NotRequired, TypedDict, Unpack
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from shared.contracts.notifications import NotificationDelivered, NotificationUndeliverable
from shared.errors import NotAllowedNow
from shared.texts import N_

_NAMES = UUID("3a8d1bb4-6d5c-5f0e-9d0a-7c1c1b1f6a50")
LIFETIME = timedelta(days=3)  # news older than this is read in the account, not sent

NO_CONTACT_POINT = "no-contact-point"
OUTCOME_UNKNOWN = "outcome-unknown"
PROVIDER_UNAVAILABLE = "provider-unavailable"
TOO_OLD = "too-old"
NOT_WANTED = "not-wanted"


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"  # nobody meant it to leave by this channel: not wanted, or no such contact point


# sending -> queued only where the provider provably took nothing; an unknown message may still turn out to have left
_NEXT: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.SENDING, State.FAILED, State.SUPPRESSED}),
    State.SENDING: frozenset({State.QUEUED, State.SENT, State.FAILED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.SENT}),
    State.SENT: frozenset(),
    State.FAILED: frozenset(),
    State.SUPPRESSED: frozenset(),
}


class MessageAlreadyTaken(NotAllowedNow):
    code = "message-already-taken"
    message = N_("This message is being sent, or has already been sent or given up.")


@dataclass(slots=True)
class Notification:
    """run: the one attempt that may call the provider now. post_id is known where the event says it. application_id: None for
    what is about no case, as a request about one's own data. moment, time_zone: of an appointment that it tells of; town: where
    that is not at the post. amount_minor, currency: of a payment that it tells of; pay_by: an ISO date."""

    id: str
    event_id: str
    event_type: str
    notice: str
    channel: Channel
    citizen_id: str
    application_id: str | None
    reference: str
    post_id: str | None
    queued_at: datetime
    expires_at: datetime
    state_at: datetime
    state: State = State.QUEUED
    reason: str | None = None
    run: str | None = None
    moment: datetime | None = None
    time_zone: str | None = None
    town: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    pay_by: str | None = None
    delivered_at: datetime | None = None
    version: int = 1

    @classmethod
    def queue(cls, *, event_id: str, channel: Channel, at: datetime, **facts: Unpack["Facts"]) -> "Notification":
        return cls(
            id=notification_id(event_id, channel),
            event_id=event_id,
            channel=channel,
            queued_at=at,
            state_at=at,
            expires_at=at + LIFETIME,
            **facts,
        )

    @property
    def waiting(self) -> bool:
        return self.state is State.QUEUED

    @property
    def settled(self) -> bool:
        return self.state in (State.SENT, State.FAILED, State.UNKNOWN, State.SUPPRESSED)

    @property
    def when(self) -> str:
        """Date and time of the appointment where it is, alike in all languages; and the town, where that is not at the post."""
        if self.moment is None or self.time_zone is None:
            return ""
        there = f"{self.moment.astimezone(ZoneInfo(self.time_zone)):%d.%m.%Y %H:%M}"
        return f"{there} ({self.town})" if self.town else there

    @property
    def last_day(self) -> str:
        """To pay, alike in all languages."""
        return f"{date.fromisoformat(self.pay_by):%d.%m.%Y}" if self.pay_by else ""

    def start(self, *, run: str, at: datetime) -> None:
        """The fence: from here on this run, and no other, may call the provider. Raises MessageAlreadyTaken."""
        if self.state is not State.QUEUED:
            raise MessageAlreadyTaken
        self._become(State.SENDING, at=at)
        self.run = run

    def put_back(self, *, run: str, at: datetime) -> None:
        """The provider took nothing, so the run gives its place back. Raises MessageAlreadyTaken for any other run."""
        if self.state is not State.SENDING or self.run != run:
            raise MessageAlreadyTaken
        self._become(State.QUEUED, at=at)
        self.run = None

    def sent(self, *, at: datetime) -> None:
        self._become(State.SENT, at=at)

    def failed(self, reason: str, *, at: datetime) -> NotificationUndeliverable | None:
        """It will never leave. Out: what those who have the case are told; None where there is no case."""
        self._become(State.FAILED, at=at, reason=reason)
        return self._undeliverable(at, reason)

    def suppressed(self, reason: str, *, at: datetime) -> None:
        """It is not sent, and nothing went wrong: the news reaches the person another way."""
        self._become(State.SUPPRESSED, at=at, reason=reason)

    def lost_track(self, *, at: datetime) -> NotificationUndeliverable | None:
        """Nobody can say whether it left."""
        self._become(State.UNKNOWN, at=at, reason=OUTCOME_UNKNOWN)
        return self._undeliverable(at, OUTCOME_UNKNOWN)

    def delivered(self, *, at: datetime) -> NotificationDelivered | None:
        """The gateway has a receipt of it. None where that is known."""
        if self.state is not State.SENT or self.delivered_at is not None:
            return None
        self.delivered_at = at
        self.version += 1
        return NotificationDelivered(
            sequence=self.version,
            occurred_at=at,
            notification_id=self.id,
            about_event_id=self.event_id,
            channel=self.channel,
        )

    def _become(self, state: State, *, at: datetime, reason: str | None = None) -> None:
        if state not in _NEXT[self.state]:
            raise MessageAlreadyTaken
        self.state, self.state_at, self.reason = state, at, reason
        self.version += 1

    def _undeliverable(self, at: datetime, reason: str) -> NotificationUndeliverable | None:
        if self.application_id is None:
            return None
        return NotificationUndeliverable(
            sequence=self.version,
            occurred_at=at,
            notification_id=self.id,
            application_id=self.application_id,
            channel=self.channel,
            reason=reason,
        )


class Facts(TypedDict):
    """What an event tells us for a message: ids only."""

    event_type: str
    notice: str
    citizen_id: str
    application_id: str | None
    reference: str
    post_id: str | None
    moment: NotRequired[datetime]
    time_zone: NotRequired[str]
    town: NotRequired[str | None]
    amount_minor: NotRequired[int]
    currency: NotRequired[str]
    pay_by: NotRequired[str | None]


def notification_id(event_id: str, channel: Channel) -> str:
    """The same for one event and channel however often the event arrives; providers know the message by it."""
    return str(uuid5(_NAMES, f"{event_id}/{channel}"))
