"""The key that signs checkpoints and promises: P-256, of its own, and not the one of tokens or documents."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from shared.audit.entry import canonical_json

ALGORITHM = "ES256"
Jwk = dict[str, Any]


class UnusableAuditKey(Exception):
    """The file is not a PEM with a private P-256 key: the process must not start with it."""


class NotSigned(Exception):
    """The text was not signed by one of these keys, or is not what it says it is."""


class AuditKey:
    def __init__(self, key: ECKey) -> None:
        self._key = key
        self.public: Jwk = {**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}

    @classmethod
    def load(cls, file: Path) -> "AuditKey":
        """Raises UnusableAuditKey."""
        try:
            key = ECKey.import_key(file.read_bytes())
        except (OSError, ValueError) as error:
            raise UnusableAuditKey(f"{file.name} cannot be read as a PEM key") from error
        if key.curve_name != "P-256" or not key.is_private:
            raise UnusableAuditKey(f"{file.name} is not a private P-256 key")
        return cls(key)

    def sign(self, kind: str, content: Mapping[str, object]) -> str:
        """A compact JWS (RFC 7515). kind: what it is, so that one thing signed is never taken for another."""
        header = {"alg": ALGORITHM, "kid": self.public["kid"], "typ": kind}
        return jws.serialize_compact(header, canonical_json(content), self._key, algorithms=[ALGORITHM])


def signed_content(text: str, kind: str, keys: Iterable[Jwk]) -> dict[str, Any]:
    """What was signed. Raises NotSigned."""
    try:
        known = KeySet([ECKey.import_key(dict(key)) for key in keys])
        found = jws.deserialize_compact(text, known, algorithms=[ALGORITHM])
        content = json.loads(found.payload or b"")
    except (JoseError, ValueError, KeyError) as error:
        raise NotSigned(type(error).__name__) from None
    if found.headers().get("typ") != kind or not isinstance(content, dict):
        raise NotSigned("another-kind")
    return content
