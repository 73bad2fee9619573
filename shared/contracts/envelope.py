"""What travels on the wire: one event as a CloudEvents 1.0 structured message, with the ids to trace and de-duplicate it."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared.contracts.base import EVENTS, Event

CONTENT_TYPE = "application/cloudevents+json"


class UnreadableEvent(Exception):
    """The message is not one of our contracts, and trying again cannot help. field: where it fails, never the value."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


@dataclass(frozen=True, slots=True)
class Envelope:
    event_id: str
    source: str
    event: Event
    correlation_id: str
    causation_id: str | None
    traceparent: str | None

    def to_body(self) -> dict[str, Any]:
        """The CloudEvent as a JSON-ready dict; extension attributes are lower case without separators, as the standard asks."""
        optional = {"causationid": self.causation_id, "traceparent": self.traceparent}
        return {
            "specversion": "1.0",
            "id": self.event_id,
            "source": self.source,
            "type": self.event.type,
            "subject": self.event.subject_id,
            "time": self.event.occurred_at.isoformat(),
            "datacontenttype": "application/json",
            "correlationid": self.correlation_id,
            **{name: value for name, value in optional.items() if value},
            "data": self.event.model_dump(mode="json"),
        }

    @classmethod
    def from_body(cls, body: bytes) -> "Envelope":
        """Read a message. Raises UnreadableEvent for what is not JSON, not a CloudEvent, of unknown type or wrong shape."""
        try:
            message = _json(body.decode())  # by ourselves: json.loads would let half characters through
        except (ValueError, RecursionError):
            raise UnreadableEvent("not-json") from None
        if not isinstance(message, dict) or not isinstance(message.get("id"), str) or not message["id"]:
            raise UnreadableEvent("not-a-cloudevent", "id")
        contract = EVENTS.get(str(message.get("type")))
        if contract is None:
            raise UnreadableEvent("unknown-event-type", "type")
        try:
            event = contract.model_validate(message.get("data"))
        except ValidationError as error:
            path = "/".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
            raise UnreadableEvent("event-data-invalid", f"data/{path}") from None
        return cls(
            event_id=message["id"],
            source=str(message.get("source", "")),
            event=event,
            correlation_id=str(message.get("correlationid") or message["id"]),
            causation_id=_text(message.get("causationid")),
            traceparent=_text(message.get("traceparent")),
        )


def _json(text: str) -> Any:
    """Raises ValueError, RecursionError; also for half of a surrogate pair, which JSON can write (\\ud800) and no log, queue or
    database takes."""
    message = json.loads(text)
    if "\\ud" in text or "\\uD" in text:
        json.dumps(message, ensure_ascii=False).encode()
    return message


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
