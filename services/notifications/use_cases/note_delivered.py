"""The gateway says that a text message is on the phone it went to: those who wait for a receipt are told."""

from dataclasses import dataclass
from datetime import timedelta

from services.notifications.domain.notification import Channel, Notification
from services.notifications.repository import Notifications
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

ASK_DELIVERY = "ask_delivery"
ASK_AFTER = timedelta(seconds=20)
WANT_RECEIPT = frozenset({"appointment_confirmation"})


@dataclass(frozen=True, slots=True)
class NoteMessageDelivered:
    notification_id: str


def ask_for_receipt(message: Notification, uow: UnitOfWork) -> None:
    """E-mail has no receipt that could be relied on."""
    if message.notice in WANT_RECEIPT and message.channel is Channel.SMS:
        uow.schedule(NewJob(ASK_DELIVERY, message.id, uow.at + ASK_AFTER))


async def note_message_delivered(command: NoteMessageDelivered, uow: UnitOfWork) -> None:
    notifications = Notifications(uow)
    message = await notifications.get(command.notification_id)
    if event := message.delivered(at=uow.at):
        await notifications.save(message)
        uow.publish(event)
