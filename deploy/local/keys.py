"""Keys, certificates and secrets of a local stack: made once, for tests and SPECIMEN papers only."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from deploy.local.places import read_json, write_whole

# which service may ask another one for what
SERVICE_SCOPES = {
    "documents": ["dossier:read"],
    "notifications": ["contacts:read"],
}
SIGNED_FOR = timedelta(days=3 * 365)
ROOT_TRUSTED_FOR = timedelta(days=10 * 365)


@dataclass(frozen=True)
class Keys:
    """The files that the services are told to use."""

    folder: Path

    @property
    def identity_signing_key(self) -> Path:
        return self.folder / "identity-signing-key.pem"

    @property
    def service_secrets(self) -> Path:
        return self.folder / "service-secrets.json"

    @property
    def service_clients(self) -> Path:
        return self.folder / "service-clients.json"

    @property
    def root_key(self) -> Path:
        return self.folder / "test-root-key.pem"

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

    def secret_of(self, service: str) -> str | None:
        """The service's client secret at identity; None for a service that calls no other."""
        secret = (read_json(self.service_secrets) or {}).get(service)
        return secret if isinstance(secret, str) else None


def make_keys(folder: Path) -> Keys:
    """Make whatever is missing in the folder; what is there stays, so that issued papers still verify."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = Keys(folder)
    for path in (keys.identity_signing_key, keys.root_key, keys.signing_key, keys.seal_key):
        _once(path, _new_private_key)
    _once(keys.root_certificate, lambda: _root_certificate(_private_key(keys.root_key)))
    _once(keys.signing_certificate, lambda: _signing_certificate(keys))
    _once(keys.service_secrets, lambda: _json({name: secrets.token_urlsafe(32) for name in SERVICE_SCOPES}))
    write_whole(keys.service_clients, _json(_clients(keys)))
    return keys


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
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} holds no elliptic-curve key")
    return key


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SPECIMEN (Eshik test, no legal force)"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _root_certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = _name("SPECIMEN TEST ROOT, no legal force")
    builder = _builder(name, name, key.public_key(), ROOT_TRUSTED_FOR)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _signing_certificate(keys: Keys) -> bytes:
    root = x509.load_pem_x509_certificate(keys.root_certificate.read_bytes())
    root_key = _private_key(keys.root_key)
    public_key = _private_key(keys.signing_key).public_key()
    builder = _builder(_name("SPECIMEN TEST document signing, no legal force"), root.subject, public_key, SIGNED_FOR)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    builder = builder.add_extension(issuer, critical=False)
    return builder.sign(root_key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, valid_for: timedelta
) -> x509.CertificateBuilder:
    start = datetime.now(UTC) - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + valid_for)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,  # what PAdES asks of a certificate that signs papers
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
