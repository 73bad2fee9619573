"""When a post works: its zone, its week with hours, and the holidays of its host and of home. Pure; the days are data.

Whether a mission keeps both countries' holidays was not found in any source: that it does is a default of ours (D), said so in
posts.toml.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from services.applications.domain.sourced import Definition, Sourced

DayKind = Literal["working", "calendar"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ONE_DAY = timedelta(days=1)
_LOOKED_AHEAD = 400  # days in which a post must open again: more are a mistake in the data


class Holiday(Definition):
    """names: by language; en is always there. estimated: depends on the moon, and is announced shortly before."""

    day: date
    names: dict[str, str]
    estimated: bool = False

    def language_for(self, language: str) -> str:
        """In which it has a name, for somebody who reads this one."""
        fit = {"ky": ("ky", "ru", "en"), "ru": ("ru", "en")}.get(language, ("en",))
        return next(each for each in fit if each in self.names)

    @model_validator(mode="after")
    def _has_an_english_name(self) -> Self:
        if "en" not in self.names:
            raise ValueError("names must have en")
        return self


class HolidayCalendar(Sourced):
    """The days off of a country, or of a part of it, as they were known on the day of the snapshot."""

    id: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z0-9]{1,3})?$")]
    edition: Annotated[int, Field(gt=0)]
    first: date
    last: date
    days: tuple[Holiday, ...]

    @cached_property
    def all_days(self) -> frozenset[date]:
        return frozenset(holiday.day for holiday in self.days)

    @model_validator(mode="after")
    def _lie_within(self) -> Self:
        days = [holiday.day for holiday in self.days]
        if days != sorted(set(days)):
            raise ValueError("days must be in order, each once")
        if self.last < self.first or (days and not self.first <= days[0] <= days[-1] <= self.last):
            raise ValueError("a day lies outside of first and last")
        return self


class Window(Definition):
    """Hours of the days named, in the time of the post."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    opens: time
    closes: time

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes or len(set(self.days)) != len(self.days):
            raise ValueError("it must open before it closes, and name each day once")
        return self


class Hours(Sourced):
    """When a post is open, takes papers in, and gives documents out."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    open: Annotated[tuple[Window, ...], Field(min_length=1)]
    intake: tuple[Window, ...] = ()
    issue: tuple[Window, ...] = ()

    @model_validator(mode="after")
    def _lie_within_the_open_hours(self) -> Self:
        for window in (*self.intake, *self.issue):
            for day in window.days:
                if not any(day in o.days and o.opens <= window.opens and window.closes <= o.closes for o in self.open):
                    raise ValueError(f"intake and issue must lie within the open hours: {day}")
        for name in WEEKDAYS:
            spans = spans_of(self.open, name)
            if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
                raise ValueError(f"open hours overlap: {name}")
        return self


def spans_of(windows: Collection[Window], day: Weekday) -> list[tuple[time, time]]:
    return sorted((window.opens, window.closes) for window in windows if day in window.days)


@dataclass(frozen=True)
class Calendar:
    """A post's. week: spans of each weekday (Monday is 0) on which it opens. known_until: the last day whose holidays are
    known."""

    zone: ZoneInfo
    week: Mapping[int, tuple[tuple[time, time], ...]]
    holidays: frozenset[date] = field(default_factory=frozenset)
    known_until: date = date.max

    @classmethod
    def of(cls, zone: str, windows: Collection[Window], calendars: Collection[HolidayCalendar]) -> "Calendar":
        spans = {number: tuple(spans_of(windows, name)) for number, name in enumerate(WEEKDAYS)}
        return cls(
            zone=ZoneInfo(zone),
            week={number: found for number, found in spans.items() if found},
            holidays=frozenset().union(*(each.all_days for each in calendars)),
            known_until=min((each.last for each in calendars), default=date.max),
        )

    @classmethod
    def all_week(cls, zone: str) -> "Calendar":
        """Of a place of which no more is known: Monday to Friday, whole days, and no holiday."""
        return cls(ZoneInfo(zone), dict.fromkeys(range(5), ((time.min, time.max),)))

    def is_working(self, day: date) -> bool:
        return day.weekday() in self.week and day not in self.holidays

    def is_open(self, at: datetime) -> bool:
        there = at.astimezone(self.zone)
        spans = self.week.get(there.weekday(), ()) if there.date() not in self.holidays else ()
        return any(opens <= there.time() < closes for opens, closes in spans)

    def opening(self, at: datetime) -> datetime:
        """The first moment from `at` on at which it is open, in UTC. Raises NeverOpen."""
        if self.is_open(at):
            return at
        day = at.astimezone(self.zone).date()
        for number in range(_LOOKED_AHEAD):
            for opens, _ in self.week.get((day + number * _ONE_DAY).weekday(), ()):
                moment = moment_of(day + number * _ONE_DAY, opens, self.zone)
                if moment >= at and self.is_working(day + number * _ONE_DAY):
                    return moment
        raise NeverOpen


class NeverOpen(Exception):
    """The data of a post leave it closed for more than a year."""


def moment_of(day: date, clock_time: time, zone: ZoneInfo) -> datetime:
    """In UTC. A time that the zone leaps over is the moment of the leap or soon after; one that comes twice is the first."""
    return datetime.combine(day, clock_time, zone).astimezone(UTC)


def begins(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which the day begins there, in UTC."""
    return moment_of(day, time.min, zone)


def exists(day: date, zone: ZoneInfo) -> bool:
    """False for a day that the zone leapt over, as when it changed its side of the date line."""
    return moment_of(day, time(12), zone).astimezone(zone).date() == day
