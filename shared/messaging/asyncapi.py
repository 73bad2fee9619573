"""The AsyncAPI 3.0 document, made from contracts and topology: what travels, who says it, who hears it, by which queues."""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.contracts.base import EVENTS, Event
from shared.contracts.envelope import CONTENT_TYPE
from shared.messaging import topology
from shared.messaging.topology import QueueSpec

EXAMPLES = Path(__file__).parents[1] / "contracts" / "examples"

_DESCRIPTION = (
    "CloudEvents 1.0 (structured JSON) on one topic exchange. Events carry ids and facts, no personal data. They may arrive "
    "twice, late and out of order. New fields are optional; what would break a reader is a new version beside the old one."
)
_ENVELOPE_FIELDS: dict[str, dict[str, Any]] = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "minLength": 1, "description": "The event's id, the same in every delivery: de-duplicate by it."},
    "source": {"type": "string", "format": "uri-reference", "description": "eshik/<service>"},
    "subject": {"type": "string", "description": "Id of the aggregate that the event is about."},
    "time": {"type": "string", "format": "date-time"},
    "datacontenttype": {"const": "application/json"},
    "correlationid": {"type": "string", "description": "The same in all that one request set off."},
    "causationid": {"type": "string", "description": "Id of the event or job that led to this one."},
    "traceparent": {"type": "string", "description": "W3C trace context."},
}
_OPTIONAL = ("causationid", "traceparent")
_HEADERS = {
    "type": "object",
    "required": ["event-id"],
    "properties": {
        "event-id": {"type": "string", "description": "The same as id in the body."},
        "traceparent": {"type": "string"},
    },
}


def asyncapi_document(version: str) -> dict[str, Any]:
    """The whole document, ready for JSON. Keys are in a fixed order, so that it can be compared as text."""
    _, definitions = models_json_schema(
        [(event, "validation") for event in EVENTS.values()], ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Eshik events",
            "version": version,
            "description": _DESCRIPTION,
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"broker": {"host": "rabbitmq:5672", "protocol": "amqp", "protocolVersion": "0.9.1"}},
        "channels": {**_event_channels(), **_queue_channels()},
        "operations": {**_sends(), **_receives()},
        "components": {
            "messages": {event.__name__: _message(event) for event in EVENTS.values()},
            "schemas": definitions["$defs"],
        },
    }


def producer_of(event: type[Event]) -> str:
    """The service that says it: a contract lives in the module of its service."""
    return event.__module__.rpartition(".")[2]


def envelope_schema(event: type[Event], data: dict[str, Any]) -> dict[str, Any]:
    """JSON schema of the whole message, around a schema of its data."""
    fields = {**_ENVELOPE_FIELDS, "type": {"const": event.type}, "data": data}
    return {"type": "object", "required": [name for name in fields if name not in _OPTIONAL], "properties": fields}


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": (event.__doc__ or "").strip(),
        "contentType": CONTENT_TYPE,
        "headers": _HEADERS,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": envelope_schema(event, {"$ref": f"#/components/schemas/{event.__name__}"}),
        "examples": [{"name": event.type, "payload": json.loads((EXAMPLES / f"{event.type}.json").read_text(encoding="utf-8"))}],
    }


def _event_channels() -> dict[str, Any]:
    exchange = {"name": topology.EXCHANGE, "type": "topic", "durable": True, "autoDelete": False}
    return {
        event.__name__: {
            "address": routing_key,
            "messages": _messages([event]),
            "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
        }
        for routing_key, event in EVENTS.items()
    }


def _queue_channels() -> dict[str, Any]:
    return {spec.name: _queue_channel(spec) for spec in topology.queues()}


def _queue_channel(spec: QueueSpec) -> dict[str, Any]:
    queue = {"name": spec.name, "durable": True, "exclusive": False, "autoDelete": False}
    return {
        "address": spec.name,
        "messages": _messages(topology.SUBSCRIPTIONS[spec.name.partition(".")[0]]),
        "bindings": {"amqp": {"is": "queue", "queue": queue, "bindingVersion": "0.3.0"}},
        "x-queue-arguments": spec.arguments,
    }


def _messages(events: list[type[Event]] | tuple[type[Event], ...]) -> dict[str, Any]:
    return {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in events}


def _sends() -> dict[str, Any]:
    return {
        f"{producer_of(event)}.says.{event.__name__}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{event.__name__}"},
            "messages": [{"$ref": f"#/channels/{event.__name__}/messages/{event.__name__}"}],
            "bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": "0.3.0"}},
        }
        for event in EVENTS.values()
    }


def _receives() -> dict[str, Any]:
    return {
        f"{service}.hears": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{topology.inbox(service)}"},
            "messages": [{"$ref": f"#/channels/{topology.inbox(service)}/messages/{event.__name__}"} for event in events],
            "bindings": {"amqp": {"ack": True, "bindingVersion": "0.3.0"}},
        }
        for service, events in topology.SUBSCRIPTIONS.items()
    }
