"""Settings of identity: the kernel's, and where its keys, clients and demo accounts are."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from services.identity.domain.sign_in_secret import SignInSecret
from shared.config import Settings


class IdentitySettings(Settings):
    model_config = SettingsConfigDict(env_prefix="ESHIK_IDENTITY_")

    signing_key_file: Path = Field(description="PEM with the P-256 private key that signs access tokens")
    retired_key_files: tuple[Path, ...] = Field(
        default=(), description='PEM files of earlier public keys that still verify, as JSON ["/keys/2026.pem"]'
    )
    sign_in_secret: SecretStr = Field(
        description="At least 32 random bytes as base64url: one-time codes and refresh tokens are derived from it. "
        "A new one ends all sessions"
    )
    codes_per_contact_hour: int = Field(default=5, ge=1, description="One-time codes sent to one contact in any hour")
    codes_per_contact_day: int = Field(default=15, ge=1, description="The same in a day; each code can be tried five times")
    codes_per_number_range_hour: int = Field(
        default=50,
        ge=1,
        description="Codes sent by SMS to a thousand numbers in a row in an hour: whoever earns by them holds such",
    )
    codes_per_address_hour: int = Field(
        default=60, ge=1, description="Codes asked for from one address (IPv6: one /64) in an hour; a hostel shares one"
    )
    codes_per_hour: int = Field(default=2000, ge=1, description="Codes sent in an hour in all: bounds what messages can cost")
    passwords_per_address_hour: int = Field(
        default=100, ge=1, description="Passwords tried from one address in an hour; the officers of a post share one"
    )
    sign_ins_per_address_hour: int = Field(
        default=600, ge=1, description="Sign-ins by passkey or another account that one address begins in an hour"
    )
    pages_url: str = Field(
        default="http://localhost:8405",
        pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]+)?$",
        description="Where people see the pages, as https://eshik.example: links in invitations lead there, sign-in providers "
        "send people back there, and passkeys belong to its name (localhost, not 127.0.0.1)",
    )
    openid_providers_file: Path | None = Field(
        default=None,
        description="JSON of providers of OpenID Connect that people may sign in with, by name: issuer, client_id, "
        "client_secret_file, kind (officer or citizen), names, algorithms, claims, assurance; docs/adr/0018. None: nobody does",
    )
    service_clients_file: Path = Field(
        description='JSON of our services as clients: {"documents": {"secret_sha256": "...", "scopes": ["dossier:read"]}}'
    )
    demo_accounts_file: Path | None = Field(
        default=None, description="Local stack only: JSON with invented citizens and officers to sign in as"
    )

    @field_validator("sign_in_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        SignInSecret.from_text(secret.get_secret_value())
        return secret
