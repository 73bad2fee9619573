"""For how long a post waits for a fee of which nothing is paid: by the calendar and the zone of the post that has the case."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.applications.catalogue.casework import casework
from services.applications.domain.form import today
from services.applications.domain.posts import Post
from shared.jobs.job import NewJob

WATCH_FEE = "watch_fee"
TOLD_AT = time(9)  # nobody is woken for it
AGAIN = timedelta(days=1)


def last_day(post: Post, at: datetime) -> date:
    """For what is handed in at that moment."""
    return today(post, at) + timedelta(days=casework().days_to_pay.value)


def told_at(pay_by: date, post: Post) -> datetime:
    return _at(pay_by - timedelta(days=casework().days_told_to_pay.value), TOLD_AT, post)


def told_late(pay_by: date, post: Post, at: datetime) -> date:
    """The last day, with as many days left as its citizen is promised, where they are told late."""
    return max(pay_by, today(post, at) + timedelta(days=casework().days_told_to_pay.value))


def ended_at(pay_by: date, post: Post) -> datetime:
    """The day after it begins."""
    return _at(pay_by + timedelta(days=1), time.min, post)


def watch_fee(application_id: str, at: datetime) -> NewJob:
    """Of each moment one: who waits for the same is there already."""
    return NewJob(WATCH_FEE, f"{application_id}:{at:%Y%m%dT%H%M%S}", at, {"application_id": application_id})


def _at(day: date, moment: time, post: Post) -> datetime:
    return datetime.combine(day, moment, ZoneInfo(post.time_zone)).astimezone(UTC)
