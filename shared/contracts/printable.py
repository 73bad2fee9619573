"""Which characters a document can show: applications asks before it takes an answer, documents before it gives a number."""

import json
import unicodedata
from pathlib import Path

_DATA = Path(__file__).with_name("printable.json")  # made from the fonts by services/documents/font_coverage.py


def _read() -> frozenset[str]:
    ranges = json.loads(_DATA.read_text(encoding="utf-8"))["ranges"]
    return frozenset(chr(code) for first, last in ranges for code in range(int(first, 16), int(last, 16) + 1))


_PRINTABLE = _read()


def is_printable(text: str) -> bool:
    """Whether every character of the text, in NFC, is one that all our fonts have. Line feeds separate lines."""
    return _PRINTABLE.issuperset(unicodedata.normalize("NFC", text).replace("\n", ""))
