"""What the applications service needs to know to start, beside what every service does."""

from typing import Self

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from shared.config import Settings as KernelSettings


class Settings(KernelSettings):
    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, env_prefix="ESHIK_APPLICATIONS_", populate_by_name=True
    )

    offer_illustrative: bool = Field(
        default=True,
        description="Offer services whose fees, terms or rules are our own illustrative defaults (mark D). Set it to 0 in "
        "production: such a service is then neither listed nor started, until a post has supplied the sources",
    )
    clamav: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]+:[0-9]{1,5}$",
        description="host:port of a ClamAV daemon (clamd) that every uploaded file is shown to. Where it is set and cannot be "
        "asked, no file is taken. None: files are not scanned, only made harmless",
    )

    payment_url: str = Field(
        default="", description="Where citizens are sent to pay, as https://pay.example; empty: nobody can pay online"
    )
    payment_api_url: str = Field(default="", description="Where the provider's list of a day is read; empty: at payment_url")
    payment_secret: SecretStr = Field(
        default=SecretStr(""), description="What passes between us and the payment provider is signed with it (HMAC-SHA-256)"
    )
    pages_url: str = Field(
        default="http://localhost:8405", description="Base address of the pages, to which a citizen comes back from paying"
    )

    @classmethod
    def beside(cls, given: KernelSettings | None) -> Self:
        """given: None: from the environment. What every service needs: our own are as the environment or their defaults say."""
        if given is None or isinstance(given, cls):
            return given or cls()
        return cls(**{name: getattr(given, name) for name in type(given).model_fields})
