"""PAdES B-B by pyHanko, ECDSA P-256. Same paper, moment and key: the same file, so a repeated job changes nothing."""

import hashlib
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "EshikSignature"
DIGEST = "sha256"
RESERVED = 8192  # hex digits for a B-B signature of one certificate; left to pyHanko, it signs twice to find out


class PaperSigner:
    """The key and certificate of one document signer, read once and kept loaded."""

    def __init__(
        self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, timestamper: TimeStamper | None = None
    ) -> None:
        """With a timestamper signatures are B-T. Errors: ValueError when key and certificate do not belong together."""
        if not isinstance(key.curve, ec.SECP256R1) or certificate.public_key() != key.public_key():
            raise ValueError("the signing key must be on P-256 and belong to the certificate")
        self._signer = _LoadedKey(key, certificate)
        self._timestamper = timestamper
        self.valid_from = certificate.not_valid_before_utc
        self.valid_to = certificate.not_valid_after_utc

    @classmethod
    def from_files(cls, key_file: Path, certificate_file: Path) -> "PaperSigner":
        """In: PEM files. Errors: OSError, ValueError."""
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the signing key must be on P-256")  # noqa: TRY004  (wrong content, not a wrong call)
        return cls(key, x509.load_pem_x509_certificate(certificate_file.read_bytes()))

    async def sign(self, pdf: bytes, at: datetime) -> bytes:
        """In: a rendered paper and the moment of signing (aware). Out: the signed file, further changes forbidden.

        Errors: pyhanko.sign.general.SigningError.
        """
        # pyHanko appends its first object right behind %%EOF: without this newline the file is no PDF/A any more
        writer = _Appender(BytesIO(pdf + b"\n"))
        signer = _SignerAt(
            signers.PdfSignatureMetadata(
                field_name=FIELD,
                md_algorithm=DIGEST,
                subfilter=fields.SigSeedSubFilter.PADES,
                certify=True,
                docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            ),
            signer=self._signer,
            timestamper=self._timestamper,
        )
        signer.at = at
        signed = await signer.async_sign_pdf(writer, bytes_reserved=None if self._timestamper else RESERVED)
        return bytes(signed.getvalue())


class _LoadedKey(signers.Signer):
    """pyHanko's own SimpleSigner reads the key again for every signature."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        der = certificate.public_bytes(serialization.Encoding.DER)
        super().__init__(signing_cert=asn1_x509.Certificate.load(der), cert_registry=_no_others(), embed_roots=False)
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
        if digest_algorithm != DIGEST:
            raise ValueError(digest_algorithm)
        return self._key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def _no_others() -> SimpleCertificateStore:
    return SimpleCertificateStore()  # type: ignore[no-untyped-call]


class _SignerAt(signers.PdfSigner):
    """States our clock's moment; pyHanko would take the machine's."""

    at: datetime

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.at
        return session


class _Appender(IncrementalPdfFileWriter):
    """Appends the signature and nothing else. Both overrides are private to pyHanko 0.38: the version is pinned."""

    def _update_meta(self) -> None:
        """pyHanko would rewrite the XMP packet in a form that strict PDF/A checkers refuse."""

    @classmethod
    def _handle_id(cls, prev: Any) -> Any:
        """The file's second id, from its content instead of chance."""
        prev.stream.seek(0)
        second = hashlib.sha256(prev.stream.read()).digest()[:16]
        first, _ = prev.trailer["/ID"]
        first = generic.ByteStringObject(getattr(first, "original_bytes", first))
        return generic.ArrayObject([first, generic.ByteStringObject(second)])
