"""Posts: to which one somebody goes, when it is open, and that its holidays are what is known of them."""

from datetime import UTC, date, datetime

import pytest

from services.applications.catalogue import FOLDER, the_catalogue
from services.applications.domain.calendars import HolidayCalendar
from services.applications.domain.posts import Routing, route, serves
from tests.support.holiday_snapshot import PLACES, as_known
from tests.unit.applications.cases import REGISTRATION

HERE = the_catalogue().places


def routed(country: str, region: str | None = None, service: str = REGISTRATION, only_at: tuple[str, ...] = ()) -> Routing:
    return route(HERE, country=country, region=region, service_id=service, only_at=only_at, free=True)


@pytest.mark.parametrize(
    ("country", "region", "why", "own", "posts"),
    [
        ("RU", "RU-SVE", "district", "yek", ("yek",)),
        ("RU", "RU-OMS", "district", "nov", ("nov",)),
        ("RU", "RU-KYA", "rest_of_country", "mow", ("mow",)),
        ("RU", "RU-KGD", "passed_on", "spb", ("mow",)),  # its own post is not in the system yet: the embassy takes it
        ("RU", None, "choice", None, ("mow", "nov", "yek")),
        ("TR", None, "choice", None, ("ist",)),
        ("CA", None, "nowhere", "was", ()),
        ("BR", None, "nowhere", None, ()),
    ],
)
def test_somebody_goes_to_the_post_of_their_region(
    country: str, region: str | None, why: str, own: str | None, posts: tuple[str, ...]
) -> None:
    assert routed(country, region) == Routing(why, own, posts, True)  # type: ignore[arg-type]


def test_a_service_that_few_posts_offer_is_applied_for_at_one_of_them() -> None:
    assert routed("RU", "RU-SVE", only_at=("mow",)).posts == ("mow",)
    assert routed("TR", None, only_at=("mow",)).posts == ()


def test_where_the_post_cannot_be_chosen_only_that_of_the_region_takes_it() -> None:
    asked = {"country": "RU", "region": "RU-SVE", "service_id": REGISTRATION, "only_at": ()}
    assert serves(HERE, "yek", **asked)  # type: ignore[arg-type]
    assert not serves(HERE, "nov", **asked)  # type: ignore[arg-type]


def test_the_consular_district_is_not_the_federal_one() -> None:
    omsk, krasnoyarsk = HERE.regions["RU-OMS"], HERE.regions["RU-KYA"]
    assert omsk.federal_district == krasnoyarsk.federal_district == "siberian"
    assert routed("RU", "RU-OMS").own != routed("RU", "RU-KYA").own


def test_an_honorary_consul_passes_papers_on_and_takes_no_application() -> None:
    honorary = [post for post in HERE.posts.values() if post.kind == "honorary"]
    assert honorary
    assert all(post.parent and not post.offers(REGISTRATION) for post in honorary)


def test_a_post_is_closed_on_holidays_of_host_and_home_and_keeps_its_own_time() -> None:
    istanbul = HERE.calendars["ist"]
    assert not istanbul.is_working(date(2026, 10, 29))  # of the host
    assert not istanbul.is_working(date(2026, 8, 31))  # of home
    assert istanbul.is_open(datetime(2026, 11, 23, 6, 30, tzinfo=UTC))  # 9:30 there
    assert not istanbul.is_open(datetime(2026, 11, 23, 10, tzinfo=UTC))  # the break
    assert HERE.calendars["nov"].is_open(datetime(2026, 11, 23, 2, 30, tzinfo=UTC))


def test_a_post_works_on_mobile_days_in_towns_of_its_own_district_in_their_time() -> None:
    assert {day.post for day in HERE.mobile_days} == {"yek", "nov", "mow"}
    for day in HERE.mobile_days:
        assert day.post in routed("RU", day.region).posts
        assert (day.time_zone, day.hours != ()) == (HERE.regions[day.region].time_zone, True)


def test_every_region_of_russia_leads_to_a_post_that_takes_applications() -> None:
    assert len(HERE.regions) == 83
    assert all(routed("RU", region).posts for region in HERE.regions)


@pytest.mark.parametrize("place", sorted(PLACES))
def test_the_holidays_are_those_that_were_known(place: str) -> None:
    calendar: HolidayCalendar = the_catalogue().holidays[f"{place}.1"]
    assert [(holiday.day, holiday.estimated) for holiday in calendar.days] == [(day, e) for day, _, e in as_known(place)]


def test_since_2025_some_days_are_working_days_at_home() -> None:
    at_home = the_catalogue().holidays["kg.1"].all_days
    assert not at_home & {date(2026, 2, 23), date(2026, 4, 7), date(2026, 11, 7), date(2026, 11, 8)}
    assert {date(2026, 3, 21), date(2026, 5, 5), date(2026, 8, 31)} <= at_home


def test_every_body_that_a_case_can_be_sent_to_has_an_inbox() -> None:
    asked = HERE.asked()
    assert {body.id for body in asked} > {"population-register", "host-authority", "consular-department"}
    assert all(body.inbox and set(body.names) == {"ky", "ru", "en"} for body in asked)
    assert not HERE.is_asked("external-migration-department"), "its tasks have moved"


def test_bodies_are_named_in_one_file() -> None:
    shared = [path for path in FOLDER.glob("*.toml") if "population-register" in path.read_text(encoding="utf-8")]
    assert [path.name for path in shared] == ["departments.toml"]
