"""docs/queries/: what each service asks of its database, and what all ask alike; read, and held against their indexes."""

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from deploy.local.places import CHECKOUT
from services.applications.schema import INDEXES as OF_APPLICATIONS
from services.documents.repository import INDEXES as OF_DOCUMENTS
from services.identity.schema import INDEXES as OF_IDENTITY
from services.notifications.schema import INDEXES as OF_NOTIFICATIONS
from shared.mongo.database import Indexes
from shared.mongo.indexes import KERNEL_INDEXES
from tests.support.query_shapes import Recorder, Shape, fitting, keys_of

LISTS = CHECKOUT / "docs" / "queries"
SHARED = "shared"
PARTS = ("equal", "among", "between", "besides", "order")
DECLARED: Mapping[str, Indexes] = {
    SHARED: KERNEL_INDEXES,
    "applications": KERNEL_INDEXES | OF_APPLICATIONS,
    "documents": KERNEL_INDEXES | OF_DOCUMENTS,
    "identity": KERNEL_INDEXES | OF_IDENTITY,
    "notifications": KERNEL_INDEXES | OF_NOTIFICATIONS,
}
RECORDER = Recorder()  # tests/integration/conftest.py registers it
_WRITE_DOWN = "ESHIK_LIST_QUERIES_INTO"  # a folder, for whoever brings the lists up to date


@cache
def listed(name: str) -> Mapping[str, Any]:
    """The rows of one file under `query`, and why collections do not grow under `small`."""
    return {"query": [], "small": {}} | tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def small(service: str) -> Mapping[str, str]:
    return {**listed(SHARED)["small"], **listed(service)["small"]}


@cache
def known(service: str) -> frozenset[Shape]:
    return frozenset(shape_of(row) for name in (SHARED, service) for row in listed(name)["query"])


def shape_of(row: Mapping[str, Any]) -> Shape:
    return Shape(row["collection"], **{name: tuple(row.get(name, ())) for name in PARTS})


@cache
def index_for(service: str, shape: Shape) -> Sequence[tuple[str, int]] | None:
    return fitting(shape, keys_of(DECLARED[service].get(shape.collection, [])))


def asked_without_index(asked: Mapping[str, Iterable[Shape]]) -> list[str]:
    """Of what was asked, by database: what no index serves, or is refused, and no list says why."""
    return [f"{service}: {shape.said()}" for service, shape in _by_service(asked) if _is_amiss(service, shape)]


def _is_amiss(service: str, shape: Shape) -> bool:
    if shape in known(service) or shape.collection in small(service) or shape.collection not in DECLARED[service]:
        return False
    return bool(shape.refused) or index_for(service, shape) is None


def _by_service(asked: Mapping[str, Iterable[Shape]]) -> Iterator[tuple[str, Shape]]:
    """A database is named after the service whose it is; those that tests make up have what is shared."""
    for database, shapes in asked.items():
        service = next((name for name in DECLARED if database.endswith(name)), SHARED)
        yield from ((service, shape) for shape in sorted(shapes))


def write_down(asked: Mapping[str, Iterable[Shape]]) -> None:
    """Where it is asked for: what was asked, a line each, beside what other runs wrote down."""
    if (folder := os.environ.get(_WRITE_DOWN)) is None:
        return
    with (Path(folder) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as out:
        for service, shape in _by_service(asked):
            out.write(json.dumps({"service": service, **shape.said()}) + "\n")
