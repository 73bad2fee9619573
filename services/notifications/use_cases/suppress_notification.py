"""A message is not meant to leave: the person wants none, or has no such contact point and is told by the other one."""

from dataclasses import dataclass

from services.notifications.repository import Notifications
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class SuppressNotification:
    notification_id: str
    reason: str


async def suppress_notification(command: SuppressNotification, uow: UnitOfWork) -> None:
    """Nobody need step in, so nobody is told."""
    notifications = Notifications(uow)
    message = await notifications.get(command.notification_id)
    message.suppressed(command.reason, at=uow.at)
    await notifications.save(message)
