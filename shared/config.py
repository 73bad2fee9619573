"""Settings every service reads from the environment. A missing required value stops the start and names the variable."""

import os
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.addresses import Proxies
from shared.sealing.key_file import ServiceKeys, keys_from_file, keys_from_text


class ProcessSettings(BaseSettings):
    """What every process needs. A service's own class adds its values under the prefix ESHIK_<SERVICE>_.

    ESHIK_SECRETS_DIR names a folder with one file per value, as eshik_service_secret; the environment goes before it.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, secrets_dir=os.environ.get("ESHIK_SECRETS_DIR") or None
    )

    identity_url: str = Field(
        validation_alias="ESHIK_IDENTITY_URL", description="Base address of identity: token keys and service tokens"
    )
    clock_file: Path | None = Field(
        default=None,
        validation_alias="ESHIK_CLOCK_FILE",
        description="Local stack and tests only: a file with seconds that are added to the time",
    )
    local_stack: bool = Field(
        default=False,
        validation_alias="ESHIK_LOCAL_STACK",
        description="1 on a developer's machine: demo accounts and SPECIMEN certificates. Never in production",
    )
    otlp_url: str | None = Field(
        default=None,
        validation_alias="ESHIK_OTLP_URL",
        description="Base address that takes OpenTelemetry traces over HTTP, as http://collector:4318; none: no traces are sent. "
        "Headers, sampling and certificates by the standard variables OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, …",
    )
    trusted_proxies: tuple[str, ...] = Field(
        default=("127.0.0.0/8", "::1/128"),
        validation_alias="ESHIK_TRUSTED_PROXIES",
        description="Networks of our own gateway and processes, as JSON. Only they are believed in X-Forwarded-For and "
        "X-Forwarded-Proto, and what one of them asks for itself is not counted: give nobody else an address in them",
    )
    requests_per_address_minute: int = Field(
        default=3000,
        ge=1,
        validation_alias="ESHIK_REQUESTS_PER_ADDRESS_MINUTE",
        description="Requests that one address (IPv6: one /64) may make in a minute, at each process of each service; an office "
        "shares one. Routes that cost or guess have less: shared/web/rates.toml",
    )
    requests_per_account_minute: int = Field(
        default=1200,
        ge=1,
        validation_alias="ESHIK_REQUESTS_PER_ACCOUNT_MINUTE",
        description="Requests that one person may make in a minute, from wherever, at each process of each service",
    )
    tries_per_minute: int = Field(
        default=30,
        ge=1,
        validation_alias="ESHIK_TRIES_PER_MINUTE",
        description="Sign-ins, one-time codes and checks of a document that one address may try in a minute, at each process",
    )
    log_level: str = Field(default="info", validation_alias="ESHIK_LOG_LEVEL", description="debug, info, warning or error")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        Proxies(networks)
        return networks


class Settings(ProcessSettings):
    """What services with a database and events need as well."""

    mongo_url: str = Field(
        validation_alias="ESHIK_MONGO_URL",
        description="MongoDB replica set; transactions need one. Example mongodb://db:27017/?replicaSet=rs0",
    )
    rabbit_url: str = Field(validation_alias="ESHIK_RABBIT_URL", description="RabbitMQ, as amqp://user:password@host:5672/")
    database_prefix: str = Field(
        default="",
        validation_alias="ESHIK_DATABASE_PREFIX",
        description="Put before the service's database name, so that several installations share one server",
    )
    service_secret: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="ESHIK_SERVICE_SECRET",
        description="This service's client secret at identity; needed by those that read from another service",
    )
    service_urls: dict[str, str] = Field(
        default_factory=dict,
        validation_alias="ESHIK_SERVICE_URLS",
        description="Base addresses of the services that hear our events, which the ledger asks for them, as JSON "
        '{"documents": "http://documents:8000"}; one that is missing is not asked',
    )
    key_encryption_keys_file: Path | None = Field(
        default=None,
        validation_alias="ESHIK_KEY_ENCRYPTION_KEYS_FILE",
        description="Keys for personal data at rest, one file for each service; needed by those that seal any: JSON "
        '{"current": "2026-11", "keys": {"2026-11": "…"}, "blind": "…"} with base64 of 32 bytes each. Read again when it is '
        "replaced, so that keys are rotated while the service runs",
    )
    key_encryption_keys: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="ESHIK_KEY_ENCRYPTION_KEYS",
        description="The same as a value, where there is no file; a new one needs a new start",
    )
    audit_key_file: Path | None = Field(
        default=None,
        validation_alias="ESHIK_AUDIT_KEY_FILE",
        description="PEM with a P-256 private key of its own that signs the audit's checkpoints and promises. None: nothing is "
        "signed, and a rewritten audit cannot be told from a true one",
    )
    audit_checkpoint_every_s: int = Field(
        default=300,
        ge=1,
        validation_alias="ESHIK_AUDIT_CHECKPOINT_EVERY_S",
        description="Seconds between two checkpoints of the audit; where nothing is new, none is made",
    )
    audit_checkpoint_folder: Path | None = Field(
        default=None,
        validation_alias="ESHIK_AUDIT_CHECKPOINT_FOLDER",
        description="A folder for checkpoints that whoever runs the database cannot write to, kept by a second body",
    )
    audit_mail_url: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="ESHIK_AUDIT_MAIL_URL",
        description="Mail server for checkpoints by e-mail: smtp://host:25, smtps://… or smtp+starttls://user:password@host",
    )
    audit_mail_from: str = Field(
        default="audit@eshik.example", validation_alias="ESHIK_AUDIT_MAIL_FROM", description="Sender of checkpoints by e-mail"
    )
    audit_mail_to: str = Field(
        default="", validation_alias="ESHIK_AUDIT_MAIL_TO", description="Mailbox of the second body; none: no e-mail is sent"
    )
    recent_sign_in_s: int = Field(
        default=600,
        ge=1,
        validation_alias="ESHIK_RECENT_SIGN_IN_S",
        description="Seconds since the sign-in within which one may do what needs a recent one: passkeys, a password, erasure",
    )
    retry_delays_s: tuple[int, ...] = Field(
        default=(1, 30, 300),
        validation_alias="ESHIK_RETRY_DELAYS_S",
        description="Delays in seconds before a failed event is handled again; one delay queue each; as JSON [1,30,300]",
    )

    def service_keys(self) -> ServiceKeys | None:
        """Raises UnusableKeys, OSError: the process must not start with keys that it cannot use."""
        if self.key_encryption_keys_file:
            return keys_from_file(self.key_encryption_keys_file)
        given = self.key_encryption_keys.get_secret_value()
        return keys_from_text(given) if given else None
