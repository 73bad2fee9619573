"""Who else may say who somebody is: the ministry's provider for officers, a national e-ID for citizens. Providers are data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from shared.actors import Assurance

Algorithm = Literal["ES256", "ES384", "PS256", "RS256", "EdDSA"]  # no HMAC, and never none
ProviderId = str
_LOOPBACK = ("http://127.0.0.1:", "http://localhost:")


class Provider(BaseModel):
    """issuer: where its metadata is read and what its tokens must say. hosts: where its endpoints are beside it, as host or
    host:port; whatever address its metadata names elsewhere is refused, and no redirect is followed.

    trust_methods: its amr counts, so that a second factor there is one here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    issuer: str
    hosts: tuple[str, ...] = ()
    client_id: str = Field(min_length=1)
    client_secret_file: Path
    kind: Literal["officer", "citizen"]
    names: dict[Literal["ky", "ru", "en"], str] = Field(description="As people read it on the button")
    scope: str = "openid"
    algorithms: tuple[Algorithm, ...] = ("ES256",)
    claims: dict[Literal["name", "language"], str] = Field(default_factory=dict, description="Which claim holds what")
    assurance: Assurance = Assurance.SELF_ASSERTED
    trust_methods: bool = False

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if not self.issuer.startswith(("https://", *_LOOPBACK)):
            raise ValueError("an issuer is reached by https, except on this machine")
        if self.kind == "officer" and self.assurance is not Assurance.SELF_ASSERTED:
            raise ValueError("assurance is of citizens")
        return self

    def is_at_home(self, address: str) -> bool:
        """Whether an address of its metadata is one that we ask, or send people to."""
        if not address.isascii() or not address.isprintable() or "\\" in address:
            return False
        home, named = urlsplit(self.issuer), urlsplit(address)
        return named.scheme == home.scheme and named.netloc.lower() in {home.netloc.lower(), *self.hosts}

    def secret(self) -> str:
        """Raises OSError."""
        return self.client_secret_file.read_text(encoding="utf-8").strip()


def read_providers(file: Path | None) -> Mapping[ProviderId, Provider]:
    """Raises OSError or ValueError (which names fields, not values): the process must not start with half of them."""
    if file is None:
        return {}
    providers = TypeAdapter(dict[str, Provider]).validate_json(file.read_bytes())
    if any(not name.isascii() or not name.replace("-", "").isalnum() for name in providers):
        raise ValueError("providers are named in Latin letters, digits and -")
    for provider in providers.values():
        provider.secret()
    return providers
