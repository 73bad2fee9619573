"""A signed paper is valid as long as nobody touches it; whatever is done to the file is told apart and named."""

import asyncio
import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.local.pki import make_test_root_and_signer
from services.documents.domain.paper import PaperKind
from services.documents.issuing import IssuedFile
from services.documents.signing import PaperSigner
from services.documents.verification import Reason, SealCheck, Verdict, verify_paper
from tests.support.papers import ISSUED_AT, a_long_paper, a_paper
from tests.support.pki import an_office, renderer
from tests.support.tampering import painted_over

OFFICE = an_office()
LATER = ISSUED_AT + timedelta(days=30)


@pytest.fixture(scope="module")
def issued() -> IssuedFile:
    return asyncio.run(OFFICE.issuer.issue(a_paper()))


@pytest.mark.parametrize("kind", list(PaperKind))
async def test_an_issued_paper_is_valid_and_says_what_it_is(kind: PaperKind) -> None:
    for paper in (a_paper(kind), a_long_paper(kind)):
        result = await verify_paper((await OFFICE.issuer.issue(paper)).pdf, OFFICE.roots, LATER)
        assert result.verdict is Verdict.VALID
        assert result.said is not None
        assert (result.said.number, result.said.kind) == (paper.number, kind)
        assert (result.said.issued_on, result.said.valid_until) == (paper.issued_on, paper.valid_until)
        assert result.said.digest == paper.digest().hex()
        assert result.reasons == (Reason.SEAL_NOT_CHECKED,)


async def test_issuing_the_same_paper_again_gives_the_same_file(issued: IssuedFile) -> None:
    again = await OFFICE.issuer.issue(a_paper())
    assert again == issued
    assert issued.sha256 == hashlib.sha256(issued.pdf).hexdigest()


async def test_any_flipped_byte_is_seen(issued: IssuedFile) -> None:
    chance = random.Random(7)
    padding = signature_padding(issued.pdf)
    places = [
        0,
        9,
        len(issued.pdf) - 1,
        padding.start + 2,
        padding.stop - 1,
        *(chance.randrange(len(issued.pdf)) for _ in range(60)),
    ]
    for place in places:
        changed = bytearray(issued.pdf)
        changed[place] ^= 1
        result = await verify_paper(bytes(changed), OFFICE.roots, LATER)
        assert result.verdict not in (Verdict.VALID, Verdict.EXPIRED), place
        assert result.said is None


async def test_the_signature_itself_cannot_be_written_in_another_way(issued: IssuedFile) -> None:
    padding = signature_padding(issued.pdf)
    start = issued.pdf.rindex(b"<", 0, padding.start)
    letter = next(place for place in range(start, padding.start) if issued.pdf[place] in b"ABCDEF")
    for place, other in ((letter, issued.pdf[letter] ^ 0x20), (padding.stop - 1, ord(" "))):
        changed = bytearray(issued.pdf)
        changed[place] = other
        assert (await verify_paper(bytes(changed), OFFICE.roots, LATER)).verdict is Verdict.ALTERED


async def test_the_envelope_of_the_signature_cannot_be_changed_where_nothing_signs_it(issued: IssuedFile) -> None:
    used = signature_padding(issued.pdf).start
    start = issued.pdf.rindex(b"<", 0, used)
    for place in range(start + 1, used, 7):
        changed = bytearray(issued.pdf)
        changed[place] ^= 1
        assert (await verify_paper(bytes(changed), OFFICE.roots, LATER)).verdict is Verdict.ALTERED, place - start


async def test_painting_over_the_page_after_signing_is_altered(issued: IssuedFile) -> None:
    result = await verify_paper(painted_over(issued.pdf), OFFICE.roots, LATER)
    assert result.verdict is Verdict.ALTERED
    assert result.reasons == (Reason.CHANGED_AFTER_SIGNING,)
    assert result.said is None


async def test_a_single_byte_behind_the_end_is_altered(issued: IssuedFile) -> None:
    assert (await verify_paper(issued.pdf + b"\n", OFFICE.roots, LATER)).verdict is Verdict.ALTERED


async def test_a_cut_file_is_not_valid(issued: IssuedFile) -> None:
    for end in (100, len(issued.pdf) // 2, len(issued.pdf) - 1):
        assert (await verify_paper(issued.pdf[:end], OFFICE.roots, LATER)).verdict is not Verdict.VALID


async def test_another_root_does_not_trust_it(issued: IssuedFile) -> None:
    result = await verify_paper(issued.pdf, an_office().roots, LATER)
    assert (result.verdict, result.reasons) == (Verdict.NOT_TRUSTED, (Reason.SIGNER_NOT_TRUSTED,))
    assert result.said is None
    assert (await verify_paper(issued.pdf, [], LATER)).verdict is Verdict.NOT_TRUSTED


async def test_a_paper_past_its_last_day_is_genuine_but_expired(issued: IssuedFile) -> None:
    result = await verify_paper(issued.pdf, OFFICE.roots, datetime(2027, 11, 24, tzinfo=UTC))
    assert result.verdict is Verdict.EXPIRED
    assert Reason.TERM_OVER in result.reasons
    assert result.said is not None


async def test_a_certificate_that_ran_out_is_named(issued: IssuedFile) -> None:
    result = await verify_paper(issued.pdf, OFFICE.roots, datetime(2040, 1, 1, tzinfo=UTC))
    assert (result.verdict, result.reasons) == (Verdict.NOT_TRUSTED, (Reason.CERTIFICATE_NOT_VALID_NOW,))


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7", b"%PDF-1.7\n" + b"\0" * 4000, b"%PDF-1.7 /ByteRange"])
async def test_other_files_are_not_documents(data: bytes) -> None:
    result = await verify_paper(data, OFFICE.roots, LATER)
    assert result.verdict in (Verdict.NOT_A_DOCUMENT, Verdict.ALTERED)
    assert result.reasons


async def test_an_unsigned_paper_is_not_a_document() -> None:
    result = await verify_paper(renderer().render(a_paper(), "https://verify.example.org/#AA"), OFFICE.roots, LATER)
    assert (result.verdict, result.reasons) == (Verdict.NOT_A_DOCUMENT, (Reason.NOT_SIGNED,))


async def test_the_printed_seal_must_belong_to_the_file(issued: IssuedFile) -> None:
    other = await OFFICE.issuer.issue(a_paper(PaperKind.RETURN_CERTIFICATE))
    stranger = an_office()

    async def judged(*codes: str, keys: object = None) -> tuple[Verdict, tuple[Reason, ...]]:
        check = SealCheck(stranger.seal_keys if keys else OFFICE.seal_keys, lambda _: codes)
        result = await verify_paper(issued.pdf, OFFICE.roots, LATER, check)
        return result.verdict, result.reasons

    assert await judged(issued.seal_url) == (Verdict.VALID, ())
    assert await judged(other.seal_url) == (Verdict.NOT_TRUSTED, (Reason.SEAL_DIFFERS,))
    assert await judged() == (Verdict.NOT_TRUSTED, (Reason.SEAL_NOT_READ,))
    assert await judged(issued.seal_url, other.seal_url) == (Verdict.NOT_TRUSTED, (Reason.SEAL_NOT_READ,))
    assert await judged(issued.seal_url, keys=stranger) == (Verdict.NOT_TRUSTED, (Reason.SEAL_REFUSED,))


def test_a_certificate_of_another_key_is_refused() -> None:
    with pytest.raises(ValueError, match="belong"):
        PaperSigner(ec.generate_private_key(ec.SECP256R1()), make_test_root_and_signer(ISSUED_AT).signer)


async def test_key_and_certificate_come_from_pem_files(tmp_path: Path) -> None:
    pki = OFFICE.pki
    (tmp_path / "key.pem").write_bytes(pki.signer_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "certificate.pem").write_bytes(pki.signer.public_bytes(serialization.Encoding.PEM))
    signer = PaperSigner.from_files(tmp_path / "key.pem", tmp_path / "certificate.pem")
    rendered = renderer().render(a_paper(), "https://verify.example.org/#AA")
    assert (await verify_paper(await signer.sign(rendered, ISSUED_AT), OFFICE.roots, LATER)).verdict is Verdict.VALID


def signature_padding(pdf: bytes) -> range:
    """The zeros behind the signature: reserved, empty, and covered by no signature."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    end = pdf.index(b">", start)
    used = start + len(pdf[start:end].rstrip(b"0"))
    return range(used, end)
