"""The published contracts: snapshots that only grow, and examples that every reader can read."""

import importlib
import pkgutil
from pathlib import Path

import pytest
import typer
from jsonschema import Draft202012Validator

import shared.contracts
from cli import contracts as command
from shared.contracts.base import EVENTS, Event
from shared.messaging.asyncapi import envelope_schema, producer_of
from shared.messaging.topology import SUBSCRIPTIONS
from tests.contract.examples import FOLDER, example, parsed

HEARD = [(service, event) for service, events in SUBSCRIPTIONS.items() for event in events]
every_event = pytest.mark.parametrize("kind", sorted(EVENTS))
every_subscription = pytest.mark.parametrize(("service", "event"), HEARD, ids=lambda part: getattr(part, "type", part))


def test_no_contract_hides_in_a_module_that_nobody_imports() -> None:
    before = set(EVENTS)
    for module in pkgutil.iter_modules(shared.contracts.__path__, "shared.contracts."):
        importlib.import_module(module.name)
    assert set(EVENTS) == before


def test_each_event_has_one_example_and_one_snapshot_and_none_is_left_over() -> None:
    names = {f"{kind}.json" for kind in EVENTS}
    assert {path.name for path in FOLDER.iterdir()} == names
    assert {path.name for path in command.SCHEMAS.iterdir()} == names


def test_events_change_by_addition_only() -> None:
    assert command.broken_contracts() == []


def test_all_written_contracts_are_current() -> None:
    """Event schemas, AsyncAPI, OpenAPI and the settings page; `./eshik contracts update` writes them."""
    assert command.outdated(command.generated()) == []


def test_no_document_of_an_interface_is_left_over() -> None:
    assert set(command.API.iterdir()) == {path for path in command.generated() if path.parent == command.API}


def test_an_update_that_would_break_readers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = "application.refused.v1"
    old = (command.SCHEMAS / f"{kind}.json").read_text(encoding="utf-8").replace('"reason"', '"cause"')
    (tmp_path / f"{kind}.json").write_text(old, encoding="utf-8")
    (tmp_path / "application.archived.v1.json").write_text(old, encoding="utf-8")
    monkeypatch.setattr(command, "SCHEMAS", tmp_path)
    assert command.broken_contracts() == [
        "application.archived.v1 is gone",
        f"{kind}: cause: removed or renamed",
        f"{kind}: reason: new and required",
    ]
    with pytest.raises(typer.Exit):
        command.update()
    assert (tmp_path / f"{kind}.json").read_text(encoding="utf-8") == old


def test_an_event_without_an_example_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "EXAMPLES", tmp_path)
    monkeypatch.setattr(command, "CHECKOUT", tmp_path)
    with pytest.raises(typer.Exit):
        command.check()
    assert "write an example first: application.submitted.v1.json" in capsys.readouterr().err


@every_event
def test_an_example_travels_as_it_is_written(kind: str) -> None:
    body = example(kind)
    assert parsed(body).to_body() == body
    assert body["type"] == kind
    assert body["source"] == f"eshik/{producer_of(EVENTS[kind])}"


@every_event
def test_an_example_fits_its_published_schema(kind: str) -> None:
    schema = envelope_schema(EVENTS[kind], command.event_schema(kind))
    schema["$defs"] = schema["properties"]["data"].pop("$defs", {})
    validator = Draft202012Validator(schema)
    assert [error.message for error in validator.iter_errors(example(kind))] == []
    assert not validator.is_valid({**example(kind), "type": "application.other.v1"})
    assert not validator.is_valid({**example(kind), "data": {}})


@every_event
def test_an_example_says_everything_that_can_be_said(kind: str) -> None:
    assert set(example(kind)["data"]) == set(EVENTS[kind].model_fields)


@every_subscription
def test_every_reader_reads_the_example_and_one_from_a_newer_producer(service: str, event: type[Event]) -> None:
    handlers = importlib.import_module(f"services.{service}.event_handlers").HANDLERS
    body = example(event.type)
    newer = {**body, "newattribute": "x", "data": {**body["data"], "new_field": {"of": ["any", "kind"]}}}
    for sent in (body, newer):
        envelope = parsed(sent)
        assert type(envelope.event) in handlers
        assert envelope.to_body() == body
