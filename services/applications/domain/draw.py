"""One draw of times, and one person's entry in it.

announced -> closed (no more entries; hardship is judged) -> drawn. Times and windows are the timetable's; the arithmetic is
fair_draw's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.applications.domain import appointment_errors as errors
from shared.contracts.applications import DrawEntryPassedOver

DrawState = Literal["announced", "closed", "drawn"]
Hardship = Literal["none", "claimed", "confirmed", "declined"]
Ground = Literal["medical", "bereavement", "no-valid-document", "small-child", "other"]
Outcome = Literal["drawn", "passed-over"]
MOST_ENTRIES = 20_000  # a publication stays one document


@dataclass(slots=True)
class Draw:
    """slots: the times that are given out, in their order; once it is drawn, those that nobody has, because none was drawn for
    them or somebody gave them back, are free for everybody. publication: canonical JSON, once it is drawn."""

    id: str
    post_id: str
    post_zone: str
    service_id: str
    slots: tuple[str, ...]
    commitment: str
    announced_by: str
    announced_at: datetime
    opens_at: datetime
    closes_at: datetime
    draws_at: datetime
    ends_at: datetime  # of the last time
    state: DrawState = "announced"
    codes_digest: str | None = None
    entries: int = 0
    drawn_at: datetime | None = None
    publication: str | None = None
    version: int = 1

    def must_be_open(self, at: datetime) -> None:
        """Raises DrawNotOpen."""
        if self.state != "announced" or not self.opens_at <= at < self.closes_at:
            raise errors.DrawNotOpen

    def must_not_be_drawn(self) -> None:
        """Raises DrawDone."""
        if self.state == "drawn":
            raise errors.DrawDone

    def close(self, digest: str, entries: int) -> None:
        self.state, self.codes_digest, self.entries = "closed", digest, entries
        self.version += 1

    def drawn(self, publication: str, *, at: datetime) -> None:
        self.must_not_be_drawn()
        self.state, self.publication, self.drawn_at = "drawn", publication, at
        self.version += 1


@dataclass(slots=True)
class DrawEntry:
    """code: what is published of it. pin, ground, visitor, phone: sealed. pin is of nobody else in the same draw."""

    id: str
    draw_id: str
    citizen_id: str
    code: str
    entered_at: datetime
    ends_at: datetime
    days: tuple[str, ...]
    pin: str | None
    visitor: str | None = None
    phone: str | None = None
    hardship: Hardship = "none"
    ground: Ground | None = None
    judged_by: str | None = None
    judged_at: datetime | None = None
    outcome: Outcome | None = None
    place: int | None = None
    booking_id: str | None = None
    version: int = 1

    def judge(self, verdict: Literal["confirmed", "declined"], *, by: str, at: datetime) -> None:
        """Raises NoClaim."""
        if self.hardship != "claimed":
            raise errors.NoClaim
        self.hardship, self.judged_by, self.judged_at = verdict, by, at
        self.version += 1

    def settle(self, place: int, booking_id: str | None) -> None:
        self.outcome, self.place, self.booking_id = "drawn" if booking_id else "passed-over", place, booking_id
        self.version += 1

    def passed_over(self, draw: Draw, reference: str, at: datetime) -> DrawEntryPassedOver:
        return DrawEntryPassedOver(
            sequence=self.version,
            occurred_at=at,
            entry_id=self.id,
            draw_id=self.draw_id,
            citizen_id=self.citizen_id,
            reference=reference,
            post_id=draw.post_id,
        )
