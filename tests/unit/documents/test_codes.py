"""The printed code is read off pictures as people take them, and nothing that people send breaks the reader."""

import asyncio
import zlib
from collections.abc import Callable
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from services.documents.codes import (
    MOST_PIXELS,
    PAGE_PIXELS,
    SCAN_DPI,
    FileKind,
    TooManyPixels,
    codes_in_picture,
    codes_on_pages,
    kind_of,
    scale_for,
)
from services.documents.issuing import IssuedFile, Issuer
from services.documents.seal import Sealer
from tests.support import photos
from tests.support.papers import a_long_paper, a_paper
from tests.support.photos import from_aside, in_shadow, in_size, packed, page_picture, turned, unsharp
from tests.support.pki import an_office

OFFICE = an_office()
ON_A_STACK = "http://127.0.0.1:8405/v"  # as the local stack's, with its path
SEALER = Sealer(OFFICE.issuer.sealer._key, ON_A_STACK)
ISSUER = Issuer(OFFICE.issuer.renderer, SEALER, OFFICE.issuer.signer)


@pytest.fixture(scope="module")
def issued() -> IssuedFile:
    return asyncio.run(ISSUER.issue(a_paper()))


@pytest.fixture(scope="module")
def page(issued: IssuedFile) -> Image.Image:
    return page_picture(issued.pdf)


TAKES: dict[str, Callable[[Image.Image], bytes]] = {
    "a scan": lambda page: packed(page, "PNG"),
    "a screenshot of the whole page": lambda page: packed(in_size(page, 1170), "PNG"),
    "from aside": lambda page: packed(from_aside(page)),
    "sent by a messenger": lambda page: packed(in_size(from_aside(page), 1600), quality=60),
    "a little askew": lambda page: packed(turned(page, 17)),
    "upside down in a shadow": lambda page: packed(in_shadow(turned(page, 200))),
    "a shaking hand": lambda page: packed(unsharp(from_aside(page, 0.1))),
    "lying, as Exif says": lambda page: packed(turned(page, 90), orientation=6),
    "WebP": lambda page: packed(from_aside(page), "WEBP"),
    "the code alone, large": lambda page: packed(code_alone(page).resize((3000, 2900))),
    "the code alone, small": lambda page: packed(code_alone(page).resize((500, 480))),
    "in colours, with a transparent ground": lambda page: packed(see_through(page), "PNG"),
}


@pytest.mark.parametrize("take", TAKES)
def test_a_picture_of_the_paper_gives_its_seal(take: str, page: Image.Image, issued: IssuedFile) -> None:
    data = TAKES[take](page)
    kind = kind_of(data)
    assert kind is not None
    assert codes_in_picture(data, kind) == [issued.seal_url]


def test_the_longest_seal_is_read_off_a_picture() -> None:
    long = asyncio.run(ISSUER.issue(a_long_paper()))
    assert codes_in_picture(packed(from_aside(page_picture(long.pdf))), FileKind.JPEG) == [long.seal_url]


def test_the_code_leads_to_the_page_of_the_stack_and_its_seal_stays_behind_the_hash(issued: IssuedFile) -> None:
    assert issued.seal_url.startswith(f"{ON_A_STACK}/#")


@pytest.mark.parametrize("dpi", [110, 150])
def test_a_scanned_page_gives_its_seal(dpi: int, issued: IssuedFile) -> None:
    assert codes_on_pages(photos.scanned(issued.pdf, dpi)) == [issued.seal_url]


def test_only_so_many_pages_are_looked_at(issued: IssuedFile) -> None:
    book, out = pypdfium2.PdfDocument.new(), BytesIO()
    for _ in range(3):
        book.new_page(300, 300)
    with pypdfium2.PdfDocument(issued.pdf) as document:
        book.import_pages(document)
    book.save(out)
    assert codes_on_pages(out.getvalue(), 3) == []
    assert codes_on_pages(out.getvalue(), 4) == [issued.seal_url]


@pytest.mark.parametrize(("width", "height"), [(595, 842), (842, 595), (14_400, 14_400), (200_000, 3), (0, 0)])
def test_a_page_that_claims_to_be_as_large_as_a_field_is_still_a_small_picture(width: float, height: float) -> None:
    scale = scale_for(width, height)
    assert 0 < scale <= SCAN_DPI / 72
    assert width * height * scale**2 <= PAGE_PIXELS


def test_a_picture_without_a_code_has_none() -> None:
    for picture in (Image.new("RGB", (1200, 900), "white"), Image.effect_noise((800, 600), 90).convert("RGB")):
        assert codes_in_picture(packed(picture), FileKind.JPEG) == []


def test_every_code_of_a_picture_is_told(page: Image.Image, issued: IssuedFile) -> None:
    other = zxingcpp.create_barcode("https://example.org/menu", zxingcpp.BarcodeFormat.QRCode).to_image(scale=8)
    both = page.copy()
    both.paste(Image.frombuffer("L", other.shape[::-1], bytes(memoryview(other))), (100, 100))
    assert set(codes_in_picture(packed(both, "PNG"), FileKind.PNG)) == {issued.seal_url, "https://example.org/menu"}


def test_a_picture_that_claims_too_many_pixels_is_refused_unopened() -> None:
    side = int(MOST_PIXELS**0.5) + 1
    with pytest.raises(TooManyPixels):
        codes_in_picture(bomb(side, side), FileKind.PNG)
    with pytest.raises(TooManyPixels):
        codes_in_picture(bomb(2_000_000_000, 1), FileKind.PNG)
    assert codes_in_picture(bomb(40, 40), FileKind.PNG) == []


@pytest.mark.parametrize("kind", [FileKind.JPEG, FileKind.PNG, FileKind.WEBP])
def test_a_broken_picture_has_no_code(kind: FileKind, page: Image.Image) -> None:
    data = packed(in_size(page, 600), kind.value)
    for broken in (b"", data[:12], data[:200], data[: len(data) // 2], data[:40] + b"\xff" * 400, b"\0" * 5000):
        assert codes_in_picture(broken, kind) == []


def test_a_file_of_another_kind_behind_the_first_bytes_of_a_picture_is_not_opened_as_it_is(page: Image.Image) -> None:
    gif = packed(page, "GIF")
    assert kind_of(gif) is None
    assert codes_in_picture(gif, FileKind.PNG) == []


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"RIFF0000AVI ", b"\0\0\0\x18ftypheic", b"<svg", b"II*\0", b" %PDF-1.7", b"\xff\xd8"]
)
def test_other_kinds_of_files_are_told_by_their_first_bytes(data: bytes) -> None:
    assert kind_of(data) is None


def code_alone(page: Image.Image) -> Image.Image:
    width, height = page.size
    return page.crop((int(width * 0.65), int(height * 0.73), width, int(height * 0.92)))


def see_through(page: Image.Image) -> Image.Image:
    ink = page.convert("L").point([255 - value for value in range(256)])
    layer = Image.new("RGBA", page.size, (20, 20, 90, 0))
    layer.putalpha(ink)
    return layer


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is as large as that."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
