"""The retention rules of a service, read from their data files and checked at its start.

A folder holds one file for each version, 1.toml, 2.toml; the newest whose valid_from has come applies. What every service has
(dead letters, the audit) stands in shared/retention/of_all, what it keeps itself beside its code. Every collection has a rule,
or stands under [no_rule] with the reason why none.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from shared.retention.terms import NotATerm, Term

OF_ALL = Path(__file__).parent / "of_all"
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
Said = Annotated[str, Field(min_length=3, max_length=400)]
By = Literal["purge", "index", "expiry", "erasure", "nobody"]
Then = Literal["delete", "delete-content", "destroy-keys", "keep", "transfer"]
CountedFrom = Literal[
    "started",
    "closed",
    "settled",
    "issued",
    "written",
    "died",
    "released",
    "ended",
    "used",
    "done",
    "asked",
    "expires",
    "handled",
]


class RulesUnusable(Exception):
    """A data file cannot be used. The text names the file and each wrong field."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Titles(_Data):
    """What the kind is called, in the languages of people."""

    en: Said
    ru: Said
    ky: Said


class Rule(_Data):
    """by: who carries it out: the daily purge, an index of the database, the job that closes drafts, an erasure, nobody.
    collections: empty for what Eshik does not keep yet. services: of the catalogue, where it is for some only."""

    title: Titles
    collections: tuple[Annotated[str, Field(min_length=1)], ...]
    by: By
    keep_for: str | None = None
    counted_from: CountedFrom | None = None
    then: Then
    services: tuple[Slug, ...] = ()
    basis: Said
    source: Said
    source_date: date
    certainty: Literal["A", "B", "C", "D"]
    remark: Said | None = None

    @field_validator("keep_for")
    @classmethod
    def _is_a_term(cls, text: str | None) -> str | None:
        if text is not None:
            try:
                Term.parse(text)
            except NotATerm:
                raise ValueError("no ISO 8601 duration in days or in hours, and no calendar years") from None
        return text

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        ends = self.then in ("delete", "delete-content")
        if ends != (self.keep_for is not None) or ends != (self.counted_from is not None):
            raise ValueError("what is deleted needs keep_for and counted_from, and nothing else has them")
        if self.by in ("purge", "index", "expiry") and not (ends and self.collections):
            raise ValueError("purge, index and expiry delete something that is kept")
        if self.by == "nobody" and ends and self.collections:
            raise ValueError("what is kept is deleted by somebody")
        if (self.by == "erasure") != (self.then == "destroy-keys"):
            raise ValueError("an erasure destroys keys, and nothing else does")
        return self

    @property
    def term(self) -> Term:
        """Raises ValueError where it is kept for ever."""
        if self.keep_for is None:
            raise ValueError("it has no term")
        return Term.parse(self.keep_for)

    @property
    def illustrative(self) -> bool:
        return self.certainty == "D"


class _File(_Data):
    version: Annotated[int, Field(gt=0)]
    valid_from: date
    zone: str
    kinds: dict[Slug, Rule]
    no_rule: dict[str, Said] = Field(default_factory=dict)

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("there is no such time zone") from None
        return name


@dataclass(frozen=True, slots=True)
class KindRule:
    """A rule with its name. version: of its file, as applications-1. zone: in whose calendar its term is counted."""

    kind: str
    version: str
    zone: ZoneInfo
    rule: Rule

    def has_passed(self, counted_from: datetime, now: datetime) -> bool:
        return self.rule.term.ends(counted_from, self.zone) <= now

    def due_before(self, now: datetime) -> datetime:
        return self.rule.term.not_after(now, self.zone)


@dataclass(frozen=True, slots=True)
class Rules:
    """Those that apply on one day."""

    kinds: Mapping[str, KindRule]
    no_rule: Mapping[str, str]

    def covered(self) -> dict[str, list[str]]:
        """By collection the kinds that are for it; none where a reason is given instead."""
        found: dict[str, list[str]] = {name: [] for name in self.no_rule}
        for kind in self.kinds.values():
            for name in kind.rule.collections:
                found.setdefault(name, []).append(kind.kind)
        return found


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All versions of a service's rules, and of those of all services."""

    files: tuple[tuple[str, tuple[_File, ...]], ...]

    @classmethod
    def of(cls, name: str, folder: Path | None) -> "RuleBook":
        """name: of the service; folder: its versions. Raises RulesUnusable."""
        files = [("all", tuple(_versions(OF_ALL)))] + ([(name, tuple(_versions(folder)))] if folder else [])
        book = cls(tuple(files))
        for day in book.days():
            book.on(day)
        return book

    def days(self) -> list[date]:
        """On which something begins to apply."""
        return sorted({file.valid_from for _, versions in self.files for file in versions})

    def on(self, day: date) -> Rules:
        """Raises RulesUnusable where two files tell of one kind or collection."""
        kinds: dict[str, KindRule] = {}
        no_rule: dict[str, str] = {}
        for name, versions in self.files:
            in_force = [file for file in versions if file.valid_from <= day] or versions[:1]
            file = in_force[-1]
            for kind, rule in file.kinds.items():
                if kind in kinds:
                    raise RulesUnusable(f"{name}: {kind} has a rule for all services")
                kinds[kind] = KindRule(kind, f"{name}-{file.version}", ZoneInfo(file.zone), rule)
            no_rule |= file.no_rule
        rules = Rules(kinds, no_rule)
        if both := [collection for collection, of in rules.covered().items() if of and collection in no_rule]:
            raise RulesUnusable(f"{', '.join(sorted(both))}: a rule, and a reason why none")
        return rules


def _versions(folder: Path) -> Iterator[_File]:
    """Oldest first."""
    paths = sorted(folder.glob("*.toml"), key=lambda path: (len(path.stem), path.stem))
    if not paths:
        raise RulesUnusable(f"{folder.name}: there are no rules")
    before: _File | None = None
    for path in paths:
        file = _checked(path)
        if path.name != f"{file.version}.toml":
            raise RulesUnusable(f"{path.name}: its version says {file.version}.toml")
        if before and before.valid_from >= file.valid_from:
            raise RulesUnusable(f"{path.name}: it applies before the version that it replaces")
        before = file
        yield file


def _checked(path: Path) -> _File:
    try:  # by way of JSON: strict about types, and lists may still become tuples
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return _File.model_validate_json(json.dumps(data, default=str))
    except tomllib.TOMLDecodeError as error:
        raise RulesUnusable(f"{path.name}: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise RulesUnusable(f"{path.name}: {wrong}") from None
