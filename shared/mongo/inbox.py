"""Which events were handled, by which handler. Keyed by both: keyed by event alone, a second handler would never act."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import IndexModel

from shared.mongo.database import Db, Document, Session

RETENTION_DAYS = 90  # longer than any replay: a dead letter older than this is refused
INDEXES = {"inbox": [IndexModel("handled_at", expireAfterSeconds=RETENTION_DAYS * 86_400)]}


def inbox_key(handler: str, event_id: str) -> str:
    return f"{handler}:{event_id}"


async def keys_seen(db: Db, keys: Sequence[str], session: Session | None = None) -> set[str]:
    return {row["_id"] async for row in db.inbox.find({"_id": {"$in": list(keys)}}, {"_id": 1}, session=session)}


def inbox_row(key: str, at: datetime) -> Document:
    return {"_id": key, "handled_at": at}
