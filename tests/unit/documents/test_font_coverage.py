"""The list of printable characters that applications checks against is what our fonts print: no more and no less."""

from dataclasses import replace

import pypdfium2

from services.documents.font_coverage import DATA, as_file, printable_ranges
from shared.contracts.printable import is_printable
from tests.support.papers import a_paper, typed
from tests.support.pki import ORIGIN, renderer


def test_the_committed_list_is_what_the_fonts_cover() -> None:
    assert DATA.read_text(encoding="utf-8") == as_file(printable_ranges()), "run python -m services.documents.font_coverage"


def test_every_character_of_the_list_is_printed_and_can_be_copied_out() -> None:
    signs = [chr(code) for first, last in printable_ranges() for code in range(first, last + 1)]
    facts = (typed("signs", "Белги", "Знак", "Signs", " ".join(signs)),)
    holder = replace(a_paper().holder, full_name="".join(sign for sign in signs if sign.isalpha()))
    pdf = renderer().render(replace(a_paper(), facts=facts, holder=holder), f"{ORIGIN}/#" + "A2" * 220)
    extracted = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    assert {sign for sign in signs if sign not in extracted} <= {"\ufb01", "\ufb02"}  # ligatures are copied as fi and fl


def test_an_accent_that_does_not_compose_is_not_printable() -> None:
    assert is_printable("\u0418\u0306")  # Й in two parts
    assert not is_printable("\u0430\u0301")
    assert is_printable("Ңанаева\nӨмүрбек")
    assert not is_printable("\u200b")
    assert is_printable("")
