"""Judges of our API documents that are not ours: the AsyncAPI Initiative's schema, and openapi-spec-validator."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

SCHEMA = Path(__file__).parent / "asyncapi_schema" / "3.0.0.json.gz"


@cache
def asyncapi_validator() -> Draft7Validator:
    return Draft7Validator(json.loads(gzip.decompress(SCHEMA.read_bytes())))


def faults_of_asyncapi(document: dict[str, Any]) -> list[str]:
    """What the published schema finds wrong, and every reference that leads nowhere (which a schema cannot see)."""
    faults = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in _errors(document)]
    return faults + [
        f"{reference}: leads nowhere" for reference in _references(document) if not _leads_somewhere(reference, document)
    ]


def faults_of_openapi(document: dict[str, Any]) -> list[str]:
    """The first line of each: the validator that is in Rust, where it is installed, adds more lines and its own quotes."""
    return [error.message[:200].partition("\n")[0].replace('"', "'") for error in OpenAPIV31SpecValidator(document).iter_errors()]


def _errors(document: dict[str, Any]) -> list[Any]:
    return list(asyncapi_validator().iter_errors(document))


def _references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [found for each in part for found in _references(each)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [found for each in part.values() for found in _references(each)]


def _leads_somewhere(reference: str, document: dict[str, Any]) -> bool:
    place: Any = document
    for step in reference.removeprefix("#/").split("/"):
        if not isinstance(place, dict) or step not in place:
            return False
        place = place[step]
    return True
