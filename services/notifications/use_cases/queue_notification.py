"""Something happened that a citizen must be told: one message per channel, and a job to send each."""

from dataclasses import dataclass

from services.notifications.domain.notification import Channel, Facts, Notification
from services.notifications.repository import Notifications
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

SEND_NOTIFICATION = "send_notification"


@dataclass(frozen=True, slots=True)
class QueueNotification:
    event_id: str
    facts: Facts


async def queue_notification(command: QueueNotification, uow: UnitOfWork) -> None:
    """Idempotent per event beyond the inbox's memory: the message's id is made of the event's.

    A job for a message that was there already finds it settled, and does nothing.
    """
    notifications = Notifications(uow)
    for channel in Channel:
        message = Notification.queue(event_id=command.event_id, channel=channel, at=uow.at, **command.facts)
        notifications.add_once(message)
        uow.schedule(NewJob(SEND_NOTIFICATION, message.id, uow.at))
