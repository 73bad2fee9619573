"""Posts of the ministry abroad, as data, and to which one somebody goes: by where they live, or as they choose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.applications.domain.calendars import Calendar, Hours, Window
from services.applications.domain.sourced import Definition, Slug, Sourced

Names = dict[Literal["ky", "ru", "en"], str]
PostId = Annotated[str, Field(pattern=r"^[a-z]{3}$")]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
RegionCode = Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")]
PostKind = Literal["embassy", "consulate_general", "office", "honorary"]


class Region(Definition):
    """A part of a country. federal_district: which it belongs to there; a consular district is another thing."""

    id: RegionCode
    names: Names
    time_zone: str
    federal_district: Slug | None = None


class RegionList(Sourced):
    regions: tuple[Region, ...]


class District(Sourced):
    """The parts of its host country that a post serves. rest: all of it that no other post serves."""

    regions: tuple[RegionCode, ...] = ()
    rest: bool = False

    @model_validator(mode="after")
    def _serves_something(self) -> Self:
        if not self.regions and not self.rest:
            raise ValueError("a district needs regions or the rest of the country")
        return self


class Position(Sourced):
    """Who works there, by office and never by name."""

    office: Literal["head", "consul", "attache", "officer", "honorary_consul"]
    count: Annotated[int, Field(gt=0)]


class Post(Sourced):
    """A mission or consulate; its own source says that it exists."""

    id: PostId
    code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]  # begins its references
    kind: PostKind = "consulate_general"
    parent: PostId | None = None  # of which mission it is a part, or to which it passes papers on
    country: CountryCode
    serves: tuple[CountryCode, ...] = ()  # besides its host country
    district: District | None = None  # none known: people there choose among the posts of the country
    takes_applications: bool = True  # with this system; the others are listed, with where to turn to instead
    names: Names
    cities: Names  # where a paper is issued
    address: str | None = None
    time_zone: str
    hours: Slug = "default"
    holidays: tuple[str, ...] = ()  # editions of catalogue/holidays, as ru.1
    services: tuple[Slug, ...] = ()  # empty: all that are offered at posts which take applications
    staff: tuple[Position, ...] = ()
    decisions_at: Annotated[str, Field(pattern=r"^([a-z]{3}|ministry)$")] | None = None  # where its second officer is, besides

    @property
    def countries(self) -> tuple[str, ...]:
        return (self.country, *self.serves)

    def offers(self, service_id: str, only_at: Iterable[str] = ()) -> bool:
        """only_at: the posts that the service itself names; none: it is offered everywhere."""
        named = tuple(only_at)
        return self.takes_applications and (not self.services or service_id in self.services) and (not named or self.id in named)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if not set(self.names) == set(self.cities) == {"ky", "ru", "en"}:
            raise ValueError("names and cities must be given in ky, ru and en")
        if self.kind == "honorary" and (self.takes_applications or self.parent is None):
            raise ValueError("an honorary consul takes no applications, and has a parent to pass papers on to")
        if self.district and any(not region.startswith(f"{self.country}-") for region in self.district.regions):
            raise ValueError("district: a region lies in another country")
        return self


class MobileDay(Sourced):
    """A day on which a post works in another town of its district. desks: how many people are received at once, each for so many
    minutes. services: ids; empty: all of the post."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,16}$")]
    post: PostId
    region: RegionCode
    cities: Names
    place: Names | None = None
    time_zone: str
    day: date
    hours: Annotated[tuple[Window, ...], Field(min_length=1)]
    minutes: Annotated[int, Field(ge=5, le=240)]
    desks: Annotated[int, Field(ge=1, le=9)]
    services: tuple[Slug, ...] = ()


class Department(Sourced):
    """Of the ministry, or another body. inbox: where what is sent to it is put and worked on. asked: officers can ask it about a
    case, and send it papers."""

    id: Slug
    kind: Literal["ministry", "state_body", "host_body"]
    names: Names
    inbox: Slug
    asked: bool = False


@dataclass(frozen=True)
class Places:
    """All posts, with what they are open at and serve."""

    posts: Mapping[str, Post]
    hours: Mapping[str, tuple[Hours, ...]]
    calendars: Mapping[str, Calendar]
    regions: Mapping[str, Region]
    departments: Mapping[str, Department]
    mobile_days: tuple[MobileDay, ...]

    def hours_of(self, post_id: str, day: date) -> Hours | None:
        """Those that apply on the day."""
        named = self.hours[self.posts[post_id].hours]
        return next((hours for hours in named if hours.applies_on(day)), None)

    def asked(self) -> tuple[Department, ...]:
        """Whom officers can ask, in the order of the file."""
        return tuple(each for each in self.departments.values() if each.asked)

    def is_asked(self, body: str) -> bool:
        return body in self.departments and self.departments[body].asked

    def region(self, code: str | None) -> Region | None:
        return self.regions.get(code) if code else None

    def countries(self) -> tuple[str, ...]:
        """In which somebody is served by a post of that country, or by one next to it."""
        return tuple(sorted({country for post in self.posts.values() for country in post.countries}))


Why = Literal["district", "rest_of_country", "country", "choice", "passed_on", "closed", "nowhere"]


@dataclass(frozen=True, slots=True)
class Routing:
    """own: the post that serves the place, whether or not it takes applications. posts: where to apply, the best first. free:
    any other post may be chosen too."""

    why: Why
    own: str | None
    posts: tuple[str, ...]
    free: bool


def route(places: Places, *, country: str, region: str | None, service_id: str, only_at: Iterable[str], free: bool) -> Routing:
    """To which post somebody who lives there goes for the service. only_at and free: as the service says."""
    named = tuple(only_at)
    there = [post for post in places.posts.values() if country in post.countries and post.kind != "honorary"]
    own, why = _own(there, region)
    candidates = [own] if own else there
    taking = [post.id for post in candidates if post.offers(service_id, named)]
    if not taking and own:
        taking, why = [post.id for post in _instead_of(own, there, places) if post.offers(service_id, named)][:1], "passed_on"
    if not taking:
        why = "nowhere"
    return Routing(why, own.id if own else None, tuple(sorted(taking) if own is None else taking), free)


def _own(there: list[Post], region: str | None) -> tuple[Post | None, Why]:
    by_region = [post for post in there if region and post.district and region in post.district.regions]
    if by_region:
        return by_region[0], "district"
    rest = [post for post in there if post.district and post.district.rest]
    if rest and region:
        return rest[0], "rest_of_country"
    whole = [post for post in there if post.kind != "office"]
    if len(whole) == 1:
        return whole[0], "country"
    return None, "choice"


def _instead_of(own: Post, there: list[Post], places: Places) -> Iterable[Post]:
    """Who takes what the own post doesn't: the mission of which it is a part, else the embassy there."""
    if own.parent:
        yield places.posts[own.parent]
    yield from (post for post in there if post.kind == "embassy" and post.id != own.id)


def serves(places: Places, post_id: str, *, country: str, region: str | None, service_id: str, only_at: Iterable[str]) -> bool:
    """Whether the post is where somebody who lives there must apply, for a service whose post cannot be chosen."""
    found = route(places, country=country, region=region, service_id=service_id, only_at=only_at, free=False)
    return post_id in found.posts
