"""What comes out of this service's routes. Never a contact point, never the text."""

from datetime import datetime

from pydantic import BaseModel

from services.notifications.domain.notification import Channel, Notification, State


class Message(BaseModel):
    """at: when the message came into this state. reason: a code, for failed and unknown ones."""

    id: str
    application_id: str
    reference: str
    channel: Channel
    event: str
    notice: str
    status: State
    reason: str | None
    queued_at: datetime
    at: datetime

    @classmethod
    def of(cls, notification: Notification) -> "Message":
        return cls(
            id=notification.id,
            application_id=notification.application_id,
            reference=notification.reference,
            channel=notification.channel,
            event=notification.event_type,
            notice=notification.notice,
            status=notification.state,
            reason=notification.reason,
            queued_at=notification.queued_at,
            at=notification.state_at,
        )


class Messages(BaseModel):
    messages: list[Message]
