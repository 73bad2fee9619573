"""What the OpenAPI document says of each route beyond its models: with which problems it may answer, and which keys it needs.

Most of it follows from what a route depends on. What follows from nothing (a 404 without a name in the path, a 409 without a
command) the route says itself: `responses=also(404)`.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from shared.web.auth import AUTHENTICATES
from shared.web.commands import COMMANDS, UNDER_KEY
from shared.web.limiting import ID_PATTERN
from shared.web.looks import RECORDS

UNDESCRIBED: dict[int | str, dict[str, Any]] = {
    "default": {"description": "Taken away again: with it FastAPI adds no 422 of its own"}
}
_EVERYWHERE = {414, 429, 431, 503}
_WITH_BODY = {400, 408, 413, 422}
_HEALTH = "/health/"  # answered whatever else is wrong
_MEANINGS = {
    400: "The request cannot be read, or its Idempotency-Key is missing or cannot be used",
    401: "Nobody is signed in, or the proof that was sent is not believed",
    403: "Not with this role or kind of account, or not without a second factor or a sign-in of the last minutes",
    404: "Not there, or not for you",
    408: "The body came too slowly",
    409: "Not possible in the present state, or somebody else was faster",
    413: "The body is too large",
    414: "The address has too many or too long parameters",
    415: "The body is of a kind that is not accepted",
    422: "What was sent cannot stay as it is; errors names each field",
    428: "An officer says first why they look, in the header Eshik-Access-Reason; reasons lists what can be said",
    429: "Too many requests, or too many tries: again after the seconds in Retry-After",
    431: "The headers are too large",
    503: "Not now; the same may be sent again after the seconds in Retry-After",
}
_TEXT = {"type": "string"}
PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457, told in the language asked for",
    "type": "object",
    "required": ["type", "title", "status", "detail", "correlation_id"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/not-found"]},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "correlation_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "RFC 6901; empty for the whole body"},
                    "detail": _TEXT,
                },
            },
        },
        "accepted": {"type": "array", "items": _TEXT, "description": "With 415 to a body of JSON: as what it can be sent"},
        "limit_bytes": {"type": "integer", "description": "With 413 to a piece of a file: the length that was announced"},
        "reasons": {
            "type": "array",
            "items": {"type": "object", "required": ["code", "text"], "properties": {"code": _TEXT, "text": _TEXT}},
        },
    },
}


def also(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problems that a route may answer with, beside those that follow from what it depends on."""
    return {status: {"description": _MEANINGS[status]} for status in statuses}


def describe(app: FastAPI) -> None:
    """FastAPI's own way to extend the document is to replace the function that makes it."""
    generate = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generate()
            for route in iter_route_contexts(app.routes):
                for method in route.methods or ():
                    operation = document["paths"].get(route.path, {}).get(method.lower())
                    if operation:
                        _complete(operation, route)
            _add_components(document)
        return app.openapi_schema or {}

    app.openapi = described  # type: ignore[method-assign]


def _complete(operation: dict[str, Any], route: Any) -> None:
    calls = set(_calls(route.dependant))
    responses = operation["responses"]
    responses.pop("default", None)
    said = {int(status) for status, response in responses.items() if int(status) >= 400 and "content" not in response}
    takes_json = bool(route.dependant.body_params)  # a route that reads its body by itself says what it refuses
    for status in said | _problems(operation, route.path, calls, takes_json=takes_json):
        responses.setdefault(str(status), {})
        if "content" not in responses[str(status)]:
            responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = dict(sorted(responses.items()))
    for parameter in operation.get("parameters", []):
        if parameter["name"].lower() == "idempotency-key":
            parameter["required"] = True
        if parameter["in"] == "path" and parameter["schema"].get("type") == "string":
            parameter["schema"].setdefault("pattern", ID_PATTERN)


def _problems(operation: dict[str, Any], path: str, calls: set[Any], *, takes_json: bool) -> set[int]:
    if path.startswith(_HEALTH):
        return set()
    found = set(_EVERYWHERE)
    found |= {401, 403} if AUTHENTICATES in calls else set()
    found |= {404} if "{" in path else set()
    found |= {422} if operation.get("parameters") else set()
    found |= _WITH_BODY if "requestBody" in operation else set()
    found |= {415} if takes_json else set()
    found |= {409} if COMMANDS & calls else set()
    found |= _WITH_BODY if UNDER_KEY in calls else set()
    found |= {428} if RECORDS in calls else set()
    return found


def _calls(dependant: Dependant) -> Iterator[Any]:
    for part in dependant.dependencies:
        yield part.call
        yield from _calls(part)


def _add_components(document: dict[str, Any]) -> None:
    used = {
        int(status)
        for path in document["paths"].values()
        for operation in path.values()
        for status, response in operation["responses"].items()
        if "$ref" in response
    }
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        f"Problem{status}": {"description": _MEANINGS[status], "content": content} for status in sorted(used)
    }
