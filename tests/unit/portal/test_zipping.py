"""A zip that is handed out while it is written: names in any language, a file that broke off, and memory that stays flat."""

import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from random import Random
from zipfile import BadZipFile, ZipFile

import pytest

from services.portal.zipping import ZipStream, name_of_file

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NAME = "Документтер/Ңазир Өмүрзакова күбөлүгү.pdf"


async def pieces(count: int, *, breaks: bool = False) -> AsyncIterator[bytes]:
    for number in range(count):
        yield Random(number).randbytes(65_536)
    if breaks:
        raise ConnectionError


async def test_names_in_kyrgyz_are_read_as_they_were_written() -> None:
    stream = ZipStream(AT)
    sent = stream.whole("index.html", b"<p>") + b"".join([part async for part in stream.file(NAME, pieces(3))]) + stream.end()
    with ZipFile(BytesIO(sent)) as opened:
        assert opened.namelist() == ["index.html", NAME]
        assert opened.testzip() is None
        assert opened.getinfo(NAME).flag_bits & 0x800  # the name says that it is UTF-8
        assert len(opened.read(NAME)) == 3 * 65_536


async def test_a_file_that_breaks_off_leaves_a_zip_that_goes_on() -> None:
    stream, sent = ZipStream(AT), b""

    async def take() -> None:
        nonlocal sent
        async for part in stream.file("broken.pdf", pieces(2, breaks=True)):
            sent += part

    with pytest.raises(ConnectionError):
        await take()
    sent += stream.whole("index.html", b"said so") + stream.end()
    with ZipFile(BytesIO(sent)) as opened:
        assert (opened.testzip(), opened.read("index.html")) == (None, b"said so")


async def test_a_zip_that_was_cut_off_does_not_open() -> None:
    stream = ZipStream(AT)
    with pytest.raises(BadZipFile):
        ZipFile(BytesIO(stream.whole("index.html", b"<p>")))


async def test_what_is_held_does_not_grow_with_what_is_sent() -> None:
    stream, sent = ZipStream(AT), 0
    tracemalloc.start()
    async for part in stream.file("large.bin", pieces(300)):  # 20 MB, which no zip makes smaller
        sent += len(part)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 19_000_000
    assert most < 2_000_000


def test_a_name_leaves_its_folder_in_no_system() -> None:
    assert name_of_file("../../etc/Үлгү: <b>\\", ".pdf") == "etc Үлгү b.pdf"
    assert name_of_file("\u0438\u0306", ".pdf") == "й.pdf"  # as two signs: a breve of its own would be lost
    assert name_of_file("..", ".pdf") == "-.pdf"
    assert len(name_of_file("Ү" * 500, ".pdf")) < 100
