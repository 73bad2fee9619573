"""When a post receives visitors: windows, hours and services as data, and the times (slots) that follow from them.

A slot's id says all of it, as yek.a.2026-12-01.0930: nothing is stored before somebody takes it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from services.applications.domain.calendars import WEEKDAYS, Weekday
from services.applications.domain.sourced import Definition, Slug, Sourced

_WRITTEN = re.compile(r"([a-z]{3})\.([a-z0-9-]{1,20})\.(\d{4}-\d\d-\d\d)\.(\d\d)(\d\d)")
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
Release = Literal["open", "draw"]
OpenOn = Callable[[date], bool]  # whether the post is open that day


class Policy(Sourced):
    """What holds for all posts."""

    hold_minutes: Annotated[int, Field(gt=0, le=120)]
    people_at_once: Annotated[int, Field(gt=0, le=20)]
    times_a_day: Annotated[int, Field(gt=0, le=40)]
    open_times: Annotated[int, Field(gt=0, le=100)]
    horizon_days: Annotated[int, Field(gt=0, le=400)]
    lead_minutes: Annotated[int, Field(ge=0)]
    ask_days: Annotated[tuple[int, ...], Field(min_length=1)]
    silence_hours: Annotated[int, Field(gt=0, le=23)]
    offer_hours: Annotated[int, Field(gt=0)]
    offer_lead_hours: Annotated[int, Field(gt=0)]

    @model_validator(mode="after")
    def _asks_before_it_is_silent(self) -> Self:
        if any(day < 1 for day in self.ask_days) or list(self.ask_days) != sorted(set(self.ask_days), reverse=True):
            raise ValueError("ask_days: whole days, the earliest question first")
        return self


class Elsewhere(Definition):
    """A day on which a post receives in another town, in the time of that town. names: of the town."""

    id: Slug
    names: dict[Literal["ky", "ru", "en"], str]
    time_zone: str


class Window(Sourced):
    """One desk. services: ids; empty: all. elsewhere: it is in another town; none: at the post."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,20}$")]
    post: Annotated[str, Field(pattern=r"^[a-z]{3}$")]
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    hours: Annotated[tuple[tuple[str, str], ...], Field(min_length=1)]
    minutes: Annotated[int, Field(ge=5, le=240)]
    services: tuple[Slug, ...] = ()
    release: Release = "open"
    elsewhere: Elsewhere | None = None

    @property
    def place(self) -> str | None:
        return self.elsewhere.id if self.elsewhere else None

    @model_validator(mode="after")
    def _hours_are_hours(self) -> Self:
        if not all(_HOUR.fullmatch(hour) for pair in self.hours for hour in pair):
            raise ValueError("hours: as 09:30")
        flat = [hour for pair in self.hours for hour in pair]
        if any(later <= earlier for earlier, later in pairwise(flat)):
            raise ValueError("hours: each begins after the one before has ended")
        return self

    def receives_for(self, service_id: str) -> bool:
        return not self.services or service_id in self.services

    def times_of(self, day: date) -> Iterator[time]:
        """Local times at which a visit begins; it ends within the hours."""
        if WEEKDAYS[day.weekday()] not in self.days or not self.applies_on(day):
            return
        for first, last in self.hours:
            at, end = _minutes(first), _minutes(last)
            while at + self.minutes <= end:
                yield time(at // 60, at % 60)
                at += self.minutes


class Appointments(Definition):
    """The whole file."""

    policy: Policy
    windows: tuple[Window, ...]

    @model_validator(mode="after")
    def _windows_differ(self) -> Self:
        names = [(window.post, window.id) for window in self.windows]
        if len(set(names)) != len(names):
            raise ValueError("windows: a post has one window of each id")
        return self


@dataclass(frozen=True, slots=True)
class Slot:
    """One time at one window. starts_at: UTC."""

    id: str
    post_id: str
    window: str
    day: date
    starts_at: datetime
    minutes: int
    zone: str
    elsewhere: Elsewhere | None = None

    @property
    def place(self) -> str | None:
        return self.elsewhere.id if self.elsewhere else None

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Of one post. open_on: its calendar, which knows holidays."""

    post_id: str
    zone: str
    windows: Sequence[Window]
    open_on: OpenOn

    def slots_on(
        self, day: date, service_id: str | None = None, release: Release | None = "open", place: str | None = None
    ) -> Iterator[Slot]:
        """In the order of their times. A time that the clock passes over that day (summer time) is none. place: none: at the
        post itself."""
        if not self.open_on(day):
            return
        found = [
            slot
            for window in self.windows
            if window.place == place and (release is None or window.release == release)
            if service_id is None or window.receives_for(service_id)
            for at in window.times_of(day)
            if (slot := self._slot(window, day, at))
        ]
        yield from sorted(found, key=lambda slot: (slot.starts_at, slot.window))

    def slot(self, slot_id: str) -> tuple[Slot, Window] | None:
        """What an id means; None where it is no time of this post."""
        match = _WRITTEN.fullmatch(slot_id)
        if match is None or match[1] != self.post_id:
            return None
        window = next((window for window in self.windows if window.id == match[2]), None)
        try:
            day, at = date.fromisoformat(match[3]), time(int(match[4]), int(match[5]))
        except ValueError:
            return None
        if window is None or not self.open_on(day) or at not in set(window.times_of(day)):
            return None
        slot = self._slot(window, day, at)
        return (slot, window) if slot else None

    def _slot(self, window: Window, day: date, at: time) -> Slot | None:
        name = window.elsewhere.time_zone if window.elsewhere else self.zone
        zone = ZoneInfo(name)
        local = datetime.combine(day, at, zone)
        starts = local.astimezone(UTC)
        if starts.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            return None
        slot_id = f"{self.post_id}.{window.id}.{day}.{at:%H%M}"
        return Slot(slot_id, self.post_id, window.id, day, starts, window.minutes, name, window.elsewhere)


def post_of(slot_id: str) -> str:
    return slot_id.partition(".")[0]


def _minutes(hour: str) -> int:
    return int(hour[:2]) * 60 + int(hour[3:])
