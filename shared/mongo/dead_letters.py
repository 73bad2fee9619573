"""Dead letters in the database, where they can be looked at without eating them (a queue deletes what is looked at too often).

parked -> replaying -> replayed, or parked -> discarded. One that dies again after its replay is the same letter, parked again.
"""

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from shared.clock import Clock
from shared.messaging.consumer import DeadMessage
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Database, Document, within
from shared.mongo.inbox import RETENTION_DAYS

INDEXES = {
    "dead_letters": [
        IndexModel([("queue", 1), ("reason", 1)]),
        IndexModel("event_id"),
        IndexModel([("state", 1), ("dead_at", -1)]),
    ]
}
# a day less than the inbox remembers: a replayed message may still wait in its queue or on the ladder
REPLAYED_WITHIN = timedelta(days=RETENTION_DAYS - 1)


class DeadState(StrEnum):
    PARKED = "parked"
    REPLAYING = "replaying"  # a stored job is to move it to the inbox
    REPLAYED = "replayed"
    DISCARDED = "discarded"


class DeadLetters:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def store(self, dead: DeadMessage) -> None:
        """Keep one dead message; the same message twice is kept once. Raises DatabaseUnavailable."""
        with within(BACKGROUND_TIMEOUT_S):
            if dead.replay_of and await self._park_again(dead):
                return
            try:
                await self._database.db.dead_letters.insert_one(self._document(dead))
            except DuplicateKeyError:
                return

    async def _park_again(self, dead: DeadMessage) -> bool:
        """Whether the letter that was replayed is there: it is parked again, once per replay, with what killed it this time."""
        letters = self._database.db.dead_letters
        out_there = {"$in": [DeadState.REPLAYING, DeadState.REPLAYED]}
        died = {"state": DeadState.PARKED, "reason": dead.reason, "field": dead.field, "attempts": dead.attempts}
        this_replay = {"_id": dead.replay_of, "replays": dead.replay, "state": out_there}
        parked = await letters.update_one(this_replay, {"$set": {**died, "dead_at": self._clock.now()}})
        # not matched, and there: this death was stored before, and perhaps it was replayed once more meanwhile
        return bool(parked.matched_count) or await letters.find_one({"_id": dead.replay_of}, {"_id": 1}) is not None

    def _document(self, dead: DeadMessage) -> Document:
        now = self._clock.now()
        return {
            "_id": dead.message_id,
            "event_id": dead.event_id,
            "event_type": dead.event_type,
            "queue": dead.queue,
            "reason": dead.reason,
            "field": dead.field,
            "attempts": dead.attempts,
            "body": dead.body,
            "headers": dict(dead.headers),
            "correlation_id": dead.correlation_id,
            "state": DeadState.PARKED,
            "replays": 0,
            "dead_at": now,  # of the last death; a replay may end in another
            "first_dead_at": now,
        }


def is_too_old(letter: Document, now: datetime) -> bool:
    """Whether the inbox may have forgotten this event: then a replay could have its effect a second time."""
    died: datetime = letter["dead_at"]
    happened = event_time(letter["body"]) or died
    return now - min(happened, died) >= REPLAYED_WITHIN


def event_time(body: bytes) -> datetime | None:
    """When the event says that it happened; None where that cannot be read."""
    try:
        message = json.loads(body)
        moment = datetime.fromisoformat(message["time"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
