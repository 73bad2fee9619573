"""Settings of the portal: where the APIs are, its session key, its assets."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from shared.base64url import from_base64url
from shared.config import ProcessSettings

KEY_BYTES = 32


class PortalSettings(ProcessSettings):
    model_config = SettingsConfigDict(env_prefix="ESHIK_PORTAL_", populate_by_name=True)

    applications_url: str = Field(validation_alias="ESHIK_APPLICATIONS_URL", description="Base address of applications")
    documents_url: str = Field(validation_alias="ESHIK_DOCUMENTS_URL", description="Base address of documents")
    notifications_url: str = Field(validation_alias="ESHIK_NOTIFICATIONS_URL", description="Base address of notifications")
    session_key: SecretStr = Field(description="32 bytes as base64url: encrypts the session cookie. A new key signs everyone out")
    assets: Path = Field(description="Folder with the built styles, scripts and fonts, and their manifest.json")
    secure_cookies: bool = Field(default=True, description="0 only where the portal is reached without TLS: on one's own machine")
    inbox_url: str = Field(default="", description="Local stack only: where the mail sink shows its messages")
    sms_inbox_url: str = Field(default="", description="Local stack only: where the SMS sink shows its messages")

    @field_validator("session_key")
    @classmethod
    def _of_32_bytes(cls, key: SecretStr) -> SecretStr:
        try:
            raw = from_base64url(key.get_secret_value())
        except ValueError:
            raw = b""
        if len(raw) != KEY_BYTES:
            raise ValueError("give 32 random bytes as base64url")
        return key
