"""What a rendered paper is: the same bytes each time, our fonts only, every name whole, or an error that names the field."""

import re
from dataclasses import replace

import pypdfium2
import pytest

from services.documents.domain.paper import Fact, Paper, PaperKind, UnprintableText
from services.documents.rendering import LEAST_CODE_MM
from shared.texts import LANGUAGES
from tests.support.papers import a_long_paper, a_paper, typed
from tests.support.pki import ORIGIN, renderer

SEAL_URL = f"{ORIGIN}/#" + "A2" * 220
KINDS = list(PaperKind)
MM = 72 / 25.4
LEFT_EDGE, RIGHT_EDGE = 22 * MM, (210 - 22) * MM


def test_the_same_paper_and_seal_give_the_same_bytes() -> None:
    assert renderer().render(a_paper(), SEAL_URL) == renderer().render(a_paper(), SEAL_URL)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_prints_in_every_language_on_one_page(kind: PaperKind, language: str) -> None:
    pdf = renderer().render(a_paper(kind, language), SEAL_URL)
    assert pages(pdf) == 1
    assert b"pdfaid:part" in pdf


@pytest.mark.parametrize("kind", KINDS)
def test_long_names_and_texts_run_on_instead_of_being_cut(kind: PaperKind) -> None:
    paper = a_long_paper(kind)
    pdf = renderer().render(paper, SEAL_URL)
    assert pages(pdf) <= 2
    texts = [paper.holder.full_name, paper.holder.latin_name, *(fact.value["ky"] for fact in paper.facts)]
    for given in "\n".join(texts).splitlines():
        assert has_text(pdf, given[:40])
        assert has_text(pdf, given[-15:])


@pytest.mark.parametrize("word", ["Ң" * 300, "W" * 300, "ТҮҢҮЛҮКБАЕВА-" * 23, "1-" * 150, "Ж/" * 150])
@pytest.mark.parametrize("kind", KINDS)
def test_a_word_without_end_breaks_before_the_edge_of_the_sheet(kind: PaperKind, word: str) -> None:
    paper = a_paper(kind)
    holder = replace(paper.holder, full_name=word[:120], latin_name="W" * 120)
    facts = tuple(replace(fact, value=dict.fromkeys(fact.value, word)) for fact in paper.facts)
    pdf = renderer().render(replace(paper, holder=holder, facts=facts), SEAL_URL)
    assert has_text(pdf, word[:120])
    assert beside_the_column(pdf) == []


def test_the_letters_of_kyrgyz_come_back_out_of_the_text() -> None:
    pdf = renderer().render(a_paper(), SEAL_URL)
    for text in ("ҢАЗГҮЛ ӨМҮРБЕКОВА", "Үлгү көчөсү", "SPECIMEN", "ҮЛГҮ"):
        assert has_text(pdf, text)


def test_only_our_fonts_are_used_and_all_are_embedded() -> None:
    pdf = renderer().render(a_long_paper(), SEAL_URL)
    names = set(re.findall(rb"/BaseFont/\w{6}\+([\w-]+)", pdf.replace(b" /", b"/").replace(b"/BaseFont /", b"/BaseFont/")))
    assert names
    assert all(name.startswith((b"PTSans", b"PTSerif", b"PTMono")) for name in names)
    assert pdf.count(b"/FontFile2") + pdf.count(b"/FontFile3") >= len(names)


@pytest.mark.parametrize("character", ["王", "🙂", "ﷺ", "ễ", "☎", "а\u0301"])
def test_a_character_our_fonts_lack_is_an_error_that_names_the_field_and_quotes_nothing(character: str) -> None:
    with pytest.raises(UnprintableText) as error:
        with_name(a_paper(), f"НАЗГҮЛ {character}")
    assert error.value.params == {"field": "holder.full_name"}
    assert "НАЗГҮЛ" not in str(error.value)
    assert error.value.__cause__ is None


def test_a_fact_that_cannot_be_printed_is_named_by_its_key() -> None:
    with pytest.raises(UnprintableText) as error:
        replace(a_paper(), facts=(fact("address_abroad", "北京"),))
    assert error.value.params == {"field": "facts.address_abroad"}


@pytest.mark.parametrize("character", ["\u202e", "\u200b", "\x00", "\x07", "\ue000"])
def test_invisible_and_direction_characters_are_refused(character: str) -> None:
    with pytest.raises(UnprintableText):
        with_name(a_paper(), f"НАЗ{character}ГҮЛ")


@pytest.mark.parametrize("name", ['#read("/etc/passwd")', "$x^2$ *bold* _it_", "\\u{41}", '"}],"number":"X', "<b>&amp;</b>"])
def test_markup_in_a_name_is_printed_not_run(name: str) -> None:
    pdf = renderer().render(with_name(a_paper(), name), SEAL_URL)
    assert has_text(pdf, name)


def test_a_letter_typed_in_two_parts_is_the_same_paper() -> None:
    whole, parts = with_name(a_paper(), "АЛ\u0419"), with_name(a_paper(), "АЛИ\u0306")
    assert whole.digest() == parts.digest()
    assert renderer().render(whole, SEAL_URL) == renderer().render(parts, SEAL_URL)


def test_a_fact_nobody_foresaw_keeps_the_label_of_its_form() -> None:
    pdf = renderer().render(replace(a_paper(), facts=(fact("shoe_size", "38"),)), SEAL_URL)
    assert has_text(pdf, "Бут кийим")


def test_a_label_that_cannot_be_printed_is_named_too() -> None:
    with pytest.raises(UnprintableText):
        replace(a_paper(), facts=(replace(fact("shoe_size", "38"), label=dict.fromkeys(LANGUAGES, "鞋")),))


def test_a_text_missing_in_a_language_is_an_error_not_a_gap() -> None:
    with pytest.raises(KeyError):
        renderer().render(replace(a_paper(), facts=(Fact("shoe_size", {"ky": "Бут кийим"}, {"ky": "38"}),)), SEAL_URL)


def test_the_printed_code_is_never_below_40_mm() -> None:
    assert LEAST_CODE_MM >= 40


def fact(key: str, value: str) -> Fact:
    return typed(key, "Бут кийим", "Обувь", "Shoes", value)


def with_name(paper: Paper, name: str) -> Paper:
    return replace(paper, holder=replace(paper.holder, full_name=name))


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def beside_the_column(pdf: bytes) -> list[str]:
    """Letters that reach over the margins, the mark across the sheet aside."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        text = page.get_textpage()
        for index in range(text.count_chars()):
            left, _, right, _ = text.get_charbox(index)
            if not is_of_the_mark(text, index) and (left < LEFT_EDGE - 1 or right > RIGHT_EDGE + 1):
                found.append(text.get_text_range(index, 1))
    return found


def is_of_the_mark(text: pypdfium2.PdfTextPage, index: int) -> bool:
    return bool(pypdfium2.raw.FPDFText_GetCharAngle(text, index) != 0)


def has_text(pdf: bytes, text: str) -> bool:
    """Whether the text can be copied out of the page: line breaks and hyphens at line ends do not count."""
    extracted = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    return bare(text) in bare(extracted)


def bare(text: str) -> str:
    return re.sub(r"[\s\ufffe\u00ad\u200b-]", "", text)
