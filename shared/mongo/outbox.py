"""Events that are committed and not yet confirmed by the broker. Kept near empty: a row is deleted once confirmed."""

import json
from datetime import datetime

from pymongo import IndexModel

from shared.contracts.envelope import Envelope
from shared.mongo.database import Db, Document

INDEXES = {"outbox": [IndexModel("held_until")]}


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


async def oldest_unsent(db: Db) -> datetime | None:
    """When the oldest event happened that is still here; None when all are sent. Read for health, by its few rows."""
    rows = await db.outbox.find({}, {"occurred_at": 1}).limit(1000).to_list()
    return min((row["occurred_at"] for row in rows), default=None)
