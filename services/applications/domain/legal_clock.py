"""The legal clock of a case: how long the post has had it, who had it when, and by which day the answer is due.

What is stored is what it is computed from, so that an old day can be computed again and stays the same whatever the catalogue
says meanwhile. A day counts for the post where the post had the case as that day began there. So the day on which something
is handed in or comes back does not count, the day on which the clock stops does, and a stop and a return on one day change
nothing. In hours each moment belongs to one holder.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from services.applications.domain.calendars import Calendar, DayKind, begins, exists
from services.applications.domain.status import TO_BE_MADE, Status

Holder = Literal["post", "citizen", "body", "nobody"]
Start = Literal["submission", "payment", "complete"]
End = Literal["decision", "ready"]
_ONE_DAY = timedelta(days=1)
_HOLIDAYS_KEPT = timedelta(days=730)  # of how long after the submission the holidays are stored with the case

HOLDER_OF: Mapping[Status, Holder] = {
    Status.DRAFT: "citizen",
    Status.FEE_DUE: "citizen",
    Status.SUBMITTED: "post",
    Status.IN_REVIEW: "post",
    Status.PAPERS_REQUESTED: "citizen",
    Status.WITH_ANOTHER_BODY: "body",
    Status.PROPOSED: "post",
    Status.APPROVED: "post",
    Status.AWAITING_BLANK: "post",
    Status.AWAITING_VISIT: "citizen",
    Status.AWAITING_ARRIVAL: "body",
    Status.READY: "citizen",
    Status.HANDED_OVER: "nobody",
    Status.SENT: "nobody",
    Status.REFUSED: "nobody",
    Status.WITHDRAWN: "nobody",
    Status.EXPIRED: "nobody",
    Status.ANNULLED: "nobody",
}
ANSWERED = (  # the post has given the answer that it owed, or owes none any more
    Status.APPROVED,
    Status.AWAITING_BLANK,
    Status.AWAITING_VISIT,
    Status.AWAITING_ARRIVAL,
    Status.READY,
    Status.HANDED_OVER,
    Status.SENT,
    Status.REFUSED,
    Status.WITHDRAWN,
    Status.EXPIRED,
    Status.ANNULLED,
)


READY_OR_OVER = tuple(status for status in ANSWERED if status not in TO_BE_MADE)


class TermAlarm(StrEnum):
    """How far the term has run: nothing to say, 80 % of it, or all of it."""

    AT_RISK = "at_risk"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one change of hands to the next. post_id: which post, where a post has it. until None: still."""

    holder: Holder
    since: datetime
    until: datetime | None = None
    post_id: str | None = None

    def lasted(self, now: datetime) -> timedelta:
        return max((self.until or now) - self.since, timedelta())


@dataclass(frozen=True, slots=True)
class Extension:
    """Time that the law lets the post take, with the reason that was given for it."""

    days: int
    day_kind: DayKind
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """Hours of a weekday, Monday being 0, as HH:MM."""

    weekday: int
    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What the clock goes by, as it was when the case was handed in. holidays: those that fall on days of the week. opening:
    given where the clock starts only within hours."""

    zone: str
    days: int
    day_kind: DayKind
    week: tuple[int, ...]
    holidays: tuple[str, ...] = ()  # ISO days
    known_until: str | None = None  # the last day whose holidays were known
    starts: Start = "submission"
    stops_for_citizen: bool = True
    stops_for_body: bool = True
    ends: End = "decision"
    opening: tuple[Opening, ...] = ()

    def starts_at(self, at: datetime) -> datetime:
        """When a clock that is started at that moment begins to run. Raises NeverOpen."""
        if not self.opening:
            return at
        week: dict[int, tuple[tuple[time, time], ...]] = {}
        for each in self.opening:
            span = (time.fromisoformat(each.opens), time.fromisoformat(each.closes))
            week[each.weekday] = (*week.get(each.weekday, ()), span)
        holidays = frozenset(date.fromisoformat(day) for day in self.holidays)
        return Calendar(ZoneInfo(self.zone), week, holidays).opening(at)

    def ends_with(self, status: Status) -> bool:
        return status in (READY_OR_OVER if self.ends == "ready" else ANSWERED)

    def stops_for(self, holder: Holder) -> bool:
        return {"citizen": self.stops_for_citizen, "body": self.stops_for_body}.get(holder, holder == "nobody")


@dataclass(frozen=True, slots=True)
class CaseClock:
    """runs_from: when the clock began to run, or would have, had all that it waits for been there. ended_at: the answer."""

    rules: Rules
    filed_at: datetime
    runs_from: datetime
    started: bool
    stretches: tuple[Stretch, ...]
    extensions: tuple[Extension, ...] = ()
    ended_at: datetime | None = None

    # what moves it

    def moved(self, status: Status, post_id: str, at: datetime, *, completed: bool = True) -> "CaseClock":
        """The case changed hands, or its status only. completed: where its citizen had it, they handed something in: else a post
        that takes its own question back would begin its term anew."""
        holder = HOLDER_OF[status]
        place = post_id if holder == "post" else None
        last = self.stretches[-1]
        clock = self
        if (last.holder, last.post_id) != (holder, place):
            ended = replace(last, until=at)
            clock = replace(clock, stretches=(*self.stretches[:-1], ended, Stretch(holder, at, post_id=place)))
        if self.ended_at is not None:
            return clock
        if self.rules.ends_with(status):
            return replace(clock, ended_at=at)
        came_back = last.holder == "citizen" and holder == "post"
        if came_back and (not self.started or (completed and self.rules.starts == "complete")):
            return replace(clock, started=True, runs_from=self.rules.starts_at(at))
        return clock

    def extended(self, extension: Extension) -> "CaseClock":
        return replace(self, extensions=(*self.extensions, extension))

    # what it says

    @property
    def holder(self) -> Holder:
        return self.stretches[-1].holder

    @property
    def stopped(self) -> bool:
        """It waits for the citizen or another body, or for what it starts with; none that has ended is stopped."""
        return self.ended_at is None and (not self.started or self.rules.stops_for(self.holder))

    @property
    def due_on(self) -> date:
        """The last day of the term; of a clock that is stopped, the day it would be had it gone on at once."""
        return self._counted()[-1]

    @property
    def is_estimate(self) -> bool:
        """It lies where no holidays were known yet."""
        known = self.rules.known_until
        return known is not None and self.due_on > date.fromisoformat(known)

    @property
    def at_risk_at(self) -> datetime:
        """When four fifths of its days are used up, and at the latest as its last day begins."""
        days = self._counted()
        return begins(days[min(-(-len(days) * 4 // 5), len(days) - 1)], self.zone)

    @property
    def overdue_at(self) -> datetime:
        return begins(self.due_on + _ONE_DAY, self.zone)

    def alarm(self, now: datetime) -> TermAlarm | None:
        if self.ended_at is not None or self.stopped or now < self.at_risk_at:
            return None
        return TermAlarm.OVERDUE if now >= self.overdue_at else TermAlarm.AT_RISK

    def next_look(self, now: datetime, told: TermAlarm | None) -> datetime | None:
        """When somebody must be told next, if nothing moves it before. told: what they were told. None: of nothing more."""
        if self.ended_at is not None or self.stopped or told is TermAlarm.OVERDUE:
            return None
        return max(now, self.at_risk_at if told is None and now < self.overdue_at else self.overdue_at)

    def days_left(self, now: datetime) -> int:
        """Of its days, those that have not begun; of a clock that is stopped, those that it goes on with."""
        asked = self.stretches[-1].since if self.stopped and self.started else now
        today = asked.astimezone(self.zone).date()
        return sum(day > today for day in self._counted())

    def held(self, now: datetime) -> dict[Holder, timedelta]:
        """How long each has had it so far: together the whole time since it was handed in."""
        total: dict[Holder, timedelta] = {}
        for stretch in self.stretches:
            if stretch.holder != "nobody":
                total[stretch.holder] = total.get(stretch.holder, timedelta()) + stretch.lasted(now)
        return total

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.rules.zone)

    def _counted(self) -> list[date]:
        """The days of the term and of its extensions, in order."""
        days = self._days_with_the_post()
        holidays = frozenset(self.rules.holidays)
        counted: list[date] = []
        for number, kind in ((self.rules.days, self.rules.day_kind), *((e.days, e.day_kind) for e in self.extensions)):
            wanted = len(counted) + number
            while len(counted) < wanted:
                day = next(days)
                if kind == "calendar" or (day.weekday() in self.rules.week and day.isoformat() not in holidays):
                    counted.append(day)
        return counted

    def _days_with_the_post(self) -> Iterator[date]:
        before = [stretch for stretch in self.stretches if self.ended_at is None or stretch.since < self.ended_at]
        stops = [(stretch.since, stretch.until) for stretch in before if stretch.until and self.rules.stops_for(stretch.holder)]
        day = self.runs_from.astimezone(self.zone).date()
        while True:
            day += _ONE_DAY
            began = begins(day, self.zone)
            if exists(day, self.zone) and not any(since <= began < until for since, until in stops):
                yield day


def started(rules: Rules, *, status: Status, post_id: str, at: datetime) -> CaseClock:
    """As the case is handed in. status: what it has then."""
    holder = HOLDER_OF[status]
    return CaseClock(
        rules=rules,
        filed_at=at,
        runs_from=rules.starts_at(at),
        started=rules.starts != "payment" or holder == "post",
        stretches=(Stretch(holder, at, post_id=post_id if holder == "post" else None),),
    )


def holidays_kept(calendar: Calendar, at: datetime) -> tuple[str, ...]:
    """Those that a clock that starts now could meet: on days of the week of the post, within two years."""
    first = at.astimezone(UTC).date() - _ONE_DAY
    last = first + _HOLIDAYS_KEPT
    return tuple(day.isoformat() for day in sorted(calendar.holidays) if first <= day <= last and day.weekday() in calendar.week)


def opening_kept(calendar: Calendar) -> tuple[Opening, ...]:
    return tuple(
        Opening(weekday, opens.isoformat("minutes"), closes.isoformat("minutes"))
        for weekday, spans in sorted(calendar.week.items())
        for opens, closes in spans
    )
