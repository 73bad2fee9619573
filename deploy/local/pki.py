"""Test certificates: a P-256 root and one document signer below it, both saying SPECIMEN. For tests and local stacks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BACKDATED = timedelta(days=1)
ROOT_TERM = timedelta(days=3652)
SIGNER_TERM = timedelta(days=1826)


@dataclass(frozen=True, slots=True)
class SpecimenPki:
    root: x509.Certificate
    signer_key: ec.EllipticCurvePrivateKey
    signer: x509.Certificate


def make_test_root_and_signer(at: datetime) -> SpecimenPki:
    """In: the moment that both shall be valid at (from a day before). Out: a new root and a signer; the root's key is
    dropped, so that nothing else can ever be signed by it."""
    root_key, signer_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _name("Eshik TEST root, SPECIMEN, no legal force")
    root = (
        _certificate(root_name, root_name, root_key.public_key(), at, ROOT_TERM)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    signer = (
        _certificate(_name("Eshik TEST document signer, SPECIMEN"), root_name, signer_key.public_key(), at, SIGNER_TERM)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        # no extended usage: NSS, which pdfsig asks, does not know the one for document signing (RFC 9336)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(signer_key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    return SpecimenPki(root=root, signer_key=signer_key, signer=signer)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Eshik SPECIMEN"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, term: timedelta
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(at - BACKDATED).not_valid_after(at + term)


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
