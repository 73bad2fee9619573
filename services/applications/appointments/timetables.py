"""The times at which posts receive visitors, from catalogue/appointments.toml and each post's calendar."""

from functools import cache

from services.applications.catalogue import FOLDER, CatalogueError, the_catalogue
from services.applications.catalogue.files import read
from services.applications.domain.timetable import Appointments, Policy, Timetable

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
    windows = tuple(window for window in the_appointments().windows if window.post == post.id)
    calendar = the_catalogue().places.calendars.get(post.id)
    return Timetable(post.id, post.time_zone, windows, lambda day: calendar is None or day not in calendar.holidays)
