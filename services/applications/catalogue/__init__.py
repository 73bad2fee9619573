"""The catalogue of services and posts: data files, read once at start. A wrong file stops the start and is named."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from services.applications.catalogue.checking import faults, illustrative_values
from services.applications.catalogue.files import CatalogueError as CatalogueError
from services.applications.catalogue.files import checked, read, rows, toml
from services.applications.catalogue.places import load_places
from services.applications.domain.calendars import HolidayCalendar
from services.applications.domain.errors import UnknownPost, UnknownService
from services.applications.domain.exchange import Exchange
from services.applications.domain.name_tokens import NameRules
from services.applications.domain.posts import Places
from services.applications.domain.service_definition import Formats, Post, ServiceDefinition
from services.applications.domain.sourced import Certainty, Definition, Msgid, Slug
from services.applications.domain.status import Status
from shared.retention.rules import RuleBook, RulesUnusable

FOLDER = Path(__file__).parent
RETENTION = FOLDER.parent / "retention_rules"
OTHER = "other"  # the heading of services that stand under no other


class Group(Definition):
    """A heading under which services are listed."""

    id: Slug
    title: Msgid


class Known(Definition):
    """What a source says of a planned service. An officer's to read: nobody is shown it before the service is complete."""

    what: Slug
    value: str
    source: Annotated[str, Field(min_length=3)]
    source_date: date
    certainty: Certainty


class PlannedService(Definition):
    """Published by the missions, and hidden here until its file is complete."""

    id: Slug
    group: Slug
    names: dict[Literal["ky", "ru", "en"], str]
    source: str
    source_date: date
    certainty: Certainty  # that it exists
    missing: Annotated[tuple[str, ...], Field(min_length=1)]  # what an officer must supply first
    known: tuple[Known, ...] = ()


class RunsOn(Protocol):
    """A case, or its row in a list."""

    @property
    def status(self) -> Status: ...
    @property
    def service_id(self) -> str: ...
    @property
    def service_version(self) -> int: ...


@dataclass(frozen=True)
class Catalogue:
    """Every version of every service (old ones stay for the applications that still run on them), posts, formats, names."""

    versions: Mapping[tuple[str, int], ServiceDefinition]
    places: Places
    holidays: Mapping[str, HolidayCalendar]  # by edition, as ru.1
    formats: Formats
    names: NameRules
    planned: tuple[PlannedService, ...] = ()
    exchange: Exchange = field(default_factory=Exchange)
    groups: tuple[Group, ...] = ()  # in the order in which they are listed

    @property
    def posts(self) -> Mapping[str, Post]:
        return self.places.posts

    def group_of(self, definition: ServiceDefinition) -> str:
        """The id of the heading that it stands under: a new service needs no new heading."""
        return definition.group if any(group.id == definition.group for group in self.groups) else OTHER

    def services(self) -> tuple[ServiceDefinition, ...]:
        """The newest version of each service, in the order of their ids."""
        newest = dict(sorted(self.versions))  # of each id the last, so the highest version
        return tuple(self.versions[key] for key in newest.items())

    def offered(self, *, illustrative: bool) -> tuple[ServiceDefinition, ...]:
        """The newest versions that may be applied for. illustrative: also those with a value of ours that no source gives."""
        return tuple(each for each in self.services() if illustrative or not illustrative_values(each))

    def service(self, service_id: str) -> ServiceDefinition:
        """The newest version. Raises UnknownService."""
        for definition in self.services():
            if definition.id == service_id:
                return definition
        raise UnknownService

    def version(self, service_id: str, version: int) -> ServiceDefinition:
        """That very version. Raises UnknownService."""
        try:
            return self.versions[(service_id, version)]
        except KeyError:
            raise UnknownService from None

    def definition_of(self, case: RunsOn) -> ServiceDefinition:
        """The version that it runs on: of a draft the newest, of what was handed in the one that it was handed in with."""
        if case.status is Status.DRAFT:
            return self.service(case.service_id)
        return self.version(case.service_id, case.service_version)

    def post(self, post_id: str) -> Post:
        """Raises UnknownPost."""
        try:
            return self.posts[post_id]
        except KeyError:
            raise UnknownPost from None


@cache
def the_catalogue() -> Catalogue:
    """The catalogue this process runs with."""
    return load_catalogue(FOLDER)


def load_catalogue(folder: Path) -> Catalogue:
    """Read all that a catalogue is made of, and see that it fits together. Raises CatalogueError."""
    definitions = [_service(path) for path in sorted((folder / "services").glob("*.toml"))]
    if not definitions:
        raise CatalogueError(f"{folder / 'services'}: there is no service")
    places, holidays = load_places(folder)
    for definition in definitions:
        if wrong := faults(definition, places.posts):
            raise CatalogueError(f"{definition.id}.{definition.version}.toml: {'; '.join(wrong)}")
    return Catalogue(
        versions={(definition.id, definition.version): definition for definition in definitions},
        places=places,
        holidays=holidays,
        planned=_planned(folder / "planned.toml", {definition.id for definition in definitions}),
        groups=_groups(folder / "groups.toml"),
        formats=read(folder / "formats.toml", Formats),
        names=read(folder / "names.toml", NameRules),
        exchange=read(folder / "exchange.toml", Exchange),
    )


def _service(path: Path) -> ServiceDefinition:
    """How long a draft is kept is a rule of retention; a service may name its own."""
    definition = checked(path, ServiceDefinition, {"draft_lifetime_days": _draft_lifetime(), **toml(path)})
    if path.name != (expected := f"{definition.id}.{definition.version}.toml"):
        raise CatalogueError(f"{path.name}: id and version say {expected}")
    return definition


def _planned(path: Path, there: Collection[str]) -> tuple[PlannedService, ...]:
    planned = rows(path, "services", PlannedService)
    ids = [each.id for each in planned]
    if twice := sorted({each for each in ids if ids.count(each) > 1 or each in there}):
        raise CatalogueError(f"{path.name}: {', '.join(twice)}: planned twice, or offered already")
    return planned


def _groups(path: Path) -> tuple[Group, ...]:
    groups = rows(path, "groups", Group)
    known = [group.id for group in groups]
    if len(set(known)) != len(known) or OTHER not in known:
        raise CatalogueError(f"{path.name}: a group is given twice, or {OTHER} is missing")
    return groups


@cache
def _draft_lifetime() -> dict[str, Any]:
    """By the newest version of the rules."""
    try:
        book = RuleBook.of("applications", RETENTION)
    except RulesUnusable as error:
        raise CatalogueError(f"{RETENTION.name}: {error}") from None
    day = book.days()[-1]
    rule = book.on(day).kinds["draft"].rule
    if (days := rule.term.whole_days) is None:
        raise CatalogueError(f"{RETENTION.name}: draft: a citizen is told days")
    known = {"source": rule.source, "source_date": rule.source_date, "certainty": rule.certainty, "valid_from": day}
    return {"value": days, **known}
