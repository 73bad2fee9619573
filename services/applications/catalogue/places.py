"""Posts, hours, holidays, districts, days elsewhere and departments: read from their files, and fitted together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.applications.catalogue.files import CatalogueError, read, rows
from services.applications.domain.authority import MINISTRY
from services.applications.domain.calendars import WEEKDAYS, Calendar, HolidayCalendar, Hours, spans_of
from services.applications.domain.posts import Department, MobileDay, Places, Post, Region, RegionList

_Named = TypeVar("_Named", Department, Region)


def load_places(folder: Path) -> tuple[Places, Mapping[str, HolidayCalendar]]:
    """Also the holidays by their editions, as ru.1. Raises CatalogueError."""
    holidays = {path.stem: _holidays(path) for path in sorted((folder / "holidays").glob("*.toml"))}
    regions = _regions(folder / "regions.toml")
    hours = _hours(rows(folder / "hours.toml", "hours", Hours))
    posts = {post.id: post for post in _posts(folder)}
    for name, faults in (
        ("posts.toml", _wrong_posts(posts, regions, hours, holidays)),
        ("mobile_days.toml", _wrong_days(days := rows(folder / "mobile_days.toml", "days", MobileDay), posts, regions, holidays)),
    ):
        if wrong := "; ".join(faults):
            raise CatalogueError(f"{name}: {wrong}")
    places = Places(
        posts=posts,
        hours=hours,
        calendars={post.id: _calendar(post, hours, holidays) for post in posts.values()},
        regions=regions,
        departments=_by_id("departments.toml", rows(folder / "departments.toml", "departments", Department)),
        mobile_days=tuple(sorted(days, key=lambda one: one.day)),
    )
    return places, holidays


def _calendar(post: Post, hours: Mapping[str, tuple[Hours, ...]], holidays: Mapping[str, HolidayCalendar]) -> Calendar:
    """By the newest hours: a clock that runs keeps those that it began with."""
    return Calendar.of(post.time_zone, hours[post.hours][-1].open, [holidays[each] for each in post.holidays])


def _holidays(path: Path) -> HolidayCalendar:
    calendar = read(path, HolidayCalendar)
    if path.stem != (expected := f"{calendar.id}.{calendar.edition}"):
        raise CatalogueError(f"{path.name}: id and edition say {expected}.toml")
    return calendar


def _regions(path: Path) -> dict[str, Region]:
    listed = read(path, RegionList).regions
    found = _by_id(path.name, listed)
    for region in listed:
        if not _is_zone(region.time_zone):
            raise CatalogueError(f"{path.name}: {region.id}: time_zone: no such time zone")
    return found


def _hours(listed: Iterable[Hours]) -> dict[str, tuple[Hours, ...]]:
    found: dict[str, tuple[Hours, ...]] = {}
    for row in sorted(listed, key=lambda row: row.valid_from):
        found[row.id] = (*found.get(row.id, ()), row)
    return found


def _posts(folder: Path) -> list[Post]:
    path = folder / "posts.toml"
    posts = [*rows(path, "posts", Post), *rows(folder / "posts_elsewhere.toml", "posts", Post)]
    if len({post.id for post in posts}) != len(posts) or len({post.code for post in posts}) != len(posts):
        raise CatalogueError(f"{path.name}: posts: an id or code is given twice")
    return posts


def _wrong_posts(
    posts: Mapping[str, Post],
    regions: Mapping[str, Region],
    hours: Mapping[str, tuple[Hours, ...]],
    holidays: Mapping[str, HolidayCalendar],
) -> Iterator[str]:
    served: dict[str, str] = {}
    for post in posts.values():
        others = [other for other in posts if other != post.id]
        if post.decisions_at not in (None, MINISTRY, *others):
            yield f"{post.id}: decisions_at: no other post, and not ministry"
        if post.parent not in (None, *others):
            yield f"{post.id}: parent: no other post"
        if not _is_zone(post.time_zone):
            yield f"{post.id}: time_zone: no such time zone"
        if post.hours not in hours:
            yield f"{post.id}: hours: there are none with this id"
        yield from (f"{post.id}: holidays: there is no {each}" for each in post.holidays if each not in holidays)
        for region in post.district.regions if post.district else ():
            if region not in regions:
                yield f"{post.id}: district: {region} is no region of regions.toml"
            elif served.setdefault(region, post.id) != post.id:
                yield f"{post.id}: district: {region} is served by {served[region]}"


def _wrong_days(
    days: Sequence[MobileDay],
    posts: Mapping[str, Post],
    regions: Mapping[str, Region],
    holidays: Mapping[str, HolidayCalendar],
) -> Iterator[str]:
    ids = [(one.post, one.id) for one in days]
    yield from (f"{one.id}: a post has one day of each id" for one in days if ids.count((one.post, one.id)) > 1)
    for one in days:
        if (post := posts.get(one.post)) is None:
            yield f"{one.day}: post: there is no {one.post}"
        elif any(one.day in holidays[each].all_days for each in post.holidays if each in holidays):
            yield f"{one.day}: {one.post} is closed that day"
        if not spans_of(one.hours, WEEKDAYS[one.day.weekday()]):
            yield f"{one.day}: hours: none of its weekday"
        if one.region not in regions:
            yield f"{one.day}: region: there is no {one.region}"
        if not _is_zone(one.time_zone):
            yield f"{one.day}: time_zone: no such time zone"


def _by_id(name: str, listed: Sequence[_Named]) -> dict[str, _Named]:
    found = {row.id: row for row in listed}
    if len(found) != len(listed):
        raise CatalogueError(f"{name}: an id is given twice")
    return found


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True
