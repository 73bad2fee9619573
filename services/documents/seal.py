"""The seal in the QR: a CWT (RFC 8392) in COSE_Sign1 (RFC 9052), ES256, so that a print can be checked offline.

It is `<origin>/#<base32>`; the part after # never leaves the phone that opens the address.

Payload, deterministic CBOR: {4: exp (absent without a term), 6: iat, -65537: {1: document number, 2: kind,
3: full name, 4: Latin name, 5: birth date (YYYYMMDD), 6: post, 7: digest of the printed record, 8: revision}}.
Protected header {1: -7, 4: kid}; the unprotected one stays empty, because nothing there is signed.

Keys that a verifier trusts, as JSON (docs name it the seal key list), times in ISO 8601 with an offset:
    {"keys": {"<kid: 16 hex digits>": {"point": "<base64url of 04 || x || y, P-256>",
                                       "valid_from": "2026-01-01T00:00:00+00:00", "valid_to": "2028-01-01..."}}}
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from services.documents.domain.paper import DIGEST_BYTES, Paper, PaperKind, term_end
from shared.base64url import base64url, from_base64url
from shared.errors import DomainError
from shared.texts import N_

ALG, ES256, KID = 1, -7, 4
EXP, IAT, FACTS = 4, 6, -65537
SIGN1_TAG = 18
CURVE_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MOST_BYTES = 2048
UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, cbor2.CBORError)
CLOCK_SKEW = timedelta(minutes=5)


class SealRefused(DomainError):
    """Not a genuine seal, or not valid now. params["reason"]: malformed, unknown-key, bad-signature, key-not-valid,
    from-the-future or expired."""

    code: ClassVar[str] = "seal-refused"
    message: ClassVar[str] = N_("The seal is not genuine: {reason}.")


@dataclass(frozen=True, slots=True)
class SealedFacts:
    """What a genuine seal says."""

    number: str
    kind: PaperKind
    revision: int
    full_name: str
    latin_name: str
    birth_date: date
    post_id: str
    digest: bytes
    issued_at: datetime
    expires_at: datetime | None
    kid: str


@dataclass(frozen=True, slots=True)
class SealKey:
    public_key: ec.EllipticCurvePublicKey
    valid_from: datetime
    valid_to: datetime


class Sealer:
    """Holds the seal's private key, read once."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, origin: str) -> None:
        """origin: address of the public verification page, as https://HOST/v. Errors: ValueError for a key not on P-256."""
        if not isinstance(key.curve, ec.SECP256R1):
            raise ValueError("the seal key must be on P-256")  # noqa: TRY004  (wrong content, not a wrong call)
        self._key = key
        self._origin = origin.rstrip("/")
        self.kid = key_id(key.public_key())

    @classmethod
    def from_file(cls, key_file: Path, origin: str) -> "Sealer":
        """In: a PEM file with a P-256 private key. Errors: OSError, ValueError."""
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the seal key must be on P-256")  # noqa: TRY004
        return cls(key, origin)

    def seal(self, paper: Paper) -> str:
        """The address to draw as the QR; the same paper gives the same address (RFC 6979)."""
        protected = _dumps({ALG: ES256, KID: bytes.fromhex(self.kid)})
        payload = _dumps(_claims(paper))
        der = self._key.sign(_to_sign(protected, payload), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return self._address(protected, payload, r.to_bytes(32, "big") + min(s, CURVE_ORDER - s).to_bytes(32, "big"))

    def void_seal(self, paper: Paper) -> str:
        """As long as the seal of this paper would be, and signed by nobody: for measuring only."""
        return self._address(_dumps({ALG: ES256, KID: bytes.fromhex(self.kid)}), _dumps(_claims(paper)), bytes(64))

    def _address(self, protected: bytes, payload: bytes, signature: bytes) -> str:
        token = _dumps(cbor2.CBORTag(SIGN1_TAG, [protected, {}, payload, signature]))
        return f"{self._origin}/#{base64.b32encode(token).decode().rstrip('=')}"

    def key_list(self, valid_from: datetime, valid_to: datetime) -> dict[str, Any]:
        """The public half, in the form that load_keys reads."""
        point = base64url(_point(self._key.public_key()))
        window = {"valid_from": valid_from.isoformat(), "valid_to": valid_to.isoformat()}
        return {"keys": {self.kid: {"point": point, **window}}}


def key_id(key: ec.EllipticCurvePublicKey) -> str:
    """16 hex digits: the first 8 bytes of the SHA-256 of the uncompressed point."""
    return hashlib.sha256(_point(key)).hexdigest()[:16]


def load_keys(text: str | bytes) -> dict[str, SealKey]:
    """In: the seal key list (JSON, see the top). Out: kid -> key. Errors: ValueError, KeyError for anything else."""
    keys = {}
    for kid, entry in json.loads(text)["keys"].items():
        point = from_base64url(entry["point"])
        public_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        if key_id(public_key) != kid:
            raise ValueError("kid and point disagree")
        window = [datetime.fromisoformat(entry[name]) for name in ("valid_from", "valid_to")]
        if any(moment.utcoffset() is None for moment in window):
            raise ValueError("validity without an offset")
        keys[kid] = SealKey(public_key, *window)
    return keys


def open_seal(seal: str, keys: dict[str, SealKey], at: datetime) -> SealedFacts:
    """In: the decoded QR (an address with a fragment, or the base32 alone), trusted keys, the moment to judge for.

    Out: what it says. Errors: SealRefused. A seal that was valid when made but has run out is refused as expired.
    """
    facts = read_seal(seal, keys)
    key = keys[facts.kid]
    if not key.valid_from <= facts.issued_at <= key.valid_to:
        raise SealRefused(reason="key-not-valid")
    if facts.issued_at > at + CLOCK_SKEW:
        raise SealRefused(reason="from-the-future")
    if facts.expires_at and facts.expires_at <= at:
        raise SealRefused(reason="expired")
    return facts


def read_seal(seal: str, keys: dict[str, SealKey]) -> SealedFacts:
    """As open_seal, for papers past their term: signature and form are checked, times are not."""
    try:
        protected, payload, signature = _take_apart(_from_base32(seal.rpartition("#")[2]))
        header = _loads(protected)
        if not isinstance(header, Mapping) or set(header) != {ALG, KID} or header[ALG] != ES256:
            raise ValueError
        kid = bytes(header[KID]).hex()
    except UNREADABLE:
        raise SealRefused(reason="malformed") from None
    if kid not in keys:
        raise SealRefused(reason="unknown-key")
    _check_signature(keys[kid].public_key, protected, payload, signature)
    try:
        return _facts(payload, kid)
    except UNREADABLE:
        raise SealRefused(reason="malformed") from None


def _claims(paper: Paper) -> dict[int, Any]:
    holder = paper.holder
    facts = {
        1: paper.number,
        2: paper.kind.value,
        3: holder.full_name,
        4: holder.latin_name,
        5: int(holder.birth_date.strftime("%Y%m%d")),
        6: paper.post.post_id,
        7: paper.digest(),
        8: paper.revision,
    }
    claims: dict[int, Any] = {IAT: int(paper.issued_at.timestamp()), FACTS: facts}
    if paper.valid_until:
        claims[EXP] = int(term_end(paper.valid_until).timestamp())
    return claims


def _facts(payload: bytes, kid: str) -> SealedFacts:
    claims = _loads(payload)
    facts = claims[FACTS]
    if set(claims) not in ({IAT, FACTS}, {EXP, IAT, FACTS}) or set(facts) != set(range(1, 9)):
        raise ValueError
    if len(bytes(facts[7])) != DIGEST_BYTES:
        raise ValueError
    return SealedFacts(
        number=_text(facts[1]),
        kind=PaperKind(facts[2]),
        revision=_whole(facts[8]),
        full_name=_text(facts[3]),
        latin_name=_text(facts[4]),
        birth_date=_day(facts[5]),
        post_id=_text(facts[6]),
        digest=facts[7],
        issued_at=datetime.fromtimestamp(_whole(claims[IAT]), UTC),
        expires_at=datetime.fromtimestamp(_whole(claims[EXP]), UTC) if EXP in claims else None,
        kid=kid,
    )


def _take_apart(token: bytes) -> tuple[bytes, bytes, bytes]:
    tagged = _loads(token)
    if not isinstance(tagged, cbor2.CBORTag) or tagged.tag != SIGN1_TAG:
        raise ValueError
    protected, unprotected, payload, signature = tagged.value
    if not (isinstance(unprotected, Mapping) and not unprotected):
        raise ValueError
    if not all(isinstance(part, bytes) for part in (protected, payload, signature)) or len(signature) != 64:
        raise ValueError
    return protected, payload, signature


def _check_signature(key: ec.EllipticCurvePublicKey, protected: bytes, payload: bytes, signature: bytes) -> None:
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    # (r, n-s) verifies too: only the lower one is ours, so that nobody can make a second seal out of the first
    if s > CURVE_ORDER // 2:
        raise SealRefused(reason="bad-signature")
    try:
        key.verify(encode_dss_signature(r, s), _to_sign(protected, payload), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise SealRefused(reason="bad-signature") from None


def _to_sign(protected: bytes, payload: bytes) -> bytes:
    return _dumps(["Signature1", protected, b"", payload])


def _from_base32(text: str) -> bytes:
    token = base64.b32decode(text + "=" * (-len(text) % 8))
    if base64.b32encode(token).decode().rstrip("=") != text or len(token) > MOST_BYTES:
        raise ValueError
    return token


def _loads(data: bytes) -> Any:
    """Strict: what does not come back to the very same bytes (long forms, duplicate keys, a tail) is refused."""
    value = cbor2.loads(data, max_depth=4, allow_indefinite=False, allow_duplicate_keys=False)
    if _dumps(value) != data:
        raise ValueError
    return value


def _dumps(value: Any) -> bytes:
    return cbor2.dumps(value, canonical=True)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _day(value: Any) -> date:
    year_month, day = divmod(_whole(value), 100)
    return date(*divmod(year_month, 100), day)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError
    return value
