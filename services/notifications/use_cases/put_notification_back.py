"""The provider provably took nothing: the message waits for its next try."""

from dataclasses import dataclass

from services.notifications.repository import Notifications
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class PutNotificationBack:
    notification_id: str
    run: str


async def put_notification_back(command: PutNotificationBack, uow: UnitOfWork) -> None:
    """Raises MessageAlreadyTaken where it is not this run's message any more."""
    notifications = Notifications(uow)
    message = await notifications.get(command.notification_id)
    message.put_back(run=command.run, at=uow.at)
    await notifications.save(message)
