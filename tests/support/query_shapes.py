"""What a query asks of an index: its shape, told from the command that a driver sends, and which declared index fits it.

A shape is what is compared for equality, what by a range, what else is asked, and the order. An index fits where its first fields
are bound, and where those before the order have one value each, or few, whose stretches are merged: nothing is sorted, and no
more is read than is given. So reads MongoDB; SecantusDB sorts all that is found, and reads all where there is an $or.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from pymongo import IndexModel, monitoring

Filter = Mapping[str, Any]
_RANGES = {"$gt", "$gte", "$lt", "$lte"}
_ONE_OF = {"$in"}


@dataclass(frozen=True, order=True)
class Shape:
    """equal: bound to one value; among: to one of several; between: by a range; besides: asked of each row that is read."""

    collection: str
    equal: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    order: tuple[str, ...] = ()  # a field, with - before it where the greatest comes first

    @property
    def bound(self) -> frozenset[str]:
        return frozenset((*self.equal, *self.among, *self.between))

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
            parts = [[branch for part in value for branch in _branches(part)]]
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
    """Every shape that the clients of this process ask, by database. Register it before they are made."""

    seen: dict[str, set[Shape]] = field(default_factory=dict)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        name, command = event.command_name, event.command
        collection = command.get(name)
        if not isinstance(collection, str):
            return
        found = self.seen.setdefault(event.database_name, set())
        for query, order in _queries(name, command):
            found |= set(shapes_of(collection, query, order))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


def _queries(name: str, command: Mapping[str, Any]) -> Iterator[tuple[Filter, Mapping[str, int] | None]]:
    if name == "find":
        yield command.get("filter", {}), command.get("sort")
    elif name in ("update", "delete"):
        yield from ((each["q"], None) for each in command[f"{name}s"])
    elif name == "aggregate" and command["pipeline"] and "$match" in command["pipeline"][0]:
        yield command["pipeline"][0]["$match"], None
    elif name in ("count", "distinct", "findAndModify") and command.get("query"):  # without one it is the collection's own count
        yield command.get("query", {}), command.get("sort")
