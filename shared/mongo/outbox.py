"""Events that are committed and not yet confirmed by the broker. Kept near empty: a row is deleted once confirmed.

What stays is the id of each, in published_events, so that a ledger can ask for it at every subscriber.
"""

import json
from datetime import datetime

from pymongo import IndexModel

from shared.contracts.envelope import Envelope
from shared.mongo.database import Document

PUBLISHED_KEPT_DAYS = 30  # how far back a ledger can ask what became of an event
INDEXES = {
    "outbox": [IndexModel("held_until")],
    "published_events": [IndexModel("at", expireAfterSeconds=PUBLISHED_KEPT_DAYS * 86_400)],
}


def outbox_row(envelope: Envelope, position: int) -> Document:
    """The message exactly as it will travel. held_until: set only when the broker refused it, so that it can't block others."""
    event = envelope.event
    return {
        "_id": envelope.event_id,
        "type": event.type,
        "subject": event.subject_id,
        "sequence": event.sequence,
        "position": position,
        "body": json.dumps(envelope.to_body(), ensure_ascii=False, separators=(",", ":")),
        "correlation_id": envelope.correlation_id,
        "traceparent": envelope.traceparent,
        "occurred_at": event.occurred_at,
        "held_until": None,
    }


def published_row(envelope: Envelope, at: datetime) -> Document:
    return {"_id": envelope.event_id, "type": envelope.event.type, "at": at}
