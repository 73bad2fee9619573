"""Notifications in MongoDB, one document each, guarded by a version."""

from services.notifications.domain.notification import Notification
from services.notifications.schema import MAPPER
from shared.mongo.aggregates import Aggregates
from shared.mongo.transactions import UnitOfWork


class Notifications(Aggregates[Notification]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "notifications", MAPPER)
