"""Aggregates as documents: every type comes back as it was, old schema versions are lifted, newer ones are refused."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import bson
import pytest

from shared.mongo.aggregates import Mapper, NewerSchema


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Part:
    colour: Colour
    made_on: date


@dataclass
class Thing:
    id: str
    version: int
    family_name: str
    parts: tuple[Part, ...] = ()
    seen_at: datetime | None = None
    tags: frozenset[str] = field(default_factory=frozenset)


def name_was_called_surname(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "name": document["surname"]}


def name_became_family_name(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "family_name": document["name"].title()}


MAPPER = Mapper(Thing, schema_version=3, upgrades={1: name_was_called_surname, 2: name_became_family_name})
THING = Thing(
    "t1", 4, "Ңанаев", (Part(Colour.RED, date(1990, 4, 23)),), datetime(2026, 11, 22, 10, 0, tzinfo=UTC), frozenset({"a"})
)


def test_an_aggregate_comes_back_from_bson_as_it_was() -> None:
    stored = bson.decode(bson.encode(MAPPER.to_document(THING)), bson.CodecOptions(tz_aware=True))
    assert MAPPER.from_document(stored) == THING


def test_a_document_says_its_schema_version() -> None:
    assert MAPPER.to_document(THING)["schema_version"] == 3


@pytest.mark.parametrize(
    "old",
    [
        {"_id": "t1", "version": 4, "surname": "ңанаев"},  # from before versions were written
        {"_id": "t1", "version": 4, "schema_version": 1, "surname": "ңанаев"},
        {"_id": "t1", "version": 4, "schema_version": 2, "name": "ңанаев"},
    ],
)
def test_an_old_document_is_lifted_step_by_step(old: dict[str, Any]) -> None:
    assert MAPPER.from_document(old).family_name == "Ңанаев"


def test_a_document_of_a_newer_release_is_refused_before_anything_of_it_is_lost() -> None:
    with pytest.raises(NewerSchema):
        MAPPER.from_document({**MAPPER.to_document(THING), "schema_version": 4})
