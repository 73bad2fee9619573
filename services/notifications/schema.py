"""How messages lie in MongoDB: the mapping with its schema version, and the indexes."""

from pymongo import IndexModel

from services.notifications.domain.notification import Notification
from shared.mongo.aggregates import Mapper
from shared.mongo.database import Indexes
from shared.mongo.sealing import SealedFields

MAPPER = Mapper(Notification)
SEALED: tuple[SealedFields, ...] = ()  # messages hold ids and codes only; contact points are asked from identity each time
INDEXES: Indexes = {
    "notifications": [
        IndexModel([("application_id", 1), ("queued_at", 1), ("_id", 1)]),
        IndexModel([("citizen_id", 1), ("_id", 1)]),  # what somebody is given of themselves
        IndexModel([("state", 1), ("state_at", 1)]),  # what an operator lists: unknown and failed ones
    ]
}
