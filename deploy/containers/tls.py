"""Certificates of the stack's own for TLS between its parts: an authority, and one for each server that is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from deploy.local.pki import ROOT_TERM, SIGNER_TERM, _certificate, _name, _usage
from deploy.local.places import write_whole

SERVERS = {"mongo": ("mongo", "localhost"), "rabbitmq": ("rabbitmq", "localhost"), "gateway": ("localhost",)}
AUTHORITY = "authority.pem"


def hand_out_certificates(folder: Path) -> None:
    """In: a folder with one folder a reader. What was made stays; the authority's key is dropped, so it signs nothing else."""
    store = folder / "store"
    if not (store / AUTHORITY).exists():
        store.mkdir(parents=True, exist_ok=True)
        _make(store)
    authority = (store / AUTHORITY).read_bytes()
    _lay(folder / "authority" / AUTHORITY, authority)
    for name in SERVERS:
        certificate, key = (store / f"{name}.pem").read_bytes(), (store / f"{name}-key.pem").read_bytes()
        _lay(folder / name / AUTHORITY, authority)
        _lay(folder / name / f"{name}.pem", certificate + key if name == "mongo" else certificate)  # mongod wants both in one
        _lay(folder / name / f"{name}-key.pem", key)


def _make(store: Path) -> None:
    """The authority's certificate is written last: it shows that all are there."""
    now, authority_key, issuer = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1()), _name("Eshik stack's own authority")
    authority = (
        _certificate(issuer, issuer, authority_key.public_key(), now, ROOT_TERM)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    for name, names in SERVERS.items():
        key = ec.generate_private_key(ec.SECP256R1())
        made = (
            _certificate(_name(name), issuer, key.public_key(), now, SIGNER_TERM)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
            )
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        write_whole(store / f"{name}.pem", made.public_bytes(Encoding.PEM))
        write_whole(store / f"{name}-key.pem", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    write_whole(store / AUTHORITY, authority.public_bytes(Encoding.PEM))


def _lay(path: Path, content: bytes) -> None:
    """Readable: the images of others run as users of their own, and each folder is mounted to its one reader only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content, 0o444)
