"""Nobody can say whether a message left: it is listed as unknown and never sent again by itself."""

from dataclasses import dataclass

from services.notifications.repository import Notifications
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class LoseTrackOfNotification:
    notification_id: str


async def lose_track_of_notification(command: LoseTrackOfNotification, uow: UnitOfWork) -> None:
    notifications = Notifications(uow)
    message = await notifications.get(command.notification_id)
    event = message.lost_track(at=uow.at)
    await notifications.save(message)
    uow.publish(event)
