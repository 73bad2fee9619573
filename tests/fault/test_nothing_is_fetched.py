"""Nobody leads us to an address of theirs: not a provider that names one, not a file that asks for one, not a redirect."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.local.pki import ROOT_TERM, _certificate, _name
from services.documents.reading_process import Request as Asked
from services.documents.reading_process import see
from services.documents.signing import PaperSigner
from services.identity.domain.sign_in_secret import SignInSecret
from services.identity.openid_client import OpenIdClient, OpenIdRefused, ProviderAway
from services.identity.openid_providers import Provider
from shared.clock import SystemClock
from tests.support.faults import Counts
from tests.support.hostile import Connections
from tests.support.running import on_a_port

CONNECTIONS = Connections()
FLOW = "4f0c7a52-7a3e-4a57-9d0e-0a3c5b2a9d11"
PDF = b"""%%PDF-1.7
1 0 obj <</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(%(at)s)>>/AA<</WC<</S/SubmitForm/F<</FS/URL/F(%(at)s)>>>>>>>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>
 /Annots[<</Type/Annot/Subtype/Link/Rect[0 0 200 200]/A<</S/GoToR/F<</FS/URL/F(%(at)s)>>/D[0/Fit]>>>>]>> endobj
4 0 obj <</Length 29>> stream
q 200 0 0 200 0 0 cm /I Do Q
endstream endobj
5 0 obj <</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 0
 /F<</FS/URL/F(%(at)s)>>>> stream

endstream endobj
trailer <</Root 1 0 R/ID[<00><00>]>>
"""


@dataclass
class Elsewhere:
    """Where we should never be; and a provider that is true in everything but what the test has changed."""

    asked: list[str] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    redirects: set[str] = field(default_factory=set)
    issuer: str = ""
    secret: Path = Path()

    def provider(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/jwks", self._keys),
                Route("/token", self._token, methods=["POST"]),
                Route("/elsewhere/{path:path}", self._elsewhere, methods=["GET", "POST"]),
            ]
        )

    async def _metadata(self, request: Request) -> Response:
        at = self.issuer
        told = {"issuer": at, "authorization_endpoint": f"{at}/auth", "token_endpoint": f"{at}/token", "jwks_uri": f"{at}/jwks"}
        return self._or_redirect("metadata", told | self.changes)

    async def _keys(self, request: Request) -> Response:
        return self._or_redirect("jwks", {"keys": [{"kty": "oct", "k": "AAAA"}]})

    async def _token(self, request: Request) -> Response:
        return self._or_redirect("token", {"access_token": "x", "token_type": "Bearer", "id_token": "a.b.c"})

    async def _elsewhere(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        return JSONResponse({"keys": []})

    def _or_redirect(self, what: str, told: Any) -> Response:
        return RedirectResponse(f"{self.issuer}/elsewhere/{what}", 307) if what in self.redirects else JSONResponse(told)

    def client(self) -> OpenIdClient:
        settings = {"issuer": self.issuer, "client_id": "eshik", "client_secret_file": self.secret, "kind": "citizen"}
        provider = Provider.model_validate(settings | {"names": {"en": "Other"}})
        return OpenIdClient("eid", provider, redirect_uri="http://localhost/back", secret=SignInSecret(b"x" * 32))


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Elsewhere]:
    made = Elsewhere(secret=tmp_path / "secret")
    made.secret.write_text("secret")
    async with on_a_port(made.provider(), until_ready=False) as door:
        made.issuer = str(door.base_url).rstrip("/")
        yield made


@asynccontextmanager
async def nowhere_but(elsewhere: Elsewhere) -> AsyncIterator[None]:
    """Fails where anything but the provider itself was connected to, or its other place was asked."""
    with CONNECTIONS.heard() as asked:
        yield
    port = elsewhere.issuer.rpartition(":")[2]
    assert {to for to in asked if to != f"127.0.0.1:{port}"} == set()
    assert elsewhere.asked == []


def everywhere_else(issuer: str) -> list[str]:
    """The same server, and others, as they might be written to get past a look at the name."""
    port, at = issuer.rpartition(":")[2], "elsewhere/keys"
    hosts = [
        "localhost",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "127.0.0.1.nip.example",
    ]
    written = [f"http://{host}:{port}/{at}" for host in hosts]
    written += [
        f"http://169.254.169.254/{at}",
        f"http://127.0.0.1:1/{at}",
        f"https://127.0.0.1:{port}/{at}",
        "file:///etc/passwd",
    ]
    return [*written, f"http://127.0.0.1:{port}@localhost/{at}", f"{issuer}\\@localhost/{at}", f"//127.0.0.1:{port}/{at}", ""]


async def test_a_provider_cannot_name_an_address_outside_of_its_own_host(elsewhere: Elsewhere, counts: Counts) -> None:
    async with nowhere_but(elsewhere):
        for endpoint in ("jwks_uri", "token_endpoint", "authorization_endpoint"):
            for address in everywhere_else(elsewhere.issuer):
                elsewhere.changes = {endpoint: address}
                counts.attempted += 1
                with pytest.raises(ProviderAway):
                    await elsewhere.client().authorization_url(FLOW)
    elsewhere.changes = {}
    assert (await elsewhere.client().authorization_url(FLOW)).startswith(f"{elsewhere.issuer}/auth?")


async def test_a_provider_that_was_true_and_then_names_another_address_leads_nobody_there(elsewhere: Elsewhere) -> None:
    """As a name that is resolved anew would: what was looked at is what is asked."""
    client = elsewhere.client()
    await client.authorization_url(FLOW)
    elsewhere.changes = {"jwks_uri": f"http://localhost:{elsewhere.issuer.rpartition(':')[2]}/elsewhere/keys"}
    client._metadata_at = -1e9  # ten minutes later
    async with nowhere_but(elsewhere):
        with pytest.raises(ProviderAway):
            await client.authorization_url(FLOW)


@pytest.mark.parametrize("at", ["metadata", "jwks", "token"])
async def test_no_redirect_of_a_provider_is_followed(at: str, elsewhere: Elsewhere) -> None:
    elsewhere.redirects = {at}
    async with nowhere_but(elsewhere):
        with pytest.raises((ProviderAway, OpenIdRefused)):
            await elsewhere.client().claims(FLOW, "code", at=SystemClock().now())


async def test_a_file_that_names_addresses_is_read_without_asking_any(elsewhere: Elsewhere, counts: Counts) -> None:
    """Actions, external images, and a signature whose certificate says where its issuer and its revocation are to be fetched."""
    at = f"{elsewhere.issuer}/elsewhere/file"
    root, signer = _certificates(at)
    plain = PDF % {b"at": at.encode()}
    signed = await signer.sign(_whole(plain), SystemClock().now())
    asked = Asked(root.public_bytes(Encoding.PEM).decode(), json.dumps({"keys": {}}), SystemClock().now().isoformat())
    async with nowhere_but(elsewhere):
        seen = [await asyncio.to_thread(see, data, asked) for data in (plain, signed)]
    counts.attempted = len(seen)
    assert seen[0].unsigned_pdf
    assert seen[1].verdict is not None, "the signature was judged"


def _whole(pdf: bytes) -> bytes:
    """With the table that says where each object is, which a signer needs."""
    head, _, _ = pdf.partition(b"trailer")
    places = [head.index(b"%d 0 obj" % number) for number in range(1, 6)]
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"<</Size 6 /Root 1 0 R/ID[<00><00>]>>"
    return head + b"xref\n0 6\n0000000000 65535 f \n" + table + b"trailer " + trailer + b"\nstartxref\n%d\n%%%%EOF" % len(head)


def _certificates(at: str) -> tuple[x509.Certificate, PaperSigner]:
    """A root, and a signer that says that all about it is to be had there."""
    now, place = SystemClock().now(), x509.UniformResourceIdentifier(at)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate(_name("root"), _name("root"), root_key.public_key(), now, ROOT_TERM)
    trusted = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(root_key, hashes.SHA256())
    described = [
        x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place),
        x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place),
    ]
    points = [x509.DistributionPoint(full_name=[place], relative_name=None, reasons=None, crl_issuer=None)]
    made = _certificate(_name("signer"), _name("root"), key.public_key(), now, timedelta(days=30))
    made = made.add_extension(x509.AuthorityInformationAccess(described), critical=False)
    made = made.add_extension(x509.CRLDistributionPoints(points), critical=False)
    return trusted, PaperSigner(key, made.sign(root_key, hashes.SHA256()))
