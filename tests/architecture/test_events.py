"""The event system, looked at as data: who hears what, what a queue does with what it cannot hand over, what travels."""

import importlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import AwareDatetime

from shared.contracts.base import EVENTS, Event
from shared.messaging import topology
from shared.messaging.asyncapi import producer_of
from shared.messaging.topology import QueueSpec

SERVICES = sorted(path.parent.name for path in (Path(__file__).resolve().parents[2] / "services").glob("*/app.py"))

# An event may carry these and nothing else. A new field is added here by someone who has thought about what it tells:
# ids, codes of ours, times and numbers of steps; nothing by which somebody outside could know a person.
_APPLICATION = {"sequence", "occurred_at", "application_id", "citizen_id", "reference", "service_id", "post_id", "acted_by_role"}
_APPOINTMENT = {
    "sequence",
    "occurred_at",
    "appointment_id",
    "citizen_id",
    "reference",
    "post_id",
    "starts_at",
    "time_zone",
    "town",
}
_DOCUMENT = {"sequence", "occurred_at", "document_id", "application_id", "citizen_id", "reference", "service_id", "revision"}
_ERASURE = {"sequence", "occurred_at", "person_id", "held_for"}
ALLOWED_FIELDS: dict[str, set[str]] = {
    "application.submitted.v1": _APPLICATION | {"owed"},
    "application.fee_settled.v1": _APPLICATION,
    "application.fee_runs_out.v1": _APPLICATION | {"until"},
    "application.payment_taken_back.v1": _APPLICATION | {"amount_minor", "currency", "owed", "pay_by"},
    "application.approved.v1": _APPLICATION | {"outcome"},
    "application.approved_elsewhere.v1": _APPLICATION,
    "application.cleared_for_issue.v1": _APPLICATION | {"outcome", "revision"},
    "application.refused.v1": _APPLICATION | {"reason"},
    "application.withdrawn.v1": _APPLICATION,
    "application.papers_requested.v1": _APPLICATION | {"until"},
    "application.papers_request_ended.v1": _APPLICATION | {"because", "owed", "to_confirm"},
    "application.handed_in_again.v1": _APPLICATION | {"owed"},
    "application.cosignature_answered.v1": _APPLICATION | {"decision", "of"},
    "application.sent_to_body.v1": _APPLICATION | {"body"},
    "application.body_answered.v1": _APPLICATION,
    "application.arrived.v1": _APPLICATION,
    "application.sent.v1": _APPLICATION | {"carrier"},
    "application.corrected.v1": _APPLICATION | {"outcome", "revision", "reason"},
    "application.annulled.v1": _APPLICATION | {"reason"},
    "application.message_written.v1": _APPLICATION | {"written_by"},
    "application.custody_changed.v1": _APPLICATION | {"change"},
    "application.expired.v1": _APPLICATION | {"started_at", "because"},
    "application.moved.v1": _APPLICATION | {"from_post_id", "closure_id", "moved_as"},
    "application.term_at_risk.v1": _APPLICATION | {"ends_at"},
    "application.term_overdue.v1": _APPLICATION | {"ends_at"},
    "application.term_extended.v1": _APPLICATION | {"ends_at", "reason"},
    "appointment.booked.v1": _APPOINTMENT,
    "appointment.confirmation_asked.v1": _APPOINTMENT | {"days_ahead"},
    "appointment.cancelled.v1": _APPOINTMENT | {"reason"},
    "appointment.offered.v1": _APPOINTMENT | {"expires_at"},
    "draw_entry.passed_over.v1": {"sequence", "occurred_at", "entry_id", "draw_id", "citizen_id", "reference", "post_id"},
    "notification.delivered.v1": {"sequence", "occurred_at", "notification_id", "about_event_id", "channel"},
    "document.issued.v1": _DOCUMENT,
    "document.issue_failed.v1": _DOCUMENT | {"reason"},
    "person.erased.v1": {"sequence", "occurred_at", "person_id"},
    "person.erasure_withdrawn.v1": {"sequence", "occurred_at", "person_id"},
    "rights_request.answered.v1": {"sequence", "occurred_at", "request_id", "person_id", "reference", "kind"},
    "applications.answered_erasure.v1": _ERASURE,
    "documents.answered_erasure.v1": _ERASURE,
    "notifications.answered_erasure.v1": _ERASURE,
    "person.assured.v1": {"sequence", "occurred_at", "person_id", "level"},
    "sign_in_code.requested.v1": {"sequence", "occurred_at", "challenge_id", "channel"},
    "officer.invited.v1": {"sequence", "occurred_at", "invitation_id"},
    "notification.undeliverable.v1": {"sequence", "occurred_at", "notification_id", "application_id", "channel", "reason"},
}
SUSPECT = (
    "name",
    "phone",
    "email",
    "mail",
    "passport",
    "birth",
    "pin",
    "address",
    "contact",
    "number",
    "text",
    "answer",
    "token",
)


class Invented(Event):
    """For the tests of these tests; it has no type, so it is no event of ours."""

    holder_name: str
    facts: dict[str, str]
    answered: bool

    @property
    def subject_id(self) -> str:
        return ""


def unheard(events: Iterable[type[Event]], subscriptions: Mapping[str, Iterable[type[Event]]]) -> set[str]:
    heard = {event for heard in subscriptions.values() for event in heard} | set(topology.OUTWARD_ONLY)
    return {event.__name__ for event in set(events) - heard}


def queue_faults(spec: QueueSpec) -> list[str]:
    arguments = spec.arguments
    wanted: dict[str, Any] = {"x-queue-type": "quorum", "x-overflow": "reject-publish"}
    if not spec.name.endswith(".dead"):
        wanted |= {"x-dead-letter-strategy": "at-least-once", "x-dead-letter-exchange": ""}
    faults = [f"{name} is {arguments.get(name)}" for name, value in wanted.items() if arguments.get(name) != value]
    if not isinstance(arguments.get("x-delivery-limit"), int):
        faults.append("no delivery limit")
    if not spec.name.endswith(".dead") and not arguments.get("x-dead-letter-routing-key"):
        faults.append("no dead-letter route")
    return faults


def telling_fields(event: type[Event]) -> set[str]:
    """Fields whose name or type could hold something about a person."""
    kinds = {name: field.annotation for name, field in event.model_fields.items()}
    by_name = {name for name in kinds if any(word in name.split("_") for word in SUSPECT)}
    plain = (str, int, AwareDatetime, str | None, int | None, AwareDatetime | None)
    return by_name | {name for name, kind in kinds.items() if kind not in plain and not is_closed_list(kind)}


def is_closed_list(kind: Any) -> bool:
    """An enumeration, or some of one."""
    if get_origin(kind) is Literal:
        return all(isinstance(value, StrEnum) for value in get_args(kind))
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def test_every_event_is_heard_or_listed_as_outward_only() -> None:
    assert unheard(EVENTS.values(), topology.SUBSCRIPTIONS) == set()
    assert not set(topology.OUTWARD_ONLY) & {event for heard in topology.SUBSCRIPTIONS.values() for event in heard}


def test_an_event_that_nobody_hears_would_be_seen() -> None:
    assert unheard([*EVENTS.values(), Invented], topology.SUBSCRIPTIONS) == {"Invented"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_handles_exactly_what_its_queue_is_bound_to(service: str) -> None:
    expected = set(topology.SUBSCRIPTIONS.get(service, ()))
    if not expected:
        assert not (Path(__file__).resolve().parents[2] / "services" / service / "event_handlers.py").exists()
        return
    handlers = importlib.import_module(f"services.{service}.event_handlers").HANDLERS
    assert set(handlers) == expected
    for event, handler in handlers.items():
        words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in event.__name__)
        assert handler.__name__ == f"on{words}"


def test_every_queue_belongs_to_a_service_that_is_there() -> None:
    assert set(topology.SUBSCRIPTIONS) <= set(SERVICES)
    assert {producer_of(event) for event in EVENTS.values()} <= set(SERVICES)


def test_no_service_hears_itself() -> None:
    assert [(s, e.type) for s, events in topology.SUBSCRIPTIONS.items() for e in events if producer_of(e) == s] == []


@pytest.mark.parametrize("spec", list(topology.queues()), ids=lambda spec: spec.name)
def test_every_queue_has_an_explicit_limit_and_loses_nothing_it_cannot_hand_over(spec: QueueSpec) -> None:
    assert queue_faults(spec) == []


def test_every_dead_letter_route_leads_to_a_queue_that_is_there() -> None:
    names = {spec.name for spec in topology.queues()}
    routes = {spec.arguments["x-dead-letter-routing-key"] for spec in topology.queues() if not spec.name.endswith(".dead")}
    assert routes <= names


def test_a_careless_queue_would_be_seen() -> None:
    careless = QueueSpec("x.inbox", {"x-queue-type": "quorum", "x-dead-letter-exchange": ""})
    assert queue_faults(careless) == [
        "x-overflow is None",
        "x-dead-letter-strategy is None",
        "no delivery limit",
        "no dead-letter route",
    ]


def test_events_carry_only_the_fields_that_somebody_thought_about() -> None:
    assert {kind: set(event.model_fields) for kind, event in EVENTS.items()} == ALLOWED_FIELDS


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_no_field_of_an_event_could_hold_something_about_a_person(kind: str) -> None:
    assert telling_fields(EVENTS[kind]) == set()


def test_a_telling_field_would_be_seen() -> None:
    assert telling_fields(Invented) == {"holder_name", "facts", "answered"}


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_an_event_is_named_as_a_past_with_a_version(kind: str) -> None:
    aggregate, past, version = kind.split(".")
    assert version.startswith("v")
    words = "".join(part.capitalize() for part in [*aggregate.split("_"), *past.split("_")])
    assert EVENTS[kind].__name__ == words + (version[1:] if version != "v1" else "")
