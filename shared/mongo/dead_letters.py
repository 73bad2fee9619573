"""Dead letters in the database, where they can be looked at without eating them (a queue deletes what is looked at too often)."""

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from shared.clock import Clock
from shared.messaging.consumer import DeadMessage
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Database, within

INDEXES = {
    "dead_letters": [
        IndexModel([("queue", 1), ("reason", 1)]),
        IndexModel("event_id"),
        IndexModel([("state", 1), ("dead_at", -1)]),
    ]
}


class DeadLetters:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def store(self, dead: DeadMessage) -> None:
        """Keep one dead message; the same message twice is kept once. Raises DatabaseUnavailable."""
        document = {
            "_id": dead.message_id,
            "event_id": dead.event_id,
            "event_type": dead.event_type,
            "queue": dead.queue,
            "reason": dead.reason,
            "field": dead.field,
            "attempts": dead.attempts,
            "body": dead.body,
            "correlation_id": dead.correlation_id,
            "state": "parked",
            "dead_at": self._clock.now(),
        }
        with within(BACKGROUND_TIMEOUT_S):
            try:
                await self._database.db.dead_letters.insert_one(document)
            except DuplicateKeyError:
                return
