"""Events published by the notifications service."""

from typing import ClassVar

from shared.contracts.base import Event
from shared.contracts.erasure import ErasureAnswered


class NotificationUndeliverable(Event):
    """A message to a citizen failed for good, or nobody can say whether it left (reason outcome-unknown)."""

    type: ClassVar[str] = "notification.undeliverable.v1"
    notification_id: str
    application_id: str
    channel: str  # email or sms
    reason: str

    @property
    def subject_id(self) -> str:
        return self.notification_id


class NotificationDelivered(Event):
    """The gateway has a receipt: the message is on the phone it went to. about_event_id: of the event that it tells of."""

    type: ClassVar[str] = "notification.delivered.v1"
    notification_id: str
    about_event_id: str
    channel: str

    @property
    def subject_id(self) -> str:
        return self.notification_id


class NotificationsAnsweredErasure(ErasureAnswered):
    """This service has destroyed what it kept about an erased person, or says what holds it back."""

    type: ClassVar[str] = "notifications.answered_erasure.v1"
