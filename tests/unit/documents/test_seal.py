"""The seal is strict: one seal per paper, and nothing but that very seal is accepted."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from services.documents.domain.paper import PaperKind
from services.documents.seal import (
    CURVE_ORDER,
    EXP,
    FACTS,
    IAT,
    Sealer,
    SealKey,
    SealRefused,
    key_id,
    load_keys,
    open_seal,
)
from tests.support.papers import HOLDER, ISSUED_AT, a_long_paper, a_paper
from tests.support.pki import ORIGIN, json_of

KEY = ec.generate_private_key(ec.SECP256R1())
SEALER = Sealer(KEY, ORIGIN)
KEYS = load_keys(json_of(SEALER))
SEAL = SEALER.seal(a_paper())


def test_a_seal_says_what_the_paper_says() -> None:
    facts = open_seal(SEAL, KEYS, ISSUED_AT)
    assert facts.number == "SP-2026-0000417"
    assert facts.kind is PaperKind.CONSULAR_REGISTRATION_CERTIFICATE
    assert (facts.full_name, facts.latin_name, facts.birth_date) == (HOLDER.full_name, HOLDER.latin_name, HOLDER.birth_date)
    assert facts.digest == a_paper().digest()
    assert facts.issued_at == ISSUED_AT
    assert facts.kid == SEALER.kid


def test_the_same_paper_gets_the_same_seal() -> None:
    assert SEALER.seal(a_paper()) == SEAL
    assert SEALER.seal(replace(a_paper(), revision=2)) != SEAL


@pytest.mark.parametrize("kind", list(PaperKind))
def test_long_names_fit_a_seal(kind: PaperKind) -> None:
    assert open_seal(SEALER.seal(a_long_paper(kind)), KEYS, ISSUED_AT).full_name == a_long_paper(kind).holder.full_name


def test_only_the_address_before_the_fragment_reaches_a_server() -> None:
    address, _, fragment = SEAL.partition("#")
    assert address == f"{ORIGIN}/"
    assert set(fragment) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_no_single_bit_of_a_seal_can_be_flipped() -> None:
    token = token_of(SEAL)
    accepted = 0
    for bit in range(len(token) * 8):
        changed = bytearray(token)
        changed[bit // 8] ^= 1 << bit % 8
        accepted += is_accepted(bytes(changed))
    assert accepted == 0


def test_no_single_character_of_the_printed_form_can_be_changed() -> None:
    text = SEAL.partition("#")[2]
    for place in range(len(text)):
        other = "A" if text[place] != "A" else "B"
        with pytest.raises(SealRefused):
            open_seal(text[:place] + other + text[place + 1 :], KEYS, ISSUED_AT)


@pytest.mark.parametrize("text", ["", "#", "A", "no base32!", SEAL.lower(), SEAL + "A", SEAL + "====", SEAL[:-1], "A" * 5000])
def test_what_is_not_a_seal_is_refused_as_malformed(text: str) -> None:
    assert refusal(text) in ("malformed", "bad-signature")


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_and_nothing_else_happens(token: bytes) -> None:
    assert not is_accepted(token)


def test_an_unsigned_header_is_refused() -> None:
    protected, _, payload, signature = parts_of(SEAL)
    assert not is_accepted(sign1([protected, {99: 1}, payload, signature]))


def test_a_tail_a_long_form_and_a_missing_tag_are_refused() -> None:
    token = token_of(SEAL)
    assert not is_accepted(token + b"\x00")
    assert not is_accepted(token[1:])
    assert not is_accepted(b"\xd8\x12" + token[1:])


def test_the_second_signature_that_ecdsa_allows_is_refused() -> None:
    protected, unprotected, payload, signature = parts_of(SEAL)
    other = CURVE_ORDER - int.from_bytes(signature[32:], "big")
    twin = signature[:32] + other.to_bytes(32, "big")
    assert refusal_of(sign1([protected, unprotected, payload, twin])) == "bad-signature"


def test_a_key_that_is_not_in_the_list_is_refused() -> None:
    stranger = Sealer(ec.generate_private_key(ec.SECP256R1()), ORIGIN)
    assert refusal(stranger.seal(a_paper())) == "unknown-key"


def test_a_listed_key_id_does_not_help_a_stranger() -> None:
    stranger = Sealer(ec.generate_private_key(ec.SECP256R1()), ORIGIN)
    stranger.kid = SEALER.kid
    assert refusal(stranger.seal(a_paper())) == "bad-signature"


@pytest.mark.parametrize("header", [{1: -35, 4: b""}, {1: -7}, {4: b""}, {1: -7, 4: b"", 33: b""}, [], 7])
def test_another_algorithm_or_header_is_refused(header: Any) -> None:
    if isinstance(header, dict) and 4 in header:
        header[4] = bytes.fromhex(SEALER.kid)
    _, _, payload, signature = parts_of(SEAL)
    assert refusal_of(sign1([cbor2.dumps(header, canonical=True), {}, payload, signature])) == "malformed"


def test_times_are_judged() -> None:
    last = datetime(2027, 11, 23, 11, 59, tzinfo=UTC)  # the last day is over everywhere at noon UTC of the next
    assert open_seal(SEAL, KEYS, last)
    assert refusal(SEAL, last + timedelta(minutes=1)) == "expired"
    assert refusal(SEAL, ISSUED_AT - timedelta(hours=1)) == "from-the-future"


def test_a_paper_without_a_term_does_not_run_out() -> None:
    assert open_seal(SEALER.seal(replace(a_paper(), valid_until=None)), KEYS, datetime(2099, 1, 1, tzinfo=UTC)).expires_at is None


def test_a_seal_made_outside_its_keys_validity_is_refused() -> None:
    key = KEYS[SEALER.kid]
    for window in ((ISSUED_AT + timedelta(1), key.valid_to), (key.valid_from, ISSUED_AT - timedelta(1))):
        assert refusal(SEAL, keys={SEALER.kid: SealKey(key.public_key, *window)}) == "key-not-valid"


def test_a_key_list_whose_id_and_point_disagree_is_refused() -> None:
    with pytest.raises(ValueError, match="disagree"):
        load_keys(json_of(SEALER).replace(key_id(KEY.public_key()), "00" * 8))


def test_the_claims_hold_no_more_than_the_verifier_shows() -> None:
    _, _, payload, _ = parts_of(SEAL)
    claims = cbor2.loads(payload)
    assert set(claims) == {EXP, IAT, FACTS}
    assert HOLDER.pin is not None
    assert HOLDER.pin.encode() not in payload


def token_of(seal: str) -> bytes:
    text = seal.partition("#")[2]
    return base64.b32decode(text + "=" * (-len(text) % 8))


def parts_of(seal: str) -> tuple[bytes, dict[int, Any], bytes, bytes]:
    protected, _, payload, signature = cbor2.loads(token_of(seal)).value
    return protected, {}, payload, signature


def sign1(parts: list[Any]) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(18, parts), canonical=True)


def refusal(seal: str, at: datetime = ISSUED_AT, keys: dict[str, SealKey] = KEYS) -> str:
    with pytest.raises(SealRefused) as error:
        open_seal(seal, keys, at)
    return str(error.value.params["reason"])


def refusal_of(token: bytes) -> str:
    return refusal(base64.b32encode(token).decode().rstrip("="))


def is_accepted(token: bytes) -> bool:
    try:
        open_seal(base64.b32encode(token).decode().rstrip("="), KEYS, ISSUED_AT)
    except SealRefused:
        return False
    return True
