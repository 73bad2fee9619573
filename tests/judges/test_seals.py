"""cwt and pycose, which share no code with us, verify our seals and refuse changed ones."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.documents.domain.paper import PaperKind
from shared.clock import SystemClock
from tests.support.papers import HOLDER, a_paper
from tests.support.pki import Office, an_office


@pytest.fixture(scope="module")
def office() -> Office:
    return an_office(SystemClock().now())


def test_cwt_and_pycose_verify_a_seal_and_read_what_it_says(office: Office, judges_python: Path) -> None:
    tokens = [token_of(office.issuer.sealer.seal(a_paper(kind))) for kind in PaperKind]
    for kind, (by_cwt, by_pycose) in zip(PaperKind, judged(office, judges_python, tokens), strict=True):
        assert by_pycose == {"verified": True}
        assert by_cwt["number"] == "SP-2026-0000417"
        assert by_cwt["full_name"] == HOLDER.full_name
        assert by_cwt["digest"] == a_paper(kind).digest().hex()


def test_cwt_and_pycose_refuse_a_changed_seal_and_a_strangers(office: Office, judges_python: Path) -> None:
    token = token_of(office.issuer.sealer.seal(a_paper()))
    changed = token.replace(b"NAZGUL", b"NAZGUM")
    stranger = token_of(an_office().issuer.sealer.seal(a_paper()))
    for by_cwt, by_pycose in judged(office, judges_python, [changed, stranger]):
        assert "refused" in by_cwt
        assert by_pycose.get("verified") is not True


def judged(office: Office, python: Path, tokens: list[bytes]) -> list[list[dict[str, Any]]]:
    sealer = office.issuer.sealer
    key = office.seal_keys[sealer.kid].public_key
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    asked = {"point": point.hex(), "kid": sealer.kid, "tokens": [token.hex() for token in tokens]}
    program = Path(__file__).with_name("read_seal.py")
    done = subprocess.run([python, program], input=json.dumps(asked), capture_output=True, text=True, check=True)
    answers: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return answers


def token_of(seal: str) -> bytes:
    text = seal.partition("#")[2]
    return base64.b32decode(text + "=" * (-len(text) % 8))
