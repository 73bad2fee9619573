"""Every query of applications that is known is listed with the index that serves it; docs/queries.toml is the list.

tests/integration/test_query_shapes.py records what is really asked and holds it against the list.
"""

import tomllib
from functools import cache
from typing import Any

import pytest
from pymongo import IndexModel

from cli.service_apps import every_app
from deploy.local.places import CHECKOUT
from shared.mongo.indexes import KERNEL_INDEXES
from tests.support.query_shapes import Shape, fitting, keys_of, shapes_of

LIST = CHECKOUT / "docs" / "queries.toml"


@cache
def listed() -> dict[str, Any]:
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


@cache
def indexes() -> dict[str, list[tuple[tuple[str, int], ...]]]:
    """Of applications, as they are made when it starts."""
    declared = {**KERNEL_INDEXES, **every_app()["applications"].state.runtime._indexes}
    return {name: keys_of(models) for name, models in declared.items()}


def shape(row: dict[str, Any]) -> Shape:
    parts = {name: tuple(row.get(name, ())) for name in ("equal", "among", "between", "besides", "order")}
    return Shape(row["collection"], **parts)


def written(keys: Any) -> str:
    return " ".join(name if way > 0 else f"-{name}" for name, way in keys)


def test_every_listed_query_of_a_growing_collection_has_an_index_that_fits_and_is_the_one_that_it_names() -> None:
    wrong = {}
    for row in listed()["query"]:
        found = fitting(shape(row), indexes().get(row["collection"], []))
        told = row.get("index")
        if told is not None and (found is None or written(found) != told):
            wrong[str(row)] = written(found) if found else "none fits"
        if told is None and not (row.get("why") or row["collection"] in listed()["small"]):
            wrong[str(row)] = "neither an index, nor a reason why it needs none"
    assert wrong == {}


def test_a_collection_that_is_said_to_be_small_exists_and_has_its_reason() -> None:
    assert set(listed()["small"]) <= set(indexes())
    assert all(listed()["small"].values())


def test_no_query_is_listed_twice() -> None:
    rows = [shape(row) for row in listed()["query"]]
    assert len(rows) == len(set(rows))


INDEX = (("post_id", 1), ("status", 1), ("due_on", 1), ("_id", 1))


@pytest.mark.parametrize(
    ("query", "order", "fits"),
    [
        ({"post_id": "yek", "status": "submitted"}, {"due_on": 1, "_id": 1}, True),
        ({"post_id": "yek", "status": "submitted", "due_on": {"$gt": "2026"}}, {"due_on": 1, "_id": 1}, True),
        ({"post_id": "yek", "status": "submitted"}, {"due_on": -1, "_id": -1}, True),
        ({"post_id": "yek", "status": {"$in": ["submitted", "in_review"]}}, None, True),
        ({"post_id": "yek", "status": {"$in": ["submitted", "in_review"]}}, {"due_on": 1, "_id": 1}, True),  # merged
        ({"post_id": "yek", "status": {"$gt": "submitted"}}, {"due_on": 1, "_id": 1}, False),  # to be sorted
        ({"post_id": "yek", "status": "submitted"}, {"due_on": 1, "_id": -1}, False),
        ({"status": "submitted"}, None, False),
        ({"post_id": {"$ne": "yek"}}, None, False),
        ({"_id": "a", "$or": [{"post_id": "yek"}, {"deciding_at": "mow"}]}, None, True),
        ({"$or": [{"post_id": "yek"}, {"deciding_at": "mow"}]}, None, False),
        ({}, {"due_on": 1}, False),
        ({"$and": [{"post_id": "yek"}, {"claimed_by": "x"}]}, None, True),
    ],
)
def test_an_index_fits_where_what_comes_before_the_order_is_bound(query: Any, order: Any, fits: bool) -> None:
    found = [fitting(each, keys_of([IndexModel(list(INDEX))])) for each in shapes_of("applications", query, order)]
    assert all(found) is fits
