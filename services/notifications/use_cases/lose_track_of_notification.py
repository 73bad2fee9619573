"""Nobody can say whether a message left: it is listed as unknown and never sent again by itself.

A gateway that can be asked is asked again later, because it may have been away just then.
"""

from dataclasses import dataclass
from datetime import timedelta

from services.notifications.domain.notification import Channel
from services.notifications.repository import Notifications
from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

ASK_ABOUT_NOTIFICATION = "ask_about_notification"
ASK_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LoseTrackOfNotification:
    notification_id: str


async def lose_track_of_notification(command: LoseTrackOfNotification, uow: UnitOfWork) -> None:
    notifications = Notifications(uow)
    message = await notifications.get(command.notification_id)
    event = message.lost_track(at=uow.at)
    await notifications.save(message)
    if event:
        uow.publish(event)
    if message.channel is Channel.SMS:
        uow.schedule(NewJob(ASK_ABOUT_NOTIFICATION, message.id, uow.at + ASK_AFTER))
