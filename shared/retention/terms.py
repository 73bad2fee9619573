"""Terms of retention: P90D, P5Y, PT1H (ISO 8601) or whole calendar years, and the moment at which one has passed.

A term in days, months or years begins on the day after what it is counted from, and ends with its last day, in the calendar of
a time zone: nothing is deleted a moment too early, whatever the hour. Where that month has no such day (29 February), the last
day of the month is meant. A term in hours is counted to the second. "5 calendar years" ends with the fifth year after.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_ISO = re.compile(r"P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_CALENDAR_YEARS = re.compile(r"([1-9]\d?) calendar years?")
_CLIPPED = 4  # days: 28 to 31 January and one month all end in February, and a term ends with its last day
LONGEST = 200  # years


class NotATerm(ValueError):
    """The text is no duration that can be counted with."""


@dataclass(frozen=True, slots=True)
class Term:
    """text: as it was written. exact: hours, minutes and seconds; then there is nothing else."""

    text: str
    months: int = 0
    days: int = 0
    exact: timedelta = timedelta()
    calendar_years: int = 0

    @classmethod
    def parse(cls, text: str) -> "Term":
        """Raises NotATerm."""
        if years := _CALENDAR_YEARS.fullmatch(text):
            return cls(text, calendar_years=int(years[1]))
        found = _ISO.fullmatch(text)
        if found is None:
            raise NotATerm(text)
        years_, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        term = cls(text, 12 * years_ + months, 7 * weeks + days, exact)
        in_days = term.months or term.days
        if bool(in_days) == bool(exact) or term.months > 12 * LONGEST or term.days > 366 * LONGEST:
            raise NotATerm(text)  # nothing, or both, or more than a calendar has
        return term

    def ends(self, counted_from: datetime, zone: ZoneInfo) -> datetime:
        """The first moment after the term. counted_from: aware. Out: aware, UTC."""
        if self.exact:
            return counted_from.astimezone(UTC) + self.exact
        day = counted_from.astimezone(zone).date()
        if self.calendar_years:
            return _begins(date(day.year + self.calendar_years + 1, 1, 1), zone)
        return _begins(_later(day, self.months) + timedelta(days=self.days + 1), zone)

    def not_after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """All whose term has passed lies before this moment, and not all before it has passed: for a query, whose answers are
        then asked one by one by ends()."""
        if self.exact:
            return now.astimezone(UTC) - self.exact + timedelta(milliseconds=1)
        today = now.astimezone(zone).date()
        if self.calendar_years:
            return _begins(date(today.year - self.calendar_years, 1, 1), zone)
        return _begins(_later(today - timedelta(days=self.days), -self.months) + timedelta(days=_CLIPPED), zone)

    @property
    def shortest(self) -> timedelta:
        """No less than this passes, wherever the term begins; a day less where a place changes its side of the date line."""
        return self.exact or timedelta(days=self.days + 28 * self.months + 365 * self.calendar_years)

    @property
    def whole_days(self) -> int | None:
        """Where it is said in days alone."""
        return self.days if self.days and not self.months else None


def _later(day: date, months: int) -> date:
    """months: may be negative. The last day of the month where that one has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _begins(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day. Where a clock skips midnight, what is before the gap and the gap's end are one moment in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
