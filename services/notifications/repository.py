"""Notifications in MongoDB, one document each, guarded by a version."""

from pymongo import IndexModel

from services.notifications.domain.notification import Notification
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Indexes
from shared.mongo.transactions import UnitOfWork

MAPPER = Mapper(Notification)
INDEXES: Indexes = {
    "notifications": [
        IndexModel([("application_id", 1), ("queued_at", 1)]),
        IndexModel([("citizen_id", 1), ("queued_at", 1)]),
        IndexModel([("state", 1), ("state_at", 1)]),  # what an operator lists: unknown and failed ones
    ]
}


class Notifications(Aggregates[Notification]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow.db.notifications, uow.session, MAPPER)
