"""A file is taken only where ClamAV says in so many words that it is clean: asked here as the service asks it."""

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.applications.uploads.clamav import ClamAV, ScannerAway
from tests.support.notifying import free_port
from tests.support.scanners import EICAR, LARGEST, broken_scanner, clamd


async def asked(address: str, data: bytes) -> bool:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65536):
            yield data[start : start + 65536]

    return await ClamAV.at(address).is_clean(pieces())


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside.com", data)
    return out.getvalue()


async def test_clamav_finds_the_test_virus_plain_and_packed_and_calls_other_files_clean(tmp_path: Path) -> None:
    async with clamd(tmp_path) as address:
        told = [await asked(address, data) for data in (EICAR, zipped(EICAR), b"%PDF-1.7 nothing", b"x" * 1_000_000)]
        assert told == [False, False, True, True]
        with pytest.raises(ScannerAway):  # it refuses to look at so much
            await asked(address, b"x" * (LARGEST + 1))


async def test_without_signatures_clamav_does_not_even_start_and_no_file_is_clean(tmp_path: Path) -> None:
    async with clamd(tmp_path, signatures=False) as address:
        with pytest.raises(ScannerAway):
            await asked(address, b"nothing")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"",
        b"\0",
        b"stream: OK but not quite\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"OK\0",
        b"stream: OK",
        b"x" * 99_999,
    ],
)
async def test_an_answer_that_is_neither_yes_nor_no_is_no_yes(answer: bytes | None) -> None:
    async with broken_scanner(answer) as address:
        with pytest.raises(ScannerAway):
            await asked(address, b"nothing")


async def test_where_nobody_listens_no_file_is_clean() -> None:
    with pytest.raises(ScannerAway):
        await asked(f"127.0.0.1:{free_port()}", b"nothing")
