"""The fence: write that this run is about to call the provider, before it does."""

from dataclasses import dataclass

from services.notifications.repository import Notifications
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class StartSending:
    notification_id: str
    run: str


async def start_sending(command: StartSending, uow: UnitOfWork) -> None:
    """Raises MessageAlreadyTaken where another run came first."""
    notifications = Notifications(uow)
    message = await notifications.get(command.notification_id)
    message.start(run=command.run, at=uow.at)
    await notifications.save(message)
