"""What a code or a file proves, seen by the process that opens strangers' files: ours, changed, a forger's, or nothing."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from services.documents import file_reader
from services.documents.checking import Fault, Found, Proof, found_in_code, found_in_file
from services.documents.file_reader import FileReader, ReaderBroken
from services.documents.issuing import IssuedFile
from services.documents.reading_process import TOO_MANY_PIXELS, Seen
from services.documents.seal import SealedFacts
from shared.turns import TooBusy, Turns
from tests.support.papers import HOLDER, ISSUED_AT, a_paper
from tests.support.photos import from_aside, packed, page_picture, scanned
from tests.support.pki import Office, an_office, json_of, renderer
from tests.support.serving import eventually
from tests.support.tampering import painted_over
from tests.unit.documents.test_codes import bomb

OFFICE, STRANGER = an_office(), an_office()
LATER = ISSUED_AT + timedelta(days=30)
NUMBER = "SP-2026-0000417"


def reader_of(office: Office) -> FileReader:
    return FileReader(office.pki.root.public_bytes(Encoding.PEM).decode(), json_of(office.issuer.sealer))


@pytest.fixture(scope="module")
def issued() -> IssuedFile:
    return asyncio.run(OFFICE.issuer.issue(a_paper()))


def children() -> list[bytes]:
    """The command lines of this process's children."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids]


async def found(data: bytes) -> Found:
    return found_in_file(await reader_of(OFFICE).read(data, LATER), OFFICE.seal_keys, LATER)


def number_of(sealed: SealedFacts | None) -> str | None:
    return sealed.number if sealed else None


async def test_a_file_of_ours_is_judged_as_a_whole(issued: IssuedFile) -> None:
    result = await found(issued.pdf)
    assert (result.proof, result.fault, number_of(result.sealed)) == (Proof.FILE, None, NUMBER)


@pytest.mark.parametrize(
    "change", [painted_over, lambda pdf: pdf + b"\n", lambda pdf: pdf[:-40], lambda pdf: pdf.replace(b"SP-2026", b"SP-2025")]
)
async def test_a_changed_file_is_said_to_be_altered_and_its_words_are_not_repeated(
    change: Callable[[bytes], bytes], issued: IssuedFile
) -> None:
    assert change(issued.pdf) != issued.pdf
    assert await found(change(issued.pdf)) == Found(Proof.FILE, fault=Fault.ALTERED)


async def test_a_file_that_somebody_else_signed_is_not_genuine() -> None:
    forged = await STRANGER.issuer.issue(a_paper())
    assert await found(forged.pdf) == Found(Proof.FILE, fault=Fault.NOT_GENUINE)


async def test_our_code_on_a_page_that_a_forger_signed_does_not_make_it_genuine(issued: IssuedFile) -> None:
    forged = await STRANGER.issuer.signer.sign(renderer().render(a_paper(), issued.seal_url), ISSUED_AT)
    assert await found(forged) == Found(Proof.FILE, fault=Fault.NOT_GENUINE)


async def test_another_paper_s_code_on_a_file_that_we_signed_does_not_make_it_genuine() -> None:
    other = OFFICE.issuer.sealer.seal(replace(a_paper(), number="SP-2026-0000999"))
    mixed = await OFFICE.issuer.signer.sign(renderer().render(a_paper(), other), ISSUED_AT)
    assert await found(mixed) == Found(Proof.FILE, fault=Fault.NOT_GENUINE)


async def test_a_scan_and_a_photo_are_judged_by_their_code_and_a_scan_is_not_the_issued_file(issued: IssuedFile) -> None:
    for data, unsigned_pdf in ((scanned(issued.pdf), True), (packed(from_aside(page_picture(issued.pdf))), False)):
        result = await found(data)
        assert (result.proof, result.fault, result.unsigned_pdf) == (Proof.CODE, None, unsigned_pdf)
        assert result.sealed is not None
        assert (result.sealed.full_name, result.sealed.birth_date) == (HOLDER.full_name, HOLDER.birth_date)


async def test_a_scan_with_a_forger_s_code_is_not_genuine() -> None:
    forged = await STRANGER.issuer.issue(a_paper())
    assert await found(scanned(forged.pdf)) == Found(Proof.CODE, fault=Fault.NOT_GENUINE, unsigned_pdf=True)


async def test_a_pdf_whose_signature_was_taken_away_is_not_the_issued_file(issued: IssuedFile) -> None:
    unsigned = renderer().render(a_paper(), issued.seal_url)
    for data in (unsigned, unsigned + b"\n% /ByteRange\n"):
        result = await found(data)
        assert (result.proof, number_of(result.sealed), result.unsigned_pdf) == (Proof.CODE, NUMBER, True)


async def test_a_pdf_without_signature_and_code_is_told_from_a_picture_without_a_code() -> None:
    blank = page_picture(renderer().preview(a_paper(), OFFICE.issuer.sealer.void_seal(a_paper()))).crop((0, 0, 300, 300))
    assert await found(packed(blank, "PDF")) == Found(Proof.CODE, fault=Fault.NO_CODE, unsigned_pdf=True)
    assert await found(packed(blank)) == Found(Proof.CODE, fault=Fault.NO_CODE)


async def test_the_preview_of_a_paper_gives_nothing_to_verify() -> None:
    void = OFFICE.issuer.sealer.void_seal(a_paper())
    assert await found(renderer().preview(a_paper(), void)) == Found(Proof.CODE, fault=Fault.NO_CODE, unsigned_pdf=True)
    assert await found(renderer().preview_picture(a_paper(), void)) == Found(Proof.CODE, fault=Fault.NO_CODE)
    assert found_in_code(void, OFFICE.seal_keys, LATER).fault is Fault.NOT_GENUINE


async def test_of_two_genuine_codes_none_counts_and_a_strange_one_beside_ours_does_not_matter(issued: IssuedFile) -> None:
    other = OFFICE.issuer.sealer.seal(replace(a_paper(), number="SP-2026-0000999"))

    def judged(*codes: str) -> tuple[Fault | None, str | None]:
        result = found_in_file(Seen(codes=codes), OFFICE.seal_keys, LATER)
        return result.fault, number_of(result.sealed)

    assert judged(issued.seal_url, other) == (Fault.NO_CODE, None)
    assert judged(issued.seal_url, issued.seal_url) == (None, NUMBER)
    assert judged(issued.seal_url, "https://example.org/menu") == (None, NUMBER)
    assert judged("https://example.org/menu") == (Fault.NOT_GENUINE, None)
    assert judged() == (Fault.NO_CODE, None)


def test_a_seal_is_opened_as_an_address_or_alone_and_as_it_came_through_a_messenger(issued: IssuedFile) -> None:
    seal = issued.seal_url.partition("#")[2]
    for given in (issued.seal_url, seal, f"  {seal[:50]}\n{seal[50:]} ", seal.lower()):
        assert number_of(found_in_code(given, OFFICE.seal_keys, LATER).sealed) == NUMBER
    for wrong in ("", "#", "A" * 4000, seal[:-1], seal + "A", "Ң" * 40, STRANGER.issuer.sealer.seal(a_paper())):
        assert found_in_code(wrong, OFFICE.seal_keys, LATER) == Found(Proof.CODE, fault=Fault.NOT_GENUINE)


def test_a_seal_past_its_term_is_genuine_and_one_from_the_future_is_not(issued: IssuedFile) -> None:
    after, before = ISSUED_AT + timedelta(days=500), ISSUED_AT - timedelta(days=1)
    assert number_of(found_in_code(issued.seal_url, OFFICE.seal_keys, after).sealed) == NUMBER
    assert found_in_code(issued.seal_url, OFFICE.seal_keys, before).fault is Fault.NOT_GENUINE


async def test_a_file_past_the_certificate_s_end_is_judged_by_its_code(issued: IssuedFile) -> None:
    late = ISSUED_AT + timedelta(days=365 * 15)
    result = found_in_file(await reader_of(OFFICE).read(issued.pdf, late), OFFICE.seal_keys, late)
    assert (result.proof, number_of(result.sealed), result.unsigned_pdf) == (Proof.CODE, NUMBER, False)


async def test_a_picture_with_too_many_pixels_is_named_and_a_broken_one_shows_nothing() -> None:
    reader = reader_of(OFFICE)
    assert await reader.read(bomb(100_000, 100_000), LATER) == Seen(problem=TOO_MANY_PIXELS)
    for data in (b"\xff\xd8\xff" + b"\0" * 900, b"%PDF-1.7\n%%EOF", b"%PDF-1.7 /ByteRange", b"RIFF\0\0\0\0WEBP", b"hello"):
        assert (await reader.read(data, LATER)).codes == ()


async def test_a_file_that_takes_too_long_is_no_verdict_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reader, "MOST_SECONDS", 0.001)
    with pytest.raises(TooBusy):
        await reader_of(OFFICE).read(b"%PDF-1.7", LATER)
    assert [child for child in children() if b"reading_process" in child] == []


@pytest.mark.parametrize("wanted", [b"time", b"memory"])
async def test_a_file_that_wants_all_time_or_memory_is_cut_off_and_shows_nothing(
    wanted: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_reader, "PROGRAM", "tests.support.greedy_reader")
    monkeypatch.setattr(file_reader, "MOST_SECONDS", 60)
    assert await reader_of(OFFICE).read(wanted, LATER) == Seen()


async def test_a_process_that_cannot_start_is_our_mistake_and_not_the_file_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reader, "PROGRAM", "services.documents.nothing_here")
    with pytest.raises(ReaderBroken):
        await reader_of(OFFICE).read(b"%PDF-1.7", LATER)


async def test_turns_are_taken_one_at_a_time_and_waiting_is_bounded() -> None:
    turns, inside, most = Turns(most_waiting=2, patience_s=30), 0, 0
    leave = asyncio.Event()

    async def work() -> None:
        nonlocal inside, most
        async with turns.one():
            inside += 1
            most = max(most, inside)
            await leave.wait()
            inside -= 1

    working = [asyncio.create_task(work()) for _ in range(3)]
    await eventually(lambda: both_wait(turns))
    with pytest.raises(TooBusy):
        await work()
    leave.set()
    await asyncio.gather(*working)
    assert most == 1


async def both_wait(turns: Turns) -> bool:
    return turns._waiting == 2


async def test_who_waits_too_long_is_told_and_the_next_one_still_gets_a_turn() -> None:
    turns = Turns(most_waiting=2, patience_s=0.01)
    async with turns.one():
        with pytest.raises(TooBusy):
            async with turns.one():
                pass
    async with turns.one():
        pass
