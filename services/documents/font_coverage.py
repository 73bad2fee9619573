"""Which characters all our fonts can print: makes shared/contracts/printable.json.

To be run again whenever a font changes: .eshik/venv/bin/python -m services.documents.font_coverage
"""

import json
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

FONTS = Path(__file__).parent / "templates" / "fonts"
DATA = Path(__file__).parents[2] / "shared" / "contracts" / "printable.json"
SEGMENTS = 4  # the cmap format for the Basic Multilingual Plane; our fonts have no other for Unicode
# controls, direction overrides, private use, unassigned; marks that join a letter; separators
LEFT_OUT = ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Zl", "Zp")
LAST = 0xFFFF  # the segment that ends the table


def printable_ranges() -> list[tuple[int, int]]:
    """First and last code point of each run that every font has a glyph for, alone and in NFC.

    Left out: invisible characters, and combining marks, because an accent that does not compose lands where it likes.
    """
    shared = set.intersection(*(set(_characters(path.read_bytes())) for path in sorted(FONTS.glob("*.ttf"))))
    return list(_runs(sorted(code for code in shared if _stands_alone(chr(code)))))


def as_file(ranges: Iterable[tuple[int, int]]) -> str:
    rows = ",\n".join(f'    ["{first:04X}", "{last:04X}"]' for first, last in ranges)
    remark = "Made from the fonts of services/documents by services/documents/font_coverage.py: do not edit."
    return f'{{\n  "remark": {json.dumps(remark)},\n  "ranges": [\n{rows}\n  ]\n}}\n'


def _stands_alone(character: str) -> bool:
    return unicodedata.category(character) not in LEFT_OUT and unicodedata.is_normalized("NFC", character)


def _characters(font: bytes) -> Iterator[int]:
    """The code points of an OpenType font's Unicode cmap that have a glyph."""
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    table = _unicode_table(font, tables[b"cmap"])
    size = struct.unpack_from(">H", font, table + 6)[0]  # bytes of each of the four arrays
    ends, starts = table + 14, table + 16 + size
    for at in range(0, size, 2):
        first, last = struct.unpack_from(">H", font, starts + at)[0], struct.unpack_from(">H", font, ends + at)[0]
        delta = struct.unpack_from(">H", font, starts + size + at)[0]
        place = starts + 2 * size + at
        offset = struct.unpack_from(">H", font, place)[0]
        for code in range(first, last + 1):
            glyph = struct.unpack_from(">H", font, place + offset + 2 * (code - first))[0] if offset else code
            if code != LAST and (not offset or glyph) and (glyph + delta) % 0x10000:
                yield code


def _unicode_table(font: bytes, cmap: int) -> int:
    """Errors: ValueError for a font with another kind of table."""
    for number in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * number)
        if (platform, encoding) == (3, 1) and struct.unpack_from(">H", font, cmap + offset)[0] == SEGMENTS:
            return int(cmap + offset)
    raise ValueError("the font has no Unicode cmap of format 4")


def _runs(codes: Iterable[int]) -> Iterator[tuple[int, int]]:
    for _, run in groupby(enumerate(codes), key=lambda pair: pair[1] - pair[0]):
        members = [code for _, code in run]
        yield members[0], members[-1]


if __name__ == "__main__":
    DATA.write_text(as_file(printable_ranges()), encoding="utf-8")
