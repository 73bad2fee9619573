"""What travels: there and back without loss, and what is not ours refused without quoting it."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.applications import ApplicationRefused, ApplicationSubmitted
from shared.contracts.envelope import Envelope, UnreadableEvent

AT = datetime(2026, 11, 22, 9, 30, 0, 250_000, UTC)
EVENT = ApplicationSubmitted(
    sequence=4, occurred_at=AT, application_id="a1", citizen_id="c1", reference="YEK-26-7K3QXM0Z", service_id="s1", post_id="yek"
)
ENVELOPE = Envelope("e1", "eshik/applications", EVENT, "corr-0001", "e0", "00-" + "a" * 32 + "-" + "b" * 16 + "-01")


def sent(**changed: Any) -> bytes:
    return json.dumps({**ENVELOPE.to_body(), **changed}).encode()


def test_an_envelope_comes_back_as_it_was_sent() -> None:
    assert Envelope.from_body(sent()) == ENVELOPE


def test_the_body_is_a_cloudevent() -> None:
    body = ENVELOPE.to_body()
    assert (body["specversion"], body["type"], body["subject"]) == ("1.0", "application.submitted.v1", "a1")
    assert body["time"] == "2026-11-22T09:30:00.250000+00:00"
    assert all(name.isalnum() and name == name.lower() for name in body)


def test_what_nobody_knows_is_left_out() -> None:
    body = Envelope("e1", "eshik/applications", EVENT, "corr-0001", None, None).to_body()
    assert not {"causationid", "traceparent"} & set(body)


def test_a_message_without_a_correlation_id_is_its_own_cause() -> None:
    body = {name: value for name, value in ENVELOPE.to_body().items() if name not in ("correlationid", "traceparent")}
    read = Envelope.from_body(json.dumps(body).encode())
    assert (read.correlation_id, read.traceparent) == ("e1", None)


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        (b"", "not-json", ""),
        (b"{", "not-json", ""),
        (b"\xff\xfe", "not-json", ""),
        (b"[" * 100_000, "not-json", ""),
        (b"[]", "not-a-cloudevent", "id"),
        (b"null", "not-a-cloudevent", "id"),
        (b"{}", "not-a-cloudevent", "id"),
        (sent(id=7), "not-a-cloudevent", "id"),
        (sent(id=""), "not-a-cloudevent", "id"),
        (sent(type="application.archived.v1"), "unknown-event-type", "type"),
        (sent(type=None), "unknown-event-type", "type"),
        (sent(id="half \ud800"), "not-json", ""),
        (sent(id="whole").replace(b"whole", b"\xed\xa0\x80"), "not-json", ""),
        (sent(data=None), "event-data-invalid", "data/"),
        (sent(data={**ENVELOPE.to_body()["data"], "sequence": "Айгерим"}), "event-data-invalid", "data/sequence"),
        (
            sent(data={**ENVELOPE.to_body()["data"], "occurred_at": "2026-11-22T09:30:00"}),
            "event-data-invalid",
            "data/occurred_at",
        ),
    ],
)
def test_what_is_not_one_of_our_events_is_refused_by_field_and_without_its_value(body: bytes, reason: str, field: str) -> None:
    with pytest.raises(UnreadableEvent) as refused:
        Envelope.from_body(body)
    assert (refused.value.reason, refused.value.field) == (reason, field)
    assert refused.value.__cause__ is None
    assert "Айгерим" not in str(refused.value)


def test_fields_of_a_newer_producer_are_passed_over() -> None:
    newer = sent(data={**ENVELOPE.to_body()["data"], "channel": "web"}, dataschema="https://example.org/v1")
    assert Envelope.from_body(newer) == ENVELOPE


@given(st.binary(max_size=200))
def test_no_bytes_lead_to_another_error(body: bytes) -> None:
    with pytest.raises(UnreadableEvent):
        Envelope.from_body(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(name=st.sampled_from(sorted(ENVELOPE.to_body())), value=json_values)
def test_any_value_in_any_place_is_read_or_refused_and_nothing_else(name: str, value: object) -> None:
    with suppress(UnreadableEvent):
        assert type(Envelope.from_body(sent(**{name: value})).event) is ApplicationSubmitted


@given(reason=st.text(max_size=50), sequence=st.integers(1, 2**53))
def test_every_event_survives_the_journey(reason: str, sequence: int) -> None:
    event = ApplicationRefused(**{**EVENT.model_dump(), "sequence": sequence, "reason": reason})
    travelled = Envelope.from_body(json.dumps(Envelope("e1", "x", event, "c" * 8, None, None).to_body()).encode())
    assert travelled.event == event
