"""The provider took the message, or says later that it has it."""

from dataclasses import dataclass

from services.notifications.repository import Notifications
from services.notifications.use_cases.note_delivered import ask_for_receipt
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class MarkNotificationSent:
    notification_id: str


async def mark_notification_sent(command: MarkNotificationSent, uow: UnitOfWork) -> None:
    notifications = Notifications(uow)
    message = await notifications.get(command.notification_id)
    message.sent(at=uow.at)
    await notifications.save(message)
    ask_for_receipt(message, uow)
