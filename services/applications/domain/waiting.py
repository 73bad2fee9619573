"""Who waits for a time that becomes free, and who came without an appointment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.applications.domain import appointment_errors as errors

WaitState = Literal["waiting", "offered", "taken", "missed", "left"]
TicketState = Literal["waiting", "called", "served", "left"]


@dataclass(slots=True)
class Wait:
    """For one person's time at a post, in these days (ISO, both included). rank: 0, or the place that a draw gave. It counts at
    windows whose times are drawn: there the lower is first, and after them whoever was in no draw. Else who joined first is.
    ends_at: when the last day is over. live_key: one place for each person, post, service and town. place: a day elsewhere."""

    id: str
    citizen_id: str
    post_id: str
    service_id: str
    from_day: str
    until_day: str
    ends_at: datetime
    joined_at: datetime
    rank: int = 0
    state: WaitState = "waiting"
    booking_id: str | None = None
    live_key: str = ""
    place: str | None = None
    version: int = 1

    @classmethod
    def join(
        cls,
        wait_id: str,
        *,
        citizen_id: str,
        post_id: str,
        service_id: str,
        days: tuple[str, str],
        ends_at: datetime,
        at: datetime,
        rank: int = 0,
        place: str | None = None,
    ) -> "Wait":
        key = f"{citizen_id}:{post_id}:{service_id}" + (f":{place}" if place else "")
        ids = (wait_id, citizen_id, post_id, service_id)
        return cls(*ids, *days, ends_at=ends_at, joined_at=at, rank=rank, live_key=key, place=place)

    def note_rank(self, rank: int) -> bool:
        """Of a draw that passed them over while they waited already. Out: whether it changes anything."""
        if self.state != "waiting" or self.rank:
            return False
        self.rank = rank
        self.version += 1
        return True

    def offer(self, booking_id: str) -> None:
        self._become("offered", booking_id)

    def take(self) -> None:
        self._become("taken", self.booking_id)

    def miss(self) -> None:
        """The offer was declined, or its time was up: whoever still wants a time joins again."""
        self._become("missed", self.booking_id)

    def leave(self) -> None:
        """Raises WaitOver."""
        if self.state != "waiting":
            raise errors.WaitOver
        self._become("left", None)

    def _become(self, state: WaitState, booking_id: str | None) -> None:
        self.state, self.booking_id = state, booking_id
        if state != "offered":
            self.live_key = f"ended:{self.id}"
        self.version += 1


@dataclass(slots=True)
class Ticket:
    """Of somebody who came without an appointment: a number of that day, and nothing of the person. ends_at: midnight there.
    place: of a day in another town, whose numbers are a series of their own."""

    id: str
    post_id: str
    day: str
    number: int
    service_id: str | None
    taken_at: datetime
    ends_at: datetime
    state: TicketState = "waiting"
    window: str | None = None
    called_at: datetime | None = None
    ended_at: datetime | None = None
    place: str | None = None
    version: int = 1

    def call(self, window: str, *, at: datetime) -> None:
        """Raises TicketNotWaiting."""
        if self.state != "waiting":
            raise errors.TicketNotWaiting
        self.state, self.window, self.called_at = "called", window, at
        self.version += 1

    def end(self, state: Literal["served", "left"], *, at: datetime) -> None:
        """Raises TicketNotWaiting."""
        if self.state not in ("waiting", "called"):
            raise errors.TicketNotWaiting
        self.state, self.ended_at = state, at
        self.version += 1
