"""One issuing office for tests: its own test certificates, a seal key, and the renderer with the real texts."""

import functools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

import services.documents
from deploy.local.pki import SpecimenPki, make_test_root_and_signer
from services.documents.issuing import Issuer
from services.documents.rendering import Renderer
from services.documents.seal import Sealer, SealKey, load_keys
from services.documents.signing import PaperSigner
from shared.texts import Texts
from tests.support.papers import ISSUED_AT

ORIGIN = "https://verify.example.org"
LOCALE = Path(services.documents.__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Office:
    issuer: Issuer
    pki: SpecimenPki
    seal_keys: dict[str, SealKey]

    @property
    def roots(self) -> list[x509.Certificate]:
        return [self.pki.root]


@functools.cache
def renderer() -> Renderer:
    return Renderer(Texts.load(LOCALE).translate)


def an_office(at: datetime = ISSUED_AT) -> Office:
    pki = make_test_root_and_signer(at)
    sealer = Sealer(ec.generate_private_key(ec.SECP256R1()), ORIGIN)
    keys = load_keys(json_of(sealer))
    issuer = Issuer(renderer=renderer(), sealer=sealer, signer=PaperSigner(pki.signer_key, pki.signer))
    return Office(issuer=issuer, pki=pki, seal_keys=keys)


def json_of(sealer: Sealer) -> str:
    return json.dumps(sealer.key_list(datetime(2026, 1, 1, tzinfo=UTC), ISSUED_AT + timedelta(days=36_500)))
