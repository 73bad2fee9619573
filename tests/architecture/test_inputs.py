"""Whatever a route takes in is typed and bounded: read off the OpenAPI documents, so that no route is forgotten."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cli.contracts import API
from deploy.local.environment import SERVICES

Schema = dict[str, Any]
BOUNDS = {
    "string": [{"maxLength"}, {"pattern"}, {"format"}, {"enum"}, {"const"}],
    "array": [{"maxItems"}],
    "integer": [{"minimum", "maximum"}, {"exclusiveMinimum", "maximum"}, {"enum"}, {"const"}],
    "number": [{"minimum", "maximum"}, {"enum"}, {"const"}],
}
# a whole file, which LimitBody bounds
FILES = {"format": "binary"}


def document(service: str) -> Schema:
    found: Schema = json.loads((API / f"openapi-{service}.json").read_text(encoding="utf-8"))
    return found


def taken_in(openapi: Schema) -> Iterator[tuple[str, Schema]]:
    """Where, and the schema of each parameter and body."""
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            where = f"{method.upper()} {path}"
            for parameter in operation.get("parameters", ()):
                yield f"{where} {parameter['in']} {parameter['name']}", parameter["schema"]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{where} body", content["schema"]


def unbounded(openapi: Schema, schema: Schema, where: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every place below the schema where more may come than is said."""
    if name := schema.get("$ref", "").rpartition("/")[2]:
        if name not in seen:
            yield from unbounded(openapi, openapi["components"]["schemas"][name], where, seen | {name})
        return
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from unbounded(openapi, part, where, seen)
    kind = schema.get("type")
    if kind in BOUNDS and not any(bounds <= set(schema) for bounds in BOUNDS[kind]) and not FILES.items() <= schema.items():
        yield f"{where}: {kind}"
    if kind == "array":
        yield from unbounded(openapi, schema["items"], f"{where}[]", seen)
    if kind == "object":
        yield from _of_object(openapi, schema, where, seen)
    if not set(schema) & {"type", "anyOf", "oneOf", "allOf", "enum", "const"}:
        yield f"{where}: anything"


def _of_object(openapi: Schema, schema: Schema, where: str, seen: frozenset[str]) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        yield from unbounded(openapi, field, f"{where}/{name}", seen)
    more = schema.get("additionalProperties", True)
    if more is False:
        return
    if "maxProperties" not in schema:
        yield f"{where}: further fields"
    keys = schema.get("propertyNames", {})
    if "$ref" not in keys and not any(bounds <= set(keys) for bounds in BOUNDS["string"]):
        yield f"{where}: names of fields"
    if isinstance(more, dict):
        yield from unbounded(openapi, more, f"{where}/*", seen)


@pytest.mark.parametrize("service", SERVICES)
def test_every_text_list_number_and_object_that_comes_in_is_bounded(service: str) -> None:
    openapi = document(service)
    found = list(taken_in(openapi))
    assert len(found) > 5
    assert [fault for where, schema in found for fault in unbounded(openapi, schema, where)] == []


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ({"type": "string"}, "x: string"),
        ({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]}, "x: integer"),
        ({"type": "array", "items": {"type": "string", "maxLength": 3}}, "x: array"),
        ({"type": "object", "properties": {}}, "x: further fields"),
        ({"type": "object", "additionalProperties": False, "properties": {"a": {}}}, "x/a: anything"),
        ({"$ref": "#/components/schemas/A"}, "x/b: string"),
    ],
)
def test_what_has_no_bound_would_be_seen(schema: Schema, fault: str) -> None:
    defined = {"type": "object", "additionalProperties": False, "properties": {"b": {"type": "string"}}}
    assert fault in list(unbounded({"components": {"schemas": {"A": defined}}}, schema, "x"))


@pytest.mark.parametrize("service", SERVICES)
def test_no_route_takes_an_address_to_fetch(service: str) -> None:
    """Whoever could name one would have us ask inside our own network (docs/security.md)."""
    named = ("url", "uri", "href", "callback", "webhook", "endpoint", "host")
    openapi = document(service)
    suspicious = [
        f"{where} {name}"
        for where, schema in taken_in(openapi)
        for name, field in fields_of(openapi, schema)
        if field.get("format") in ("uri", "uri-reference", "iri", "hostname") or name.lower().endswith(named)
    ]
    assert suspicious == []


def fields_of(openapi: Schema, schema: Schema, seen: frozenset[str] = frozenset()) -> Iterator[tuple[str, Schema]]:
    """Every field below the schema, with its name."""
    if name := schema.get("$ref", "").rpartition("/")[2]:
        if name not in seen:
            yield from fields_of(openapi, openapi["components"]["schemas"][name], seen | {name})
        return
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from fields_of(openapi, part, seen)
    for name, field in schema.get("properties", {}).items():
        yield name, field
        yield from fields_of(openapi, field, seen)
    if isinstance(items := schema.get("items"), dict):
        yield from fields_of(openapi, items, seen)
