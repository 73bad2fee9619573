"""Every query that is known is listed with the index that serves it, for each service and for what all of them share.

docs/queries holds the lists. What is really asked in tests/integration is held against them there (conftest.py).
"""

from typing import Any

import pytest
from pymongo import IndexModel

from cli.service_apps import every_app
from shared.mongo.indexes import KERNEL_INDEXES
from tests.support.query_lists import DECLARED, LISTS, asked_without_index, index_for, listed, shape_of, small
from tests.support.query_shapes import Shape, fitting, keys_of, shapes_of

for_each_list = pytest.mark.parametrize("name", DECLARED)


def written(keys: Any) -> str:
    return " ".join(name if way > 0 else f"-{name}" for name, way in keys)


def test_each_service_that_has_a_database_has_its_list_and_the_indexes_that_it_makes_are_those_it_is_held_against() -> None:
    made = {name: app.state.runtime._indexes for name, app in every_app().items() if hasattr(app.state, "runtime")}
    made = {name: {**KERNEL_INDEXES, **indexes} for name, indexes in made.items() if indexes}
    assert {name: indexes.keys() for name, indexes in made.items()} == {
        name: indexes.keys() for name, indexes in DECLARED.items() if name != "shared"
    }
    assert {file.stem for file in LISTS.glob("*.toml")} == set(DECLARED)


@for_each_list
def test_every_listed_query_of_a_growing_collection_has_an_index_that_fits_and_is_the_one_that_it_names(name: str) -> None:
    wrong = {}
    for row in listed(name)["query"]:
        found, told = index_for(name, shape_of(row)), row.get("index")
        if told is not None and (found is None or written(found) != told):
            wrong[str(row)] = written(found) if found else "none fits"
        if told is None and not (row.get("why") or row["collection"] in small(name)):
            wrong[str(row)] = "neither an index, nor a reason why it needs none"
        if shape_of(row).refused and not (row.get("why") or row["collection"] in small(name)):
            wrong[str(row)] = "refused on a growing collection, and no reason why it is here"
    assert wrong == {}


@for_each_list
def test_a_collection_that_is_said_to_be_small_exists_and_has_its_reason(name: str) -> None:
    assert set(listed(name)["small"]) <= set(DECLARED[name])
    assert all(listed(name)["small"].values())


@for_each_list
def test_no_query_is_listed_twice(name: str) -> None:
    rows = [shape_of(row) for of in {name, "shared"} for row in listed(of)["query"]]
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


def test_an_or_and_rows_that_are_passed_over_are_told_of_beside_what_is_bound() -> None:
    either = {"_id": "a", "$or": [{"post_id": "yek"}, {"deciding_at": "mow"}]}
    assert [shape.refused for shape in shapes_of("applications", either)] == [{"$or"}, {"$or"}]
    assert [shape.refused for shape in shapes_of("applications", {"_id": "a"})] == [frozenset()]


def test_what_no_index_serves_or_is_refused_is_told_unless_the_collection_is_small_or_a_list_says_why() -> None:
    fine = Shape("notifications", equal=("application_id",), order=("queued_at", "_id"))
    unserved = Shape("notifications", besides=("channel",))
    either = Shape("notifications", equal=("_id",), besides=("$or",))
    in_one_row = Shape("leases", besides=("owner",))
    of_a_test = Shape("tallies", besides=("id",))
    listed_with_why = next(shape_of(row) for row in listed("notifications")["query"] if "why" in row)
    asked = {"t1_notifications": {fine, unserved, either, in_one_row, of_a_test, listed_with_why}}
    assert asked_without_index(asked) == [f"notifications: {shape.said()}" for shape in (unserved, either)]
