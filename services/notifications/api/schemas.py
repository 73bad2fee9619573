"""What comes out of this service's routes. Never a whole contact point, never the body of a message."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.notifications.domain.notification import Channel, Notification, State


class Message(BaseModel):
    """at: when the message came into this state. reason: a code, for failed and unknown ones."""

    id: str
    application_id: str
    reference: str
    channel: Channel
    channel_text: str
    event: str
    notice: str
    notice_text: str = Field(description="What it told, in one line and in the language asked for")
    status: State
    status_text: str = Field(description="What became of it, in words; for a message that did not leave, why")
    reason: str | None
    contact: str | None = Field(
        description="Where messages of this channel go now, masked; null where that is not known, or nothing was sent"
    )
    queued_at: datetime
    at: datetime
    sent_at: datetime | None = Field(description="When the provider took it, or said later that it has it")

    @classmethod
    def of(cls, told: Notification, *, channel_text: str, notice_text: str, status_text: str, contact: str | None) -> "Message":
        return cls(
            id=told.id,
            application_id=told.application_id or "",  # asked for by case, so it is one of a case
            reference=told.reference,
            channel=told.channel,
            channel_text=channel_text,
            event=told.event_type,
            notice=told.notice,
            notice_text=notice_text,
            status=told.state,
            status_text=status_text,
            reason=told.reason,
            contact=contact,
            queued_at=told.queued_at,
            at=told.state_at,
            sent_at=told.state_at if told.state is State.SENT else None,
        )


class Messages(BaseModel):
    messages: list[Message]
