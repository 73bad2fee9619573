"""Is this file a paper of ours, whole and unchanged? Answered offline: from the file, a root and seal keys."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from io import BytesIO
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from services.documents.domain.paper import PaperKind, term_end
from services.documents.seal import SealedFacts, SealKey, SealRefused, read_seal

SAID = re.compile(r"eshik:(\w+)=([^,\s]+)")
MOST_BYTES = 20 * 1024 * 1024

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # it warns, with stack and names, of every file that is refused

ReadCodes = Callable[[bytes], Sequence[str]]


class Verdict(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"  # genuine, but past its last day
    ALTERED = "altered"
    NOT_TRUSTED = "not_trusted"
    NOT_A_DOCUMENT = "not_a_document"


class Reason(StrEnum):
    NOT_A_PDF = "not-a-pdf"
    NOT_SIGNED = "not-signed"
    SEVERAL_SIGNATURES = "several-signatures"
    SIGNATURE_BROKEN = "signature-broken"
    CHANGED_AFTER_SIGNING = "changed-after-signing"
    SIGNER_NOT_TRUSTED = "signer-not-trusted"
    CERTIFICATE_NOT_VALID_NOW = "certificate-not-valid-now"
    NOT_A_PAPER = "not-a-paper"
    TERM_OVER = "term-over"
    SEAL_NOT_CHECKED = "seal-not-checked"
    SEAL_NOT_READ = "seal-not-read"
    SEAL_REFUSED = "seal-refused"
    SEAL_DIFFERS = "seal-differs"


@dataclass(frozen=True, slots=True)
class Said:
    """What a whole and trusted paper says about itself."""

    number: str
    kind: PaperKind
    revision: int
    issued_on: date
    valid_until: date | None
    digest: str


@dataclass(frozen=True, slots=True)
class Verification:
    """said and signer are given for valid and expired papers only: the words of other files are not repeated."""

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    said: Said | None = None
    signer: str | None = None
    sealed: SealedFacts | None = None


@dataclass(frozen=True, slots=True)
class SealCheck:
    """How the printed seal is compared with the file: keys by kid, and a function that reads the QRs of a PDF."""

    keys: dict[str, SealKey]
    read_codes: ReadCodes


async def verify_paper(
    data: bytes, roots: Sequence[x509.Certificate], at: datetime, seal_check: SealCheck | None = None
) -> Verification:
    """In: any bytes, the roots to trust, the moment to judge for. Out: a verdict with its reasons.

    Errors: none for any content of data. Nothing is fetched; revocation is the register's business, not the file's.
    """
    context = _context(roots, at)
    if not data.startswith(b"%PDF-") or len(data) > MOST_BYTES:
        return Verification(Verdict.NOT_A_DOCUMENT, (Reason.NOT_A_PDF,))
    try:
        reader = PdfFileReader(BytesIO(data), strict=True)
        signatures = list(reader.embedded_signatures)
    except Exception:  # a file made by anyone: pyHanko has no common base for what it may raise
        return _unreadable(data)
    if len(signatures) != 1:
        reason = Reason.SEVERAL_SIGNATURES if signatures else Reason.NOT_SIGNED
        return Verification(Verdict.ALTERED if signatures else Verdict.NOT_A_DOCUMENT, (reason,))
    try:
        status = await async_validate_pdf_signature(signatures[0], context)
        as_we_wrote_it = _as_we_wrote_it(data, signatures[0])
    except Exception:  # as above: a signature that cannot even be judged is no signature
        return Verification(Verdict.ALTERED, (Reason.SIGNATURE_BROKEN,))
    if refusal := _refusal(status, as_we_wrote_it):
        return refusal
    try:
        said = _said(reader)
    except Exception:  # signed under our root, but the fields are not ours
        return Verification(Verdict.NOT_A_DOCUMENT, (Reason.NOT_A_PAPER,))
    signer = str(status.signing_cert.subject.native.get("common_name", ""))
    return _judged(data, said, signer, at, seal_check)


def _context(roots: Sequence[x509.Certificate], at: datetime) -> ValidationContext:
    trusted = [asn1_x509.Certificate.load(root.public_bytes(Encoding.DER)) for root in roots]
    return ValidationContext(trust_roots=trusted, moment=at, allow_fetching=False)


def _unreadable(data: bytes) -> Verification:
    if b"/ByteRange" in data:
        return Verification(Verdict.ALTERED, (Reason.SIGNATURE_BROKEN,))
    return Verification(Verdict.NOT_A_DOCUMENT, (Reason.NOT_A_PDF,))


def _as_we_wrote_it(data: bytes, signature: Any) -> bool:
    """The one place that no signature covers holds ours, byte for byte, and zeros: not a hiding place."""
    _, start, end, _ = signature.byte_range
    written = _envelope(signature).hex().upper().encode()
    return bytes(data[start:end]) == b"<%b>" % written.ljust(end - start - 2, b"0")


def _envelope(signature: Any) -> bytes:
    """The CMS as signing.py makes it (B-B): certificate, signed attributes and signature, put together anew. What else
    stands in one (version numbers, names of algorithms, a certificate's number) could be changed and still verify."""
    certificate = signature.signer_cert
    given = signature.signer_info
    issuer = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(issuer)),
        "digest_algorithm": {"algorithm": "sha256"},
        "signed_attrs": given["signed_attrs"],
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": given["signature"].native,
    }
    signed = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {"content_type": "data"},
        "certificates": [certificate],
        "signer_infos": [signer],
    }
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)}).dump())


def _refusal(status: Any, as_we_wrote_it: bool) -> Verification | None:
    """Integrity first: who signed is of no interest while the file is not what was signed."""
    if not (status.intact and status.valid and as_we_wrote_it):
        return Verification(Verdict.ALTERED, (Reason.SIGNATURE_BROKEN,))
    # "valid" is said of the signed part only: an update appended later can paint over every page
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE or not status.docmdp_ok:
        return Verification(Verdict.ALTERED, (Reason.CHANGED_AFTER_SIGNING,))
    if not status.trusted:
        out_of_term = {AdESIndeterminate.EXPIRED, AdESIndeterminate.NOT_YET_VALID}
        out_of_term |= {AdESIndeterminate.OUT_OF_BOUNDS_NO_POE, AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED}
        timely = status.trust_problem_indic not in out_of_term
        reason = Reason.SIGNER_NOT_TRUSTED if timely else Reason.CERTIFICATE_NOT_VALID_NOW
        return Verification(Verdict.NOT_TRUSTED, (reason,))
    if not status.bottom_line:
        return Verification(Verdict.NOT_TRUSTED, (Reason.SIGNER_NOT_TRUSTED,))
    return None


def _said(reader: Any) -> Said:
    said = dict(SAID.findall(str(reader.trailer["/Info"]["/Keywords"])))
    return Said(
        number=said["number"],
        kind=PaperKind(said["kind"]),
        revision=int(said["revision"]),
        issued_on=date.fromisoformat(said["issued"]),
        valid_until=date.fromisoformat(said["until"]) if "until" in said else None,
        digest=said["digest"],
    )


def _judged(data: bytes, said: Said, signer: str, at: datetime, seal_check: SealCheck | None) -> Verification:
    sealed, seal_problem = (None, Reason.SEAL_NOT_CHECKED) if seal_check is None else _seal(data, said, seal_check)
    if seal_problem in (Reason.SEAL_REFUSED, Reason.SEAL_DIFFERS, Reason.SEAL_NOT_READ):
        return Verification(Verdict.NOT_TRUSTED, (seal_problem,))
    reasons = (seal_problem,) if seal_problem else ()
    if said.valid_until and at >= term_end(said.valid_until):
        return Verification(Verdict.EXPIRED, (*reasons, Reason.TERM_OVER), said, signer, sealed)
    return Verification(Verdict.VALID, reasons, said, signer, sealed)


def _seal(data: bytes, said: Said, seal_check: SealCheck) -> tuple[SealedFacts | None, Reason | None]:
    codes = [code for code in seal_check.read_codes(data) if "/#" in code]
    if len(codes) != 1:
        return None, Reason.SEAL_NOT_READ
    try:
        sealed = read_seal(codes[0], seal_check.keys)
    except SealRefused:
        return None, Reason.SEAL_REFUSED
    stated = (said.number, said.kind, said.revision, said.digest)
    if (sealed.number, sealed.kind, sealed.revision, sealed.digest.hex()) != stated:
        return None, Reason.SEAL_DIFFERS
    return sealed, None
