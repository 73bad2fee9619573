"""What a query asks of an index: its shape, told from the command that a driver sends, and which declared index fits it.

A shape is what is compared for equality, what by a range, what else is asked, and the order. An index fits where its first fields
are bound, and where those before the order have one value each, or few, whose stretches are merged: nothing is sorted, and no
more is read than is given. So reads MongoDB; SecantusDB sorts all that is found, and reads all where there is an $or.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from types import FrameType
from typing import Any

from pymongo import IndexModel, monitoring

from deploy.local.places import CHECKOUT

Filter = Mapping[str, Any]
REFUSED = frozenset(
    {"$or", "skip"}
)  # where a collection grows: the one reads all of it on SecantusDB, the other all that is passed over
_PROGRAM = tuple(f"{CHECKOUT / part}{os.sep}" for part in ("services", "shared", "cli"))
_TESTS = f"{CHECKOUT / 'tests'}{os.sep}"
_RANGES = {"$gt", "$gte", "$lt", "$lte"}
_ONE_OF = {"$in"}


@dataclass(frozen=True, order=True)
class Shape:
    """equal: bound to one value; among: to one of several; between: by a range; besides: asked of each row that is read, and
    what of REFUSED there is."""

    collection: str
    equal: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    order: tuple[str, ...] = ()  # a field, with - before it where the greatest comes first

    @property
    def bound(self) -> frozenset[str]:
        return frozenset((*self.equal, *self.among, *self.between))

    @property
    def refused(self) -> frozenset[str]:
        return REFUSED & {*self.besides}

    def said(self) -> dict[str, Any]:
        parts = {name: list(getattr(self, name)) for name in ("equal", "among", "between", "besides", "order")}
        return {"collection": self.collection} | {name: part for name, part in parts.items() if part}


def shapes_of(collection: str, query: Filter, order: Mapping[str, int] | None = None) -> Iterator[Shape]:
    """One a branch of an $or: each needs an index of its own."""
    for fields in _branches(query):
        kinds: dict[str, set[str]] = {"equal": set(), "among": set(), "between": set(), "besides": set()}
        for name, how in fields:
            kinds[how].add(name)
        kinds["between"] -= kinds["equal"] | kinds["among"]
        kinds["among"] -= kinds["equal"]
        kinds["besides"] -= kinds["equal"] | kinds["among"] | kinds["between"]
        by = tuple(name if way > 0 else f"-{name}" for name, way in (order or {}).items())
        equal, among, between, besides = (tuple(sorted(kinds[kind])) for kind in ("equal", "among", "between", "besides"))
        yield Shape(collection, equal, among, between, besides, by)


def _branches(query: Filter) -> list[list[tuple[str, str]]]:
    branches: list[list[tuple[str, str]]] = [[]]
    for name, value in query.items():
        if name == "$and":
            parts = [_branches(part) for part in value]
        elif name == "$or":
            parts = [[[*branch, (name, "besides")] for part in value for branch in _branches(part)]]
        elif name.startswith("$"):
            parts = [[[(name, "besides")]]]
        else:
            parts = [[[(name, _how(value))]]]
        for part in parts:
            branches = [[*left, *right] for left in branches for right in part]
    return branches


def _how(value: Any) -> str:
    if not isinstance(value, Mapping) or not any(str(key).startswith("$") for key in value):
        return "equal"
    if "$eq" in value:
        return "equal"
    if _ONE_OF & value.keys():
        return "equal" if len(value["$in"]) == 1 else "among"
    return "between" if _RANGES & value.keys() else "besides"


def fitting(shape: Shape, indexes: Iterable[Sequence[tuple[str, int]]]) -> Sequence[tuple[str, int]] | None:
    """Of those that fit, the one that binds most; the index of _id is always there."""
    able = [keys for keys in ((("_id", 1),), *indexes) if _fits(shape, keys)]
    return max(able, key=lambda keys: len(list(takewhile(lambda key: key[0] in shape.bound, keys))), default=None)


def _fits(shape: Shape, keys: Sequence[tuple[str, int]]) -> bool:
    names = [name for name, _ in keys]
    if "_id" in (*shape.equal, *shape.among):
        return names == ["_id"]  # one row each: whatever the order, there is little to sort
    if not shape.order:
        return names[0] in shape.bound
    bound = 0
    while bound < len(names) and names[bound] in (*shape.equal, *shape.among):
        bound += 1
    wanted = [(name.lstrip("-"), -1 if name.startswith("-") else 1) for name in shape.order]
    wanted = [(name, way) for name, way in wanted if name not in shape.equal]
    left = list(keys[bound : bound + len(wanted)])
    same, turned = left == wanted, left == [(name, -way) for name, way in wanted]
    return (same or turned) and (bound > 0 or names[0] in shape.bound or not shape.bound)


def keys_of(models: Iterable[IndexModel]) -> list[tuple[tuple[str, int], ...]]:
    return [tuple(model.document["key"].items()) for model in models]


@dataclass
class Recorder(monitoring.CommandListener):
    """Every shape that the programs in this process ask, by database, and not what tests ask themselves. Register it before
    clients are made."""

    seen: dict[str, set[Shape]] = field(default_factory=dict)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        name, command = event.command_name, event.command
        collection = command.get(name)
        if not isinstance(collection, str) or name not in _ASKING or not _asked_by_a_program():
            return
        found = self.seen.setdefault(event.database_name, set())
        for query, order in _queries(name, command):
            found |= set(shapes_of(collection, query, order))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


def _asked_by_a_program() -> bool:
    """By the nearest file of ours on the stack: a coroutine stands there with all that wait for it."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith((*_PROGRAM, _TESTS)):
            return not file.startswith(_TESTS)
        frame = frame.f_back
    return False


_ASKING = {"find", "update", "delete", "aggregate", "count", "distinct", "findAndModify"}


def _queries(name: str, command: Mapping[str, Any]) -> Iterator[tuple[Filter, Mapping[str, int] | None]]:
    if name == "find" and (command.get("filter") or command.get("sort") or command.get("limit") != 1):  # else it reads one row
        yield _skipping(command.get("filter", {}), command.get("skip")), command.get("sort")
    elif name in ("update", "delete"):
        yield from ((each["q"], None) for each in command[f"{name}s"])
    elif name == "aggregate" and command["pipeline"] and not {"$changeStream", "$collStats"} & command["pipeline"][0].keys():
        skip = any("$skip" in stage for stage in command["pipeline"])
        yield _skipping(command["pipeline"][0].get("$match", {}), skip), None
    elif name in ("count", "distinct", "findAndModify") and command.get("query"):  # without one it is the collection's own count
        yield command.get("query", {}), command.get("sort")


def _skipping(query: Filter, skip: Any) -> Filter:
    return {**query, "skip": {"$exists": True}} if skip else query  # so it stands among what is asked besides
