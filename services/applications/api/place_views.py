"""Posts as people read them: names in their language, hours in the post's own time, holidays of host and home."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from babel.dates import format_date, format_datetime, get_day_names, get_timezone

from services.applications.api import place_schemas as out
from services.applications.api.named import Named, in_language, named_post
from services.applications.api.offering import Offer
from services.applications.api.wording import Wording
from services.applications.appointments.timetables import the_policy
from services.applications.catalogue import Catalogue, the_catalogue
from services.applications.domain.alphabet import sort_key
from services.applications.domain.calendars import WEEKDAYS, Hours, spans_of
from services.applications.domain.closing import Closure, places_left
from services.applications.domain.countries import country_names
from services.applications.domain.posts import MobileDay, Post, Routing
from shared.texts import N_

_KINDS = {
    "embassy": N_("Embassy"),
    "consulate_general": N_("Consulate General"),
    "office": N_("Office of an embassy"),
    "honorary": N_("Honorary consul"),
}
_OFFICES = {
    "head": N_("Head of the post"),
    "consul": N_("Consuls"),
    "attache": N_("Attachés"),
    "officer": N_("Officers"),
    "honorary_consul": N_("Honorary consul"),
}
_WHY = {
    "district": N_("This post serves the region where you live."),
    "rest_of_country": N_("No other post serves your region, so this one does."),
    "country": N_("This post serves the country where you live."),
    "choice": N_("Several posts serve the country where you live. Choose one of them."),
    "passed_on": N_("The post of your region does not take applications here yet. This one takes them in its place."),
    "closed": N_("The post that serves you is closed. This one takes applications in its place."),
    "nowhere": N_("No post takes applications here from where you live. Ask the nearest embassy how to apply."),
}
HOLIDAYS_SHOWN = 8
Closed = Mapping[str, Closure]  # by post
AHEAD = timedelta(days=400)


_CLOSED = N_("This post is closed and takes no applications. In its place:")
_CLOSED_ALL = N_("This post is closed and takes no applications.")


def post_view(post: Post, closed: Closed, say: Wording) -> out.PostView:
    return out.PostView.model_validate(_post(post, closed, say))


def post_details(post: Post, closed: Closed, catalogue: Catalogue, offer: Offer, say: Wording) -> out.PostDetails:
    places, now = catalogue.places, say.now
    calendar = places.calendars[post.id]
    today = now.astimezone(calendar.zone).date()
    hours, open_now = places.hours_of(post.id, today), calendar.is_open(now) and post.id not in closed
    opens = None if open_now or post.id in closed else calendar.opening(now)
    parent = places.posts.get(post.parent) if post.parent else None
    return out.PostDetails(
        **_post(post, closed, say),
        address=post.address,
        parent=_named(parent, say) if parent else None,
        serves=[country_names(say.language)[code] for code in post.serves],
        district=_district(post, catalogue, say),
        hours=_hours(hours, say) if hours else None,
        open_now=open_now,
        opens_at=opens,
        opens_text=_moment(opens, post.time_zone, say) if opens else None,
        holidays=_holidays(post, catalogue, today, say),
        mobile_days=[
            _mobile(one, say, today, takes=post.takes_applications and post.id not in closed)
            for one in places.mobile_days
            if one.post == post.id and one.day >= today
        ],
        services=[Named(id=each.id, name=say(each.title)) for each in offer.services() if post.offers(each.id, each.posts)],
        staff=[
            out.StaffView(office=each.office, text=say(_OFFICES[each.office]), count=each.count, illustrative=each.illustrative)
            for each in post.staff
        ],
    )


def places_view(catalogue: Catalogue, say: Wording) -> out.Places:
    countries = catalogue.places.countries()
    names = country_names(say.language)
    regions = [
        out.RegionView(id=each.id, name=in_language(each.names, say), country=each.id[:2], federal_district=each.federal_district)
        for each in catalogue.places.regions.values()
    ]
    return out.Places(
        countries=[Named(id=code, name=name) for code, name in names.items() if code in countries],
        regions=sorted(regions, key=lambda region: sort_key(region.name)),
    )


def routing_view(routing: Routing, catalogue: Catalogue, say: Wording) -> out.RoutingView:
    own = catalogue.posts.get(routing.own) if routing.own else None
    return out.RoutingView(
        why=routing.why,
        text=say(_WHY[routing.why]),
        own=_named(own, say) if own else None,
        posts=[_named(catalogue.post(each), say) for each in routing.posts],
        free=routing.free,
    )


def departments_view(catalogue: Catalogue, say: Wording) -> out.DepartmentList:
    rows = [
        out.DepartmentView(
            id=each.id, name=in_language(each.names, say), kind=each.kind, inbox=each.inbox, illustrative=each.illustrative
        )
        for each in catalogue.places.departments.values()
    ]
    return out.DepartmentList(departments=rows)


def _closed(post: Post, closed: Closed, say: Wording) -> out.PostClosed | None:
    if (closure := closed.get(post.id)) is None:
        return None
    serves = [_named(the_catalogue().post(each), say) for each in places_left(closure, closed)]
    return out.PostClosed(since=closure.closed_at, serves=serves, text=say(_CLOSED if serves else _CLOSED_ALL))


def _post(post: Post, closed: Closed, say: Wording) -> dict[str, Any]:
    return {
        "id": post.id,
        "name": in_language(post.names, say),
        "kind": post.kind,
        "kind_text": say(_KINDS[post.kind]),
        "country": post.country,
        "country_text": country_names(say.language)[post.country],
        "city": in_language(post.cities, say),
        "takes_applications": post.takes_applications and post.id not in closed,
        "closed": _closed(post, closed, say),
        "time_zone": post.time_zone,
        "source": post.source,
        "certainty": post.certainty,
    }


def _named(post: Post, say: Wording) -> Named:
    return named_post(post.id, say)


def _district(post: Post, catalogue: Catalogue, say: Wording) -> out.DistrictView | None:
    district = post.district
    if district is None:
        return None
    regions = [Named(id=code, name=in_language(catalogue.places.regions[code].names, say)) for code in district.regions]
    return out.DistrictView(
        regions=sorted(regions, key=lambda region: sort_key(region.name)),
        rest=district.rest,
        source=district.source,
        certainty=district.certainty,
        illustrative=district.illustrative,
    )


def _hours(hours: Hours, say: Wording) -> out.HoursView:
    days = []
    for number, name in enumerate(WEEKDAYS):
        spans = {part: _spans(spans_of(getattr(hours, part), name)) for part in ("open", "intake", "issue")}
        if spans["open"]:
            days.append(out.DayHours(day=_day_names(say.language)[number], **spans))
    return out.HoursView(days=days, source=hours.source, certainty=hours.certainty, illustrative=hours.illustrative)


def _spans(spans: list[tuple[Any, Any]]) -> str:
    return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in spans)


@cache
def _day_names(language: str) -> tuple[str, ...]:
    names = get_day_names("wide", context="stand-alone", locale=language)
    return tuple(str(names[number]).capitalize() for number in range(7))


def _holidays(post: Post, catalogue: Catalogue, today: date, say: Wording) -> list[out.HolidayView]:
    """On days of its week only: on the others it is closed anyway."""
    week = catalogue.places.calendars[post.id].week
    found: dict[date, out.HolidayView] = {}
    for edition in post.holidays:
        calendar = catalogue.holidays[edition]
        country = _country(calendar.id[:2].upper(), say)
        for holiday in calendar.days:
            if today <= holiday.day <= today + AHEAD and holiday.day.weekday() in week and holiday.day not in found:
                text = format_date(holiday.day, "long", locale=say.language)
                language = holiday.language_for(say.language)
                found[holiday.day] = out.HolidayView(
                    on=holiday.day,
                    text=text,
                    name=holiday.names[language],
                    name_language=language,
                    of=country,
                    estimated=holiday.estimated,
                )
    return [found[day] for day in sorted(found)][:HOLIDAYS_SHOWN]


def _country(code: str, say: Wording) -> str:
    """Home as it is called at home: Russian has another word for it in CLDR."""
    return (
        {"ky": "Кыргызстан", "ru": "Кыргызстан"}.get(say.language, "Kyrgyzstan")
        if code == "KG"
        else country_names(say.language)[code]
    )


def _mobile(one: MobileDay, say: Wording, today: date, *, takes: bool) -> out.MobileDayView:
    return out.MobileDayView(
        id=one.id,
        on=one.day,
        text=format_date(one.day, "full", locale=say.language),
        city=in_language(one.cities, say),
        hours=_spans(spans_of(one.hours, WEEKDAYS[one.day.weekday()])),
        time_zone=one.time_zone,
        bookable=takes and one.day <= today + timedelta(days=the_policy().horizon_days),
        illustrative=one.illustrative,
    )


def _moment(at: datetime, time_zone: str, say: Wording) -> str:
    return format_datetime(at, "EEEE, d MMMM, HH:mm", tzinfo=get_timezone(time_zone), locale=say.language)
