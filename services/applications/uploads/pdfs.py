"""PDFs rebuilt from their pages: scripts, actions, links, forms and files inside them are not in the copy that people look at.

Only inside the cleaning process. A PDF that carries other files is refused: what is inside them nobody looked at.
"""

import io
import zlib
from collections.abc import Iterator
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from services.applications.uploads.told import MOST_PAGES, Refused

MOST_PIXELS: Final = 100_000_000  # of one picture on a page
MOST_UNPACKED: Final = 200_000_000  # bytes, of all that is packed in it
MOST_COPIED: Final = 40_000_000  # bytes of the copy: what lies packed in a file may be many times as much
HAD_ACTIONS: Final = "pdf-had-actions"

_KEPT_OF_A_PAGE: Final = {
    "/Type",
    "/Parent",
    "/Resources",
    "/MediaBox",
    "/CropBox",
    "/Rotate",
    "/Contents",
    "/UserUnit",
    "/Group",
}
_ACTS: Final = ("/JS", "/JavaScript", "/AA", "/OpenAction", "/Launch", "/RichMedia", "/XFA", "/GoToR", "/GoToE", "/ImportData")
_TAKEN_OUT: Final = (
    *_ACTS, "/AF", "/EF", "/Metadata", "/PieceInfo", "/OPI", "/Ref", "/URI", "/Annots", "/PresSteps", "/Measure",
)  # fmt: skip
_CHUNK: Final = 1 << 16


def rebuilt(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The pages in a new file, and findings for the officer. Raises Refused."""
    try:
        with Pdf.open(io.BytesIO(data)) as pdf:
            _must_be_harmless_in_size(pdf)
            _must_carry_no_files(pdf)
            findings = (HAD_ACTIONS,) if any(_acts(each) for each in _dictionaries(pdf)) else ()
            _draw_what_was_filled_in(pdf)
            copy = _copied(pdf)
            if len(copy) > MOST_COPIED:
                raise Refused("pdf-too-much")
            return copy, findings
    except pikepdf.PasswordError:
        raise Refused("pdf-locked") from None
    except (Refused, MemoryError):
        raise
    except Exception:
        raise Refused("unreadable") from None


def _must_be_harmless_in_size(pdf: Pdf) -> None:
    if len(pdf.pages) > MOST_PAGES:
        raise Refused("too-many-pages")
    if not len(pdf.pages):
        raise Refused("unreadable")
    unpacked = 0
    for stream in _streams(pdf):
        width, height = stream.get("/Width", 0), stream.get("/Height", 0)
        if isinstance(width, int) and isinstance(height, int) and width * height > MOST_PIXELS:
            raise Refused("too-many-pixels")
        unpacked += _unpacked_size(stream, MOST_UNPACKED - unpacked)
        if unpacked > MOST_UNPACKED:
            raise Refused("pdf-too-much")


def _unpacked_size(stream: Stream, most: int) -> int:
    """As far as most, and a piece more. Packed several times over: more than anybody needs."""
    packing: Any = stream.get("/Filter", None)
    names = [str(name) for name in packing] if isinstance(packing, Array) else [str(packing)] if packing is not None else []
    if names.count("/FlateDecode") > 1:
        raise Refused("pdf-too-much")
    if names[:1] != ["/FlateDecode"]:
        return 0
    packed, size, unpacking = stream.read_raw_bytes(), 0, zlib.decompressobj()
    while packed and size <= most:
        try:
            size += len(unpacking.decompress(packed, _CHUNK))
        except zlib.error:
            return size
        packed = unpacking.unconsumed_tail
    return size


def _must_carry_no_files(pdf: Pdf) -> None:
    for each in _dictionaries(pdf):
        if (
            "/EF" in each
            or "/AF" in each
            or each.get("/Type") == Name.EmbeddedFile
            or each.get("/Subtype") == Name.FileAttachment
        ):
            raise Refused("pdf-embeds")
        if "/EmbeddedFiles" in each or "/Collection" in each:
            raise Refused("pdf-embeds")


def _acts(each: Any) -> bool:
    return any(key in each for key in _ACTS) or each.get("/S") in (Name.JavaScript, Name.Launch, Name.GoToE, Name.ImportData)


def _draw_what_was_filled_in(pdf: Pdf) -> None:
    """What stands in the fields of a form is drawn on the page; the fields go. A form that cannot be drawn goes too."""
    try:
        if "/AcroForm" in pdf.Root:
            pdf.generate_appearance_streams()
        pdf.flatten_annotations("screen")
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, KeyError):
        return


def _copied(pdf: Pdf) -> bytes:
    for page in pdf.pages:
        for key in set(page.obj.keys()) - _KEPT_OF_A_PAGE:
            del page.obj[key]
    with Pdf.new() as copy:
        copy.pages.extend(pdf.pages)
        for each in _dictionaries(copy):
            for key in _TAKEN_OUT:
                if key in each:
                    del each[key]
            if isinstance(each, Stream):
                for key in ("/F", "/FFilter", "/FDecodeParms"):  # the bytes of a stream lie in the file, and nowhere else
                    if key in each:
                        del each[key]
        out = io.BytesIO()
        copy.save(out, deterministic_id=True)
        return out.getvalue()


def _streams(pdf: Pdf) -> Iterator[Stream]:
    return (each for each in _dictionaries(pdf) if isinstance(each, Stream))


def _dictionaries(pdf: Pdf) -> Iterator[Any]:
    """Every dictionary and stream, also those that lie inside of another one."""
    for each in pdf.objects:
        yield from _within(each, 0)


def _within(each: Any, depth: int) -> Iterator[Any]:
    if depth > 50:
        raise Refused("pdf-too-much")
    if isinstance(each, Dictionary | Stream):
        yield each
        values = [each[key] for key in list(each.keys())]
    elif isinstance(each, Array):
        values = list(each)
    else:
        return
    for value in values:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from _within(value, depth + 1)
