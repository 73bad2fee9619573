"""The written AsyncAPI and OpenAPI documents are valid by judges that are not ours, and say what the system does."""

import copy
import json
from typing import Any

import pytest

from cli.contracts import API
from shared.contracts.base import EVENTS
from shared.messaging import topology
from tests.contract.judges import faults_of_asyncapi, faults_of_openapi

OPENAPI = sorted(path.name for path in API.glob("openapi-*.json"))
every_openapi = pytest.mark.parametrize("name", OPENAPI)
METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((API / name).read_text(encoding="utf-8"))
    return found


@pytest.fixture
def asyncapi() -> dict[str, Any]:
    return document("asyncapi.json")


def operations(openapi: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def undefined_security(openapi: dict[str, Any]) -> list[str]:
    known = set(openapi.get("components", {}).get("securitySchemes", {}))
    asked = [(where, need) for where, operation in operations(openapi) for need in operation.get("security", [])]
    return [f"{where}: {scheme}" for where, need in asked for scheme in need if scheme not in known]


def test_the_asyncapi_document_is_valid(asyncapi: dict[str, Any]) -> None:
    assert asyncapi["asyncapi"] == "3.0.0"
    assert faults_of_asyncapi(asyncapi) == []


def test_a_fault_in_an_asyncapi_document_would_be_seen(asyncapi: dict[str, Any]) -> None:
    wrong_action, no_channel, lost = copy.deepcopy(asyncapi), copy.deepcopy(asyncapi), copy.deepcopy(asyncapi)
    wrong_action["operations"]["documents.hears"]["action"] = "publish"
    del no_channel["operations"]["documents.hears"]["channel"]
    del lost["components"]["messages"]["DocumentIssued"]
    assert faults_of_asyncapi(wrong_action)
    assert faults_of_asyncapi(no_channel)
    assert "#/components/messages/DocumentIssued: leads nowhere" in faults_of_asyncapi(lost)


def test_the_asyncapi_document_names_every_event_and_every_queue(asyncapi: dict[str, Any]) -> None:
    addresses = {channel["address"] for channel in asyncapi["channels"].values()}
    assert addresses == set(EVENTS) | {spec.name for spec in topology.queues()}


def test_every_service_hears_in_the_document_what_it_hears_in_the_topology(asyncapi: dict[str, Any]) -> None:
    for service, events in topology.SUBSCRIPTIONS.items():
        heard = asyncapi["operations"][f"{service}.hears"]["messages"]
        assert {message["$ref"].rpartition("/")[2] for message in heard} == {event.__name__ for event in events}


def test_every_service_with_an_app_has_an_openapi_document() -> None:
    assert [f"openapi-{name}.json" for name in ("applications", "documents", "identity", "notifications")] == OPENAPI


@every_openapi
def test_an_openapi_document_is_valid(name: str) -> None:
    openapi = document(name)
    assert openapi["openapi"].startswith("3.1.")
    assert faults_of_openapi(openapi) == []
    assert undefined_security(openapi) == []


def test_a_fault_in_an_openapi_document_would_be_seen() -> None:
    openapi = document("openapi-documents.json")
    where, operation = operations(openapi)[0]
    operation["security"] = [{"nowhere": []}]
    assert undefined_security(openapi) == [f"{where}: nowhere"]
    openapi["info"].pop("title")
    assert faults_of_openapi(openapi) == ["'title' is a required property"]


@every_openapi
def test_no_two_operations_share_an_id(name: str) -> None:
    ids = [operation["operationId"] for _, operation in operations(document(name))]
    assert sorted(set(ids)) == sorted(ids)


def test_what_exists_on_a_local_stack_only_is_not_in_the_documents() -> None:
    assert [where for where, _ in operations(document("openapi-identity.json")) if "/demo/" in where] == []
