"""A message will never leave: say so, and tell those who look after the case."""

from dataclasses import dataclass

from services.notifications.domain.notification import PROVIDER_UNAVAILABLE
from services.notifications.repository import Notifications
from shared.jobs.job import Alarm
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class FailNotification:
    notification_id: str
    reason: str


async def fail_notification(command: FailNotification, uow: UnitOfWork) -> None:
    notifications = Notifications(uow)
    message = await notifications.get(command.notification_id)
    event = message.failed(command.reason, at=uow.at)
    await notifications.save(message)
    if event:
        uow.publish(event)


async def give_up_sending(alarm: Alarm, uow: UnitOfWork) -> None:
    """All tries are used up. A message that is not waiting any more is left as it is."""
    message = await Notifications(uow).get(alarm.job.key)
    if message.waiting:
        await fail_notification(FailNotification(message.id, PROVIDER_UNAVAILABLE), uow)
