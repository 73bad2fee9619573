"""The times at which posts receive visitors, from catalogue/appointments.toml, mobile_days.toml and each post's calendar."""

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from services.applications.catalogue import FOLDER, CatalogueError, the_catalogue
from services.applications.catalogue.files import read
from services.applications.domain.appointment_errors import NoSuchDay
from services.applications.domain.calendars import WEEKDAYS, spans_of
from services.applications.domain.posts import MobileDay
from services.applications.domain.timetable import Appointments, Elsewhere, Policy, Timetable, Window

FILE = FOLDER / "appointments.toml"


@cache
def the_appointments() -> Appointments:
    """Raises CatalogueError where the file cannot be used."""
    found = read(FILE, Appointments)
    if unknown := {window.post for window in found.windows} - the_catalogue().posts.keys():
        raise CatalogueError(f"{FILE.name}: no such post: {', '.join(sorted(unknown))}")
    return found


def the_policy() -> Policy:
    return the_appointments().policy


def timetable_of(post_id: str) -> Timetable:
    """Raises UnknownPost."""
    post = the_catalogue().post(post_id)
    windows = [window for window in the_appointments().windows if window.post == post.id]
    windows += [window for one in days_elsewhere(post.id) for window in windows_of(one)]
    calendar = the_catalogue().places.calendars.get(post.id)
    return Timetable(post.id, post.time_zone, windows, lambda day: calendar is None or day not in calendar.holidays)


def days_elsewhere(post_id: str) -> list[MobileDay]:
    """On which the post works in other towns, the first one first."""
    return [one for one in the_catalogue().places.mobile_days if one.post == post_id]


def day_elsewhere(post_id: str, place: str) -> MobileDay:
    """Raises UnknownPost, NoSuchDay."""
    the_catalogue().post(post_id)
    found = next((one for one in days_elsewhere(post_id) if one.id == place), None)
    if found is None:
        raise NoSuchDay
    return found


def day_at(post_id: str, place: str | None, at: datetime) -> tuple[date, str]:
    """Which day it is at the post, or in the town where it works on a day elsewhere; and the zone there. Raises UnknownPost,
    NoSuchDay."""
    zone = day_elsewhere(post_id, place).time_zone if place else the_catalogue().post(post_id).time_zone
    return at.astimezone(ZoneInfo(zone)).date(), zone


def windows_of(one: MobileDay) -> list[Window]:
    """Its desks: they are there on that day and on no other."""
    weekday = WEEKDAYS[one.day.weekday()]
    hours = tuple((f"{opens:%H:%M}", f"{closes:%H:%M}") for opens, closes in spans_of(one.hours, weekday))
    where = Elsewhere(id=one.id, names=one.cities, time_zone=one.time_zone)
    return [
        Window(
            id=f"{one.id}-{number}",
            post=one.post,
            days=(weekday,),
            hours=hours,
            minutes=one.minutes,
            services=one.services,
            elsewhere=where,
            source=one.source,
            source_date=one.source_date,
            certainty=one.certainty,
            valid_from=one.day,
            valid_to=one.day,
        )
        for number in range(1, one.desks + 1)
    ]
