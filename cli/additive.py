"""Whether an event's new schema only adds: messages in flight and readers of yesterday must go on working."""

from __future__ import annotations

from typing import Any

_WORDS_ONLY = ("title", "description", "examples", "default")


def breaks(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """In: two JSON schemas of one event's data. Out: each way in which the second is more than an addition; empty is well."""
    old, new = _fields(before), _fields(now)
    found = [f"{name}: removed or renamed" for name in old if name not in new]
    found += [f"{name}: another type or other values" for name in old if name in new and old[name] != new[name]]
    required_before, required_now = set(before.get("required", ())), set(now.get("required", ()))
    for name in sorted(required_now ^ required_before):
        if name in required_now:
            found.append(f"{name}: {'required and was optional' if name in old else 'new and required'}")
        elif name in new:
            found.append(f"{name}: optional and was required")
    if before.get("additionalProperties", True) is not now.get("additionalProperties", True):
        found.append("unknown fields: accepted before, or only now")
    return found


def _fields(schema: dict[str, Any]) -> dict[str, Any]:
    definitions = schema.get("$defs", {})
    return {name: _bare(field, definitions) for name, field in schema.get("properties", {}).items()}


def _bare(part: Any, definitions: dict[str, Any]) -> Any:
    """The part without words for people, with what it refers to put in its place."""
    if isinstance(part, list):
        return [_bare(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _bare(definitions[part["$ref"].rpartition("/")[2]], definitions)
    return {key: _bare(value, definitions) for key, value in part.items() if key not in _WORDS_ONLY}
