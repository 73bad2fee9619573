"""Settings of notifications: the kernel's, and the ways out of the building."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.config import Settings


class NotificationsSettings(Settings):
    model_config = SettingsConfigDict(env_prefix="ESHIK_NOTIFICATIONS_")

    smtp_url: SecretStr = Field(
        description="Mail server: smtp://user:password@host:25, smtp+starttls://host:587 or smtps://host:465"
    )
    sms_gateway_url: str = Field(description="Base address of the SMS gateway, which takes POST /messages")
    sender: str = Field(description="Who the e-mails are from, as: Consular services <no-reply@example.org>")
    smtp_timeout_s: float = Field(default=20, description="How long the mail server may take for each answer")
    sms_timeout_s: float = Field(default=15, description="How long the SMS gateway may take for an answer")
