"""The catalogue of services and posts: data files, read once at start. A wrong file stops the start and is named."""

import json
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, ValidationError

from services.applications.catalogue.checking import faults, illustrative_values
from services.applications.domain.authority import MINISTRY
from services.applications.domain.errors import UnknownPost, UnknownService
from services.applications.domain.name_tokens import NameRules
from services.applications.domain.service_definition import Formats, Post, ServiceDefinition
from services.applications.domain.sourced import Certainty, Definition, Slug
from shared.retention.rules import RuleBook, RulesUnusable

FOLDER = Path(__file__).parent
RETENTION = FOLDER.parent / "retention_rules"
_Model = TypeVar("_Model", bound=BaseModel)


class CatalogueError(Exception):
    """A data file cannot be used. The text names the file and each wrong field."""


class PlannedService(Definition):
    """Published by the missions, and hidden here until its file is complete."""

    id: Slug
    group: Slug
    names: dict[Literal["ky", "ru", "en"], str]
    source: str
    source_date: date
    certainty: Certainty  # that it exists
    missing: Annotated[tuple[str, ...], Field(min_length=1)]  # what an officer must supply first


@dataclass(frozen=True)
class Catalogue:
    """Every version of every service (old ones stay for the applications that still run on them), posts, formats, names."""

    versions: Mapping[tuple[str, int], ServiceDefinition]
    posts: Mapping[str, Post]
    formats: Formats
    names: NameRules
    planned: tuple[PlannedService, ...] = ()

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
    """Read services/*.toml, posts.toml, formats.toml and names.toml. Raises CatalogueError."""
    definitions = [_service(path) for path in sorted((folder / "services").glob("*.toml"))]
    if not definitions:
        raise CatalogueError(f"{folder / 'services'}: there is no service")
    posts = {post.id: post for post in _posts(folder / "posts.toml")}
    for definition in definitions:
        if wrong := faults(definition, posts):
            raise CatalogueError(f"{definition.id}.{definition.version}.toml: {'; '.join(wrong)}")
    return Catalogue(
        versions={(definition.id, definition.version): definition for definition in definitions},
        posts=posts,
        planned=_planned(folder / "planned.toml", {definition.id for definition in definitions}),
        formats=_checked(folder / "formats.toml", Formats, _toml(folder / "formats.toml")),
        names=_checked(folder / "names.toml", NameRules, _toml(folder / "names.toml")),
    )


def _service(path: Path) -> ServiceDefinition:
    """How long a draft is kept is a rule of retention; a service may name its own."""
    definition = _checked(path, ServiceDefinition, {"draft_lifetime_days": _draft_lifetime(), **_toml(path)})
    if path.name != (expected := f"{definition.id}.{definition.version}.toml"):
        raise CatalogueError(f"{path.name}: id and version say {expected}")
    return definition


def _planned(path: Path, there: Collection[str]) -> tuple[PlannedService, ...]:
    planned = tuple(_checked(path, PlannedService, row) for row in _toml(path).get("services", []))
    ids = [each.id for each in planned]
    if twice := sorted({each for each in ids if ids.count(each) > 1 or each in there}):
        raise CatalogueError(f"{path.name}: {', '.join(twice)}: planned twice, or offered already")
    return planned


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


def _posts(path: Path) -> Iterable[Post]:
    posts = [_checked(path, Post, row) for row in _toml(path).get("posts", [])]
    if len({post.id for post in posts}) != len(posts) or len({post.code for post in posts}) != len(posts):
        raise CatalogueError(f"{path.name}: posts: an id or code is given twice")
    for post in posts:
        if post.decisions_at not in (None, MINISTRY, *(other.id for other in posts if other.id != post.id)):
            raise CatalogueError(f"{path.name}: {post.id}: decisions_at: no other post, and not ministry")
        try:
            ZoneInfo(post.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise CatalogueError(f"{path.name}: {post.id}: time_zone: no such time zone") from None
    return posts


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CatalogueError(f"{path.name}: the file is missing") from None
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{path.name}: {error}") from None


def _checked(path: Path, model: type[_Model], data: dict[str, Any]) -> _Model:
    try:  # by way of JSON: strict about types, and lists may still become tuples
        return model.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise CatalogueError(f"{path.name}: {wrong}") from None
