"""Strangers' files, each opened by the very process that opens them in the service: what is harmful is gone or refused."""

import io
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pikepdf
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

from services.applications.uploads import cleaner
from services.applications.uploads.cleaner import Cleaner
from services.applications.uploads.told import Cleaned, Photo, Request
from tests.support.files import one_page_pdf, white_png

JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
PASSPORT = Photo(width_mm=35, height_mm=45, least_pixels=600)
SCRIPT = b"<?php system($_GET['c']); ?><script>alert(1)</script>"


@dataclass(frozen=True)
class Answer:
    told: Cleaned
    shown: bytes
    marked: bytes


async def cleaned(data: bytes, media_type: str, photo: Photo | None = None) -> Answer:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65536):
            yield data[start : start + 65536]

    async with Cleaner().cleaning(pieces(), Request(media_type, len(data), photo)) as result:
        shown = b"".join([piece async for piece in result.shown()])
        return Answer(result.told, shown, b"".join([piece async for piece in result.marked()]))


def jpeg(image: Image.Image, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92, **more)
    return out.getvalue()


def png_of(width: int, height: int, rows: bytes) -> bytes:
    """A PNG that says it is so large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def portrait(background: tuple[int, int, int] = (235, 236, 238), size: tuple[int, int] = (700, 900)) -> Image.Image:
    """A head and shoulders, with edges where a face has them."""
    image = Image.new("RGB", size, background)
    width, height = size
    pen = ImageDraw.Draw(image)
    pen.ellipse((width * 0.3, height * 0.2, width * 0.7, height * 0.7), fill=(190, 150, 130))
    pen.rectangle((width * 0.15, height * 0.72, width * 0.85, height), fill=(40, 60, 90))
    for left in (0.38, 0.55):
        pen.ellipse((width * left, height * 0.38, width * (left + 0.07), height * 0.43), fill=(20, 20, 20))
    pen.line((width * 0.42, height * 0.57, width * 0.58, height * 0.57), fill=(120, 30, 40), width=8)
    return image


async def test_of_a_picture_only_its_points_are_left() -> None:
    exif = Image.Exif()
    exif[0x010E] = "MARKER-DESCRIPTION"
    exif.get_ifd(0x8825)[2] = (42.0, 52.0, 28.0)
    sent = jpeg(portrait(), exif=exif, comment=b"MARKER-COMMENT") + SCRIPT
    result = await cleaned(sent, JPEG)
    assert (result.told.problem, result.told.media_type) == (None, JPEG)
    with Image.open(io.BytesIO(result.shown)) as kept:
        assert not kept.getexif()
        assert kept.size == (700, 900)
    assert not [mark for mark in (b"MARKER", b"<?php", b"<script", b"Exif") if mark in result.shown]


async def test_a_picture_taken_sideways_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    result = await cleaned(jpeg(portrait(size=(900, 700)), exif=exif), JPEG)
    assert Image.open(io.BytesIO(result.shown)).size == (700, 900)


@pytest.mark.parametrize(
    ("name", "data", "media_type", "problem"),
    [
        ("pixel flood", png_of(50_000, 50_000, b"\0" * 1000), PNG, "too-many-pixels"),
        ("a little more than the limit", png_of(8_001, 8_001, b"\0" * 1000), PNG, "too-many-pixels"),
        ("cut off", jpeg(portrait())[:9000], JPEG, "unreadable"),
        ("points that are missing", png_of(400, 400, b"\0" * 1000), PNG, "unreadable"),
        ("svg with a script", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', PNG, "other-type"),
        ("a page behind the first bytes of a picture", b"\xff\xd8\xff" + SCRIPT * 20, JPEG, "unreadable"),
        ("a picture called a PDF", white_png(), PDF, "other-type"),
        ("a PDF called a picture", one_page_pdf(), JPEG, "other-type"),
        ("a ZIP called a PDF", b"PK\x03\x04" + b"\0" * 400, PDF, "other-type"),
        ("a PDF of nothing", b"%PDF-1.7\n" + b"x" * 400, PDF, "unreadable"),
    ],
)
async def test_a_file_that_is_broken_or_not_what_it_says_is_refused(
    name: str, data: bytes, media_type: str, problem: str
) -> None:
    result = await cleaned(data, media_type)
    assert (result.told.problem, result.shown) == (problem, b""), name


def acting_pdf() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    act = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('MARKER')")
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 9, 9],
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI="http://marker.example/"),
    )
    pdf.Root.OpenAction = act
    pdf.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["x", act]))
    pdf.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="MARKER.exe"))
    pdf.pages[0].obj.Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(link)]))
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


async def test_nothing_acts_in_the_copy_of_a_pdf_and_the_officer_is_told() -> None:
    result = await cleaned(acting_pdf(), PDF)
    assert (result.told.problem, result.told.keep_original, result.told.findings) == (None, True, ("pdf-had-actions",))
    with pikepdf.open(io.BytesIO(result.shown)) as plain:
        said = b"".join(each.unparse() for each in plain.objects if isinstance(each, pikepdf.Object))
    left = [mark for mark in (b"/JS", b"/JavaScript", b"/OpenAction", b"/Launch", b"/AA", b"/URI", b"MARKER") if mark in said]
    assert left == []


async def test_what_was_filled_into_a_form_is_drawn_on_the_page_and_the_fields_are_gone() -> None:
    appearance = b"<< /Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << >> /Length 16 >>"
    appearance += b"\nstream\n0 0 100 20 re f \nendstream"
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (x) /Rect [10 10 110 30] /F 4 /P 3 0 R /AP << /N 5 0 R >> >>"
    sent = one_page_pdf(catalog=b"/AcroForm << /Fields [4 0 R] >>", more=(field, appearance))
    sent = sent.replace(b"/Resources << >> >>\nendobj\n4 0", b"/Resources << >> /Annots [4 0 R] >>\nendobj\n4 0", 1)
    result = await cleaned(sent, PDF)
    with pikepdf.open(io.BytesIO(result.shown)) as plain:
        page = plain.pages[0]
        assert "/Annots" not in page.obj
        assert len(page.resources.get("/XObject", {})) == 1


def embedding_pdf(*, packed: bool) -> bytes:
    """The file that the test signature of scanners is known by, inside a PDF, where a scanner does not see it."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["eicar.com"] = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    out = io.BytesIO()
    pdf.save(out, compress_streams=packed)
    return out.getvalue()


@pytest.mark.parametrize("packed", [False, True])
async def test_a_pdf_with_a_file_inside_is_refused(packed: bool) -> None:
    assert (await cleaned(embedding_pdf(packed=packed), PDF)).told.problem == "pdf-embeds"


async def test_a_pdf_under_a_password_is_refused() -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    assert (await cleaned(out.getvalue(), PDF)).told.problem == "pdf-locked"


async def test_a_pdf_that_unpacks_to_more_than_anybody_needs_is_refused() -> None:
    packing = zlib.compressobj(9)
    bomb = b"".join(packing.compress(bytes(1_000_000)) for _ in range(250)) + packing.flush()
    stream = b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(bomb) + bomb + b"\nendstream"
    sent = one_page_pdf(more=(stream,)).replace(b"/Resources << >>", b"/Contents 4 0 R /Resources << >>", 1)
    assert len(sent) < 400_000
    assert (await cleaned(sent, PDF)).told.problem == "pdf-too-much"


@pytest.mark.parametrize("data", [b"memory", b"time"])
async def test_a_file_that_takes_all_there_is_ends_its_process_and_cannot_be_used(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaner, "PROGRAM", "tests.support.greedy")
    assert (await cleaned(data, PNG)).told.problem == "unreadable"


async def test_the_process_that_opens_files_is_given_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner, "PROGRAM", "tests.support.greedy")
    monkeypatch.setenv("ESHIK_SERVICE_SECRET", "a secret")
    assert [name for name in (await cleaned(b"tell", PNG)).told.findings if name.startswith("ESHIK")] == []


async def test_a_usable_photograph_has_no_findings_and_no_marked_picture() -> None:
    result = await cleaned(jpeg(portrait()), JPEG, PASSPORT)
    assert (result.told.findings, result.marked) == ((), b"")


def busy() -> Image.Image:
    image = portrait()
    pen = ImageDraw.Draw(image)
    for x in range(0, 200, 80):
        pen.rectangle((x, 0, x + 40, 300), fill=(160, 200, 120))
    return image


@pytest.mark.parametrize(
    ("finding", "image"),
    [
        ("photo-too-small", portrait(size=(350, 450))),
        ("photo-wrong-shape", portrait(size=(900, 900))),
        ("photo-blurred", portrait().filter(ImageFilter.GaussianBlur(7))),
        ("photo-dark-background", portrait(background=(120, 120, 125))),
        ("photo-busy-background", busy()),
    ],
)
async def test_what_is_wrong_with_a_photograph_is_named_and_shown(finding: str, image: Image.Image) -> None:
    result = await cleaned(jpeg(image), JPEG, PASSPORT)
    assert finding in result.told.findings
    marked = Image.open(io.BytesIO(result.marked))
    assert (marked.format, marked.height) == ("JPEG", 640)
    if finding != "photo-too-small":  # nothing to point at
        differs = ImageChops.difference(marked.convert("RGB"), image.resize(marked.size))
        assert max(ImageStat.Stat(differs).stddev) > 5
