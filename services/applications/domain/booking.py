"""An appointment: one person or a family at one post on one day, each with a time of their own.

held | offered -> booked | lapsed | cancelled; booked -> cancelled, by the citizen, by the post, or by silence. Who is asked
whether they come and says nothing loses the time only where a delivery receipt shows that the question arrived; else an officer
calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from services.applications.domain import appointment_errors as errors
from services.applications.domain.fair_draw import day_of
from services.applications.domain.timetable import Elsewhere, Slot
from shared.contracts.applications import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentConfirmationAsked,
    AppointmentOffered,
)
from shared.errors import NotAllowedNow

Attendance = Literal["expected", "arrived", "served", "absent"]
Call = Literal["waits", "confirmed", "not-reached"]
Source = Literal["citizen", "waiting-list", "draw"]
EndReason = Literal["by-citizen", "by-post", "no-answer", "declined", "time-up"]


class BookingState(StrEnum):
    HELD = "held"
    OFFERED = "offered"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


KEPT = (BookingState.HELD, BookingState.OFFERED, BookingState.BOOKED)  # those that keep their times
_NOTED: Mapping[str, type[NotAllowedNow]] = {
    "served": errors.VisitTookPlace,
    "absent": errors.VisitMissed,
    "arrived": errors.VisitorIsHere,
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One person's time. who: what they are to whoever booked: self, or a member of the family."""

    slot_id: str
    window: str
    starts_at: datetime
    minutes: int
    service_id: str
    who: Literal["self", "child", "spouse", "parent", "other"] = "self"
    application_id: str | None = None
    attendance: Attendance = "expected"
    attended_at: datetime | None = None

    @classmethod
    def of(cls, slot: Slot, service_id: str, who: str = "self", application_id: str | None = None) -> "Visit":
        return cls(slot.id, slot.window, slot.starts_at, slot.minutes, service_id, who, application_id)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question whether they come. event_id: by which a receipt finds it."""

    days: int
    at: datetime
    event_id: str
    delivered_at: datetime | None = None


@dataclass(slots=True)
class Booking:
    """visitors: names in the order of visits, and phone: for the counter and for calls; both sealed. post_zone: IANA, of where
    they come to. place, town: of a day elsewhere, and the name of its town as it was then."""

    id: str
    reference: str
    citizen_id: str
    post_id: str
    post_zone: str
    day: str
    visits: tuple[Visit, ...]
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    source: Source = "citizen"
    state: BookingState = BookingState.HELD
    held_until: datetime | None = None
    booked_at: datetime | None = None
    visitors: tuple[str, ...] | None = None
    phone: str | None = None
    asked: tuple[Asked, ...] = ()
    confirmed_at: datetime | None = None
    call: Call | None = None
    called_at: datetime | None = None
    called_by: str | None = None
    end_reason: EndReason | None = None
    ended_at: datetime | None = None
    place: str | None = None
    town: dict[str, str] | None = None
    version: int = 1

    @classmethod
    def hold(
        cls,
        booking_id: str,
        reference: str,
        *,
        citizen_id: str,
        post: tuple[str, str],
        visits: tuple[Visit, ...],
        at: datetime,
        until: datetime,
        source: Source = "citizen",
        visitors: tuple[str, ...] | None = None,
        phone: str | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> "Booking":
        """post: its id, and the zone of where they come to. The times are all of one day at one place."""
        return cls(
            id=booking_id,
            reference=reference,
            citizen_id=citizen_id,
            post_id=post[0],
            post_zone=post[1],
            day=day_of(visits[0].slot_id),
            visits=visits,
            starts_at=min(visit.starts_at for visit in visits),
            ends_at=max(visit.starts_at + timedelta(minutes=visit.minutes) for visit in visits),
            made_at=at,
            source=source,
            state=BookingState.OFFERED if source == "waiting-list" else BookingState.HELD,
            held_until=until,
            visitors=visitors,
            phone=phone,
            place=elsewhere.id if elsewhere else None,
            town={str(language): name for language, name in elsewhere.names.items()} if elsewhere else None,
        )

    @property
    def slot_ids(self) -> list[str]:
        return [visit.slot_id for visit in self.visits]

    @property
    def noted(self) -> Attendance | None:
        """What an officer wrote down of it, of a family what says most; None as long as nobody came or was missed."""
        written = {visit.attendance for visit in self.visits}
        order: tuple[Attendance, ...] = ("served", "arrived", "absent")
        return next((each for each in order if each in written), None)

    @property
    def answer_awaited(self) -> bool:
        return self.state is BookingState.BOOKED and bool(self.asked) and self.confirmed_at is None

    @property
    def arrived(self) -> bool:
        """A question whether they come has reached them, as a receipt says."""
        return any(asked.delivered_at for asked in self.asked)

    def offered(self, at: datetime) -> AppointmentOffered:
        assert self.held_until is not None  # noqa: S101 (an offer has an end)
        return AppointmentOffered(**self._facts(at), expires_at=self.held_until)

    def book(self, *, at: datetime) -> AppointmentBooked:
        """Raises HoldOver, NotBooked."""
        if self.state is BookingState.LAPSED or (self.held_until is not None and self.held_until <= at):
            raise errors.HoldOver
        if self.state not in (BookingState.HELD, BookingState.OFFERED):
            raise errors.NotBooked
        self._become(BookingState.BOOKED)
        self.booked_at, self.held_until = at, None
        return AppointmentBooked(**self._facts(at))

    def lapse(self, *, at: datetime) -> bool:
        """Out: whether its times are free from now on."""
        if self.state not in (BookingState.HELD, BookingState.OFFERED) or self.held_until is None or self.held_until > at:
            return False
        self._end(BookingState.LAPSED, "time-up", at)
        return True

    def cancel(self, reason: EndReason, *, at: datetime) -> AppointmentCancelled | None:
        """Out: what is told of it; what was only held or offered is nobody's news. Raises NotBooked, VisitTookPlace, VisitMissed,
        VisitorIsHere, TooLateNow."""
        if refusal := self.why_kept(reason, at=at):
            raise refusal
        booked = self.state is BookingState.BOOKED
        self._end(BookingState.CANCELLED, reason if booked else "declined", at)
        return AppointmentCancelled(**self._facts(at), reason=reason) if booked else None

    def why_kept(self, reason: EndReason, *, at: datetime) -> NotAllowedNow | None:
        """Why it cannot be given up now; None where it can. Who comes early is served before their time: what an officer wrote
        down of it stays, else that time is given to somebody else. A post may still send those away who came."""
        if self.state not in KEPT:
            return errors.NotBooked()
        by_post = reason == "by-post"
        if self.noted is not None and not (by_post and self.noted == "arrived"):
            return _NOTED[self.noted]()
        return errors.TooLateNow() if self.starts_at <= at else None

    def ask(self, days: int, *, at: datetime) -> AppointmentConfirmationAsked | None:
        """Whether they will come. None where nobody need be asked: it is confirmed, cancelled, asked or over."""
        if self.state is not BookingState.BOOKED or self.confirmed_at or self.noted or self.starts_at <= at:
            return None
        if any(asked.days <= days for asked in self.asked):
            return None
        self.version += 1
        return AppointmentConfirmationAsked(**self._facts(at), days_ahead=days)

    def note_asked(self, days: int, event_id: str, *, at: datetime) -> None:
        """Belongs to ask: under which event the question went out."""
        self.asked = (*self.asked, Asked(days, at, event_id))

    def note_delivered(self, event_id: str, *, at: datetime) -> bool:
        """A receipt came. Out: whether it changes anything."""
        if not any(asked.event_id == event_id and asked.delivered_at is None for asked in self.asked):
            return False
        self.asked = tuple(replace(one, delivered_at=at) if one.event_id == event_id else one for one in self.asked)
        self.version += 1
        return True

    def confirm(self, *, at: datetime) -> None:
        """They will come. Raises NotBooked, VisitTookPlace, VisitMissed, VisitorIsHere, TooLateNow."""
        if refusal := self.why_not_ahead(at):
            raise refusal
        if self.confirmed_at is None:
            self.confirmed_at, self.call = at, None
            self.version += 1

    def judge_silence(self, *, at: datetime) -> AppointmentCancelled | None:
        """Who was asked and has the question gives the time back by silence; whoever may not have it is called."""
        if not self.answer_awaited or self.noted or self.starts_at <= at or self.call == "confirmed":
            return None
        if self.arrived:
            return self.cancel("no-answer", at=at)
        if self.call is None:
            self.call = "waits"
            self.version += 1
        return None

    def note_call(self, outcome: Literal["confirmed", "not-reached"], *, by: str, at: datetime) -> None:
        """An officer called. Who is not reached keeps the time: no receipt says that they were asked. Raises NoCallWaits."""
        if self.state is not BookingState.BOOKED or self.call is None:
            raise errors.NoCallWaits
        self.call, self.called_at, self.called_by = outcome, at, by
        if outcome == "confirmed":
            self.confirmed_at = at
        self.version += 1

    def attend(self, slot_id: str, attendance: Attendance, *, at: datetime, today: str) -> None:
        """Raises NotBooked, NotThatDay, AppointmentNotFound."""
        if self.state is not BookingState.BOOKED:
            raise errors.NotBooked
        if today != self.day:
            raise errors.NotThatDay
        if slot_id not in self.slot_ids:
            raise errors.AppointmentNotFound
        changed = (
            replace(visit, attendance=attendance, attended_at=at) if visit.slot_id == slot_id else visit for visit in self.visits
        )
        self.visits = tuple(changed)
        self.version += 1

    def why_not_ahead(self, at: datetime) -> NotAllowedNow | None:
        """Why nobody can say any more, or not yet, that they will come; None where they can."""
        return errors.NotBooked() if self.state is not BookingState.BOOKED else self.why_kept("by-citizen", at=at)

    def _become(self, state: BookingState) -> None:
        self.state = state
        self.version += 1

    def _end(self, state: BookingState, reason: EndReason, at: datetime) -> None:
        self._become(state)
        self.end_reason, self.ended_at, self.call = reason, at, None

    def _facts(self, at: datetime) -> dict[str, Any]:
        return {
            "sequence": self.version,
            "occurred_at": at,
            "appointment_id": self.id,
            "citizen_id": self.citizen_id,
            "reference": self.reference,
            "post_id": self.post_id,
            "starts_at": self.starts_at,
            "time_zone": self.post_zone,
            "town": " / ".join(dict.fromkeys(self.town.values())) if self.town else None,
        }


def asks_of(booking: Booking, ask_days: tuple[int, ...], at: datetime) -> list[tuple[int, datetime]]:
    """When somebody who books now is asked: how many days ahead, and the moment."""
    moments = ((days, booking.starts_at - timedelta(days=days)) for days in ask_days)
    return [(days, moment) for days, moment in moments if moment > at]
