"""Keys, certificates and secrets of a local stack: made once, for tests and SPECIMEN papers only."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.local.key_files import new_key_file
from deploy.local.pki import make_test_root_and_signer
from deploy.local.places import read_json, write_whole
from services.documents.seal import Sealer

# which service may ask another one for what
SERVICE_SCOPES = {
    "identity": ["ledger:applications", "ledger:documents", "ledger:notifications"],
    "applications": ["ledger:identity", "ledger:documents", "ledger:notifications"],
    "documents": ["dossier:read", "cases:work", "ledger:identity", "ledger:applications", "ledger:notifications"],
    "notifications": ["contacts:read", "codes:read", "cases:work", "terms:read", "ledger:identity", "ledger:applications"],
}
SEALING = ("identity", "applications", "documents", "notifications")  # services that keep data of people
AUDITED = ("identity", "applications", "documents", "notifications")
SEAL_KEY_TERM = timedelta(days=3650)


@dataclass(frozen=True)
class Keys:
    """The files that the services are told to use."""

    folder: Path

    @property
    def identity_signing_key(self) -> Path:
        return self.folder / "identity-signing-key.pem"

    @property
    def portal_session_key(self) -> Path:
        """What the portal's session cookies are encrypted with: 32 bytes as base64url."""
        return self.folder / "portal-session-key"

    @property
    def sign_in_secret(self) -> Path:
        """What identity derives one-time codes and refresh tokens from: 32 bytes as base64url."""
        return self.folder / "sign-in-secret"

    @property
    def payment_secret(self) -> Path:
        """What passes between applications and the payment provider is signed with it."""
        return self.folder / "payment-secret"

    @property
    def service_secrets(self) -> Path:
        return self.folder / "service-secrets.json"

    @property
    def service_clients(self) -> Path:
        return self.folder / "service-clients.json"

    @property
    def root_certificate(self) -> Path:
        return self.folder / "test-root.pem"

    @property
    def signing_key(self) -> Path:
        return self.folder / "document-signing-key.pem"

    @property
    def signing_certificate(self) -> Path:
        return self.folder / "document-signing-certificate.pem"

    @property
    def seal_key(self) -> Path:
        return self.folder / "seal-key.pem"

    @property
    def seal_keys(self) -> Path:
        """The public list that `./eshik verify` and demo check seals with."""
        return self.folder / "seal-keys.json"

    def key_encryption_keys(self, service: str) -> Path:
        """What the service seals personal data with; each has a file of its own."""
        return self.folder / f"key-encryption-keys-{service}.json"

    def audit_key(self, service: str) -> Path:
        """What the service signs the checkpoints of its audit with; each has one of its own."""
        return self.folder / f"audit-{service}.pem"

    def secret_of(self, service: str) -> str | None:
        """The service's client secret at identity; None for a service that calls no other."""
        secret = (read_json(self.service_secrets) or {}).get(service)
        return secret if isinstance(secret, str) else None


def make_keys(folder: Path) -> Keys:
    """Make whatever is missing in the folder; what is there stays, so that issued papers still verify."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = Keys(folder)
    _once(keys.identity_signing_key, _new_private_key)
    _once(keys.seal_key, _new_private_key)
    _once(keys.portal_session_key, lambda: secrets.token_urlsafe(32).encode())
    _once(keys.sign_in_secret, lambda: secrets.token_urlsafe(32).encode())
    _once(keys.payment_secret, lambda: secrets.token_urlsafe(32).encode())
    for service in SEALING:
        _once(keys.key_encryption_keys(service), new_key_file)
    for service in AUDITED:
        _once(keys.audit_key(service), _new_private_key)
    _make_certificates(keys)
    _once(keys.seal_keys, lambda: _json(_seal_key_list(keys)))
    _make_service_secrets(keys)
    write_whole(keys.service_clients, _json(_clients(keys)))
    return keys


def _make_certificates(keys: Keys) -> None:
    """Root, signer's key and signer's certificate belong together: with one missing, all are made anew."""
    if all(path.exists() for path in (keys.signing_key, keys.signing_certificate, keys.root_certificate)):
        return
    made = make_test_root_and_signer(datetime.now(UTC))
    keys.root_certificate.unlink(missing_ok=True)
    write_whole(keys.signing_key, _pem(made.signer_key))
    write_whole(keys.signing_certificate, made.signer.public_bytes(Encoding.PEM))
    write_whole(keys.root_certificate, made.root.public_bytes(Encoding.PEM))  # last: it shows that all three are there


def _make_service_secrets(keys: Keys) -> None:
    """One for each service that calls another; those that are there stay."""
    known = read_json(keys.service_secrets) or {}
    if missing := {name: secrets.token_urlsafe(32) for name in SERVICE_SCOPES if name not in known}:
        write_whole(keys.service_secrets, _json(known | missing))


def _seal_key_list(keys: Keys) -> dict[str, object]:
    since = datetime.now(UTC) - timedelta(days=1)
    return Sealer.from_file(keys.seal_key, origin="").key_list(since, since + SEAL_KEY_TERM)


def _once(path: Path, make: Callable[[], bytes]) -> None:
    if not path.exists():
        write_whole(path, make())


def _json(content: object) -> bytes:
    return json.dumps(content, indent=2).encode() + b"\n"


def _clients(keys: Keys) -> dict[str, dict[str, object]]:
    return {
        name: {"secret_sha256": hashlib.sha256((keys.secret_of(name) or "").encode()).hexdigest(), "scopes": scopes}
        for name, scopes in SERVICE_SCOPES.items()
    }


def _new_private_key() -> bytes:
    return _pem(ec.generate_private_key(ec.SECP256R1()))


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
