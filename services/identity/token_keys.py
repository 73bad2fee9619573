"""The keys that sign access tokens (ES256), and the public ones that still verify older tokens."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey

from services.identity.domain.access_token import LIFETIME, Grant
from services.identity.domain.counter_grant import CounterGrant
from shared.clock import Clock

ALGORITHM = "ES256"


class UnusableKey(Exception):
    """A key file that is not what this service needs: the process must not start with it."""


@dataclass(frozen=True, slots=True)
class SignedToken:
    access_token: str
    expires_in_s: int


class TokenKeys:
    def __init__(self, signing_key: ECKey, *, retired: Iterable[ECKey] = (), clock: Clock) -> None:
        self._signing_key, self._retired, self._clock = signing_key, tuple(retired), clock

    @classmethod
    def load(cls, signing_key_file: Path, retired_key_files: Iterable[Path], *, clock: Clock) -> "TokenKeys":
        """Keys from PEM files: one P-256 private key, and the public ones of earlier times. Raises UnusableKey."""
        signing_key = _p256(signing_key_file)
        if not signing_key.is_private:
            raise UnusableKey(f"{signing_key_file.name} is not a private key")
        return cls(signing_key, retired=[_p256(file) for file in retired_key_files], clock=clock)

    def now(self) -> datetime:
        return self._clock.now()

    def sign(self, grant: Grant | CounterGrant) -> SignedToken:
        header = {"alg": ALGORITHM, "kid": self._signing_key.thumbprint()}
        claims = grant.claims(at=self._clock.now(), token_id=str(uuid4()))
        return SignedToken(jwt.encode(header, claims, self._signing_key, algorithms=[ALGORITHM]), int(LIFETIME.total_seconds()))

    @cached_property
    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """RFC 7517 key set, public parts only; kid is the RFC 7638 thumbprint."""
        return {"keys": [_public(key) for key in (self._signing_key, *self._retired)]}

    @cached_property
    def jwks_json(self) -> bytes:
        return json.dumps(self.jwks, separators=(",", ":")).encode()

    async def fetch(self) -> dict[str, Any]:
        """The key set as a verifier asks for it: identity checks its own tokens without calling itself."""
        return dict(self.jwks)


def _p256(file: Path) -> ECKey:
    try:
        key = ECKey.import_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise UnusableKey(f"{file.name} cannot be read as a PEM key") from error
    if key.curve_name != "P-256":
        raise UnusableKey(f"{file.name} is not a P-256 key")
    return key


def _public(key: ECKey) -> dict[str, Any]:
    return {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}
