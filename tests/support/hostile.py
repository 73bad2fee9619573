"""Hostile values at every place where a route takes text: found in the OpenAPI documents, so that no route is forgotten."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

Schema = Mapping[str, Any]
Path = tuple[str | int, ...]
NO_HEADER = "Content-Type"  # a header is set to text, and never to an object


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request with one hostile value. where: for the message of a failing test."""

    method: str
    path: str
    where: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None


def attempts(
    openapi: Schema, line: str, base: Any, values: list[Any], *, media_type: str = "application/json"
) -> Iterator[Attempt]:
    """In: a route as `POST /path`, and a body that is otherwise right. Each place is given each value; parts of an address, of
    its query and headers are given those that are text."""
    method, _, template = line.partition(" ")
    operation = openapi["paths"][template][method.lower()]
    parameters = operation.get("parameters", ())
    usual = {each["name"]: str(uuid4()) for each in parameters if each["in"] == "path"}
    for value in values:
        if isinstance(value, str):
            yield from _in_parameters(method, template, parameters, usual, value)
        content = operation.get("requestBody", {}).get("content", {}).get(media_type)
        if content:
            path = template.format(**usual)
            yield Attempt(method, path, f"{line} the whole body", {}, {}, value)
            for at in text_fields(openapi, content["schema"]):
                yield Attempt(method, path, f"{line} body {'/'.join(map(str, at))}", {}, {}, _with(base, at, value))
            if isinstance(base, dict):
                yield Attempt(method, path, f"{line} one more field", {}, {}, base | {"$where": value})


def _in_parameters(method: str, template: str, parameters: Any, usual: Mapping[str, str], value: str) -> Iterator[Attempt]:
    for each in parameters:
        name, kind = each["name"], each["in"]
        where, path = f"{method} {template} {kind} {name}", template.format(**usual)
        if kind == "path":
            yield Attempt(method, template.format(**{**usual, name: value}), where, {}, {})
        elif kind == "query":
            yield Attempt(method, path, where, {name: value}, {})
        elif kind == "header" and value.isascii() and value.isprintable():
            yield Attempt(method, path, where, {}, {name: value})


def text_fields(openapi: Schema, schema: Schema, at: Path = (), seen: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Where text stands in a body, through lists and maps too."""
    if name := schema.get("$ref", "").rpartition("/")[2]:
        if name not in seen:
            yield from text_fields(openapi, openapi["components"]["schemas"][name], at, seen | {name})
        return
    parts = (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ()))
    found = {path for part in parts for path in text_fields(openapi, part, at, seen)}
    if at and (schema.get("type") in ("string", None) and not parts):
        found.add(at)
    for name, field in schema.get("properties", {}).items():
        found |= set(text_fields(openapi, field, (*at, name), seen))
    if isinstance(items := schema.get("items"), dict):
        found |= set(text_fields(openapi, items, (*at, 0), seen))
    if isinstance(more := schema.get("additionalProperties"), dict):
        found |= {(*at, "full_name"), *text_fields(openapi, more, (*at, "full_name"), seen)}
    yield from sorted(found, key=str)


def _with(base: Any, at: Path, value: Any) -> Any:
    """A copy of the body in which the place holds the value; what is missing on the way to it is made."""
    body = deepcopy(base) if isinstance(base, dict) else {}
    inner: Any = body
    for step, after in zip(at, [*at[1:], None], strict=True):
        if after is None:
            fresh: Any = value
        else:
            fresh = [None] if isinstance(after, int) else {}
        if isinstance(inner, list):
            inner[:1] = [fresh]  # that of the right body may be empty
        elif after is None or not isinstance(inner.get(step), list if isinstance(after, int) else dict):
            inner[step] = fresh
        inner = inner[0] if isinstance(inner, list) else inner[step]
    return body


class Connections:
    """Where this process connects to and what names it asks for, as the interpreter itself tells."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self._listening = False
        sys.addaudithook(self._hear)  # for the life of the process: there is no way to take one back

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._listening and event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
            address = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[:2]
            self.asked.add(":".join(map(str, address[:2])) if isinstance(address, tuple) else str(address))

    @contextmanager
    def heard(self) -> Iterator[set[str]]:
        self.asked.clear()
        self._listening = True
        try:
            yield self.asked
        finally:
            self._listening = False
