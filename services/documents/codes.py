"""Reads QR codes off pictures and pages that anybody may send: as phones, scanners and print programs make them."""

import time
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from io import BytesIO

import pypdfium2
import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps

SCAN_DPI = 200
MOST_PAGES = 50  # of a file that its own holder judges; the public route reads fewer
MOST_PIXELS = 65_000_000  # the largest phone pictures; stated in the file's head, refused before anything is unpacked
WORKING_SIDE = 4000  # pixels: finer than a code of 42 mm on a page needs
PAGE_PIXELS = 12_000_000
SMALL_SIDE = 1000
PATIENCE_S = 2.0  # of processor time for all tries at one file

QR_CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


class FileKind(StrEnum):
    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    PDF = "PDF"


class TooManyPixels(Exception):
    """The picture says of itself that it is larger than we unpack."""


def kind_of(data: bytes) -> FileKind | None:
    """By its first bytes; what it is called or said to be does not count."""
    if data.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return FileKind.WEBP
    return FileKind.PDF if data.startswith(b"%PDF-") else None


def codes_on_pages(pdf: bytes, most_pages: int = MOST_PAGES) -> Sequence[str]:
    """The text of every QR on the pages, read off pictures as a scanner would see them. Errors: none; [] if unreadable."""
    codes: list[str] = []
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            for number in range(min(len(document), most_pages)):
                codes += _codes_on(document[number])
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return []
    return codes


def codes_in_picture(data: bytes, kind: FileKind) -> Sequence[str]:
    """The texts of the QRs of a picture; it is tried in several ways until one of them shows something.

    Raises TooManyPixels. Errors: none else; [] for what is no picture, or is broken.
    """
    try:
        with Image.open(BytesIO(data), formats=[kind.value]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise TooManyPixels
            grey = _grey(picture)
    except (TooManyPixels, Image.DecompressionBombError):
        raise TooManyPixels from None
    except Exception:  # a file made by anyone: decoders have no common base for what they may raise
        return []
    return _first_found(grey)


def _codes_on(page: pypdfium2.PdfPage) -> Sequence[str]:
    return _read(page.render(scale=scale_for(*page.get_size()), grayscale=True).to_pil())


def scale_for(width: float, height: float) -> float:
    """Pixels a point: a scanner's, or fewer for a page that claims to be as large as a field. In: points."""
    return float(min(SCAN_DPI / 72, (PAGE_PIXELS / max(width * height, 1)) ** 0.5))


def _grey(picture: Image.Image) -> Image.Image:
    """Upright, in shades of grey on white, and no larger than the readers need."""
    picture.draft("L", (WORKING_SIDE, WORKING_SIDE))  # a JPEG is then unpacked at half, a quarter or an eighth of its size
    turned = ImageOps.exif_transpose(picture)
    if turned.has_transparency_data:
        turned = turned.convert("RGBA")
        turned = Image.alpha_composite(Image.new("RGBA", turned.size, "white"), turned)
    grey = turned.convert("L")
    grey.thumbnail((WORKING_SIDE, WORKING_SIDE))
    return grey


def _first_found(grey: Image.Image) -> Sequence[str]:
    for look in _LOOKS:
        for seen in look(grey):
            if codes := _read(seen):
                return codes
            if time.process_time() > PATIENCE_S:
                return []
    return []


def _read(picture: Image.Image) -> Sequence[str]:
    found: list[str] = []
    for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
        if found := [code.text for code in zxingcpp.read_barcodes(picture, QR_CODES, binarizer=binarizer)]:
            break
    return found


def _as_it_is(grey: Image.Image) -> Iterator[Image.Image]:
    yield grey


def _smaller(grey: Image.Image) -> Iterator[Image.Image]:
    """Noise and the grid of a screen vanish."""
    for side in (2000, 1400):
        if max(grey.size) > side:
            yield ImageOps.contain(grey, (side, side), Image.Resampling.BOX)


def _larger(grey: Image.Image) -> Iterator[Image.Image]:
    if max(grey.size) <= SMALL_SIDE * 2:
        yield grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.BICUBIC)


def _evened_out(grey: Image.Image) -> Iterator[Image.Image]:
    """A shadow across the paper, or little ink: each place against what is around it."""
    part = ImageOps.contain(grey, (2800, 2800)) if max(grey.size) > 2800 else grey
    yield ImageOps.autocontrast(part.filter(ImageFilter.MedianFilter(3)), cutoff=2)
    around = part.filter(ImageFilter.BoxBlur(max(part.size) // 40))
    yield ImageChops.subtract(part, around, scale=0.5, offset=140)


def _sharper(grey: Image.Image) -> Iterator[Image.Image]:
    yield grey.filter(ImageFilter.UnsharpMask(radius=4, percent=250, threshold=0))


_LOOKS: Sequence[Callable[[Image.Image], Iterator[Image.Image]]] = (_as_it_is, _smaller, _larger, _evened_out, _sharper)
