"""Until when a post owes its answer. The day of submission does not count.

Working days are Monday to Friday: the holidays of both countries and the hour at which the clock starts come with the legal
clock, so a date in working days is an estimate and is shown as one.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.applications.domain.service_definition import Term

_SATURDAY = 5


def due_date(submitted_at: datetime, term: Term, time_zone: str) -> date:
    """The last day of the term, in the calendar of the post."""
    day = submitted_at.astimezone(ZoneInfo(time_zone)).date()
    if term.day_kind == "calendar":
        return day + timedelta(days=term.days)
    left = term.days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return day
