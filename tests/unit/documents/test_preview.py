"""A preview is the paper that would be issued, and cannot be taken for one."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pypdfium2
import pytest
from PIL import Image

from services.documents.codes import FileKind, codes_in_picture, codes_on_pages
from services.documents.domain.paper import PaperKind, UnprintableText
from services.documents.papers import preview_of
from services.documents.rendering import Renderer
from shared.contracts.applications import OutcomeKind
from tests.integration.test_jobs_again import DOSSIER
from tests.support.papers import a_long_paper, a_paper
from tests.support.pki import ORIGIN, an_office, renderer
from tests.unit.documents.test_paper_rendering import bare

SEALER = an_office().issuer.sealer
MARKS = ("АЛДЫН АЛА КӨРҮҮ — ДОКУМЕНТ ЭМЕС", "ПРЕДВАРИТЕЛЬНЫЙ ПРОСМОТР — НЕ ДОКУМЕНТ", "PREVIEW — NOT A DOCUMENT")
MOST_BYTES = 400 * 1024
LATE = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)  # the first of January in Yekaterinburg


def previewed(paper: object = None) -> bytes:
    given = paper or a_paper()
    return renderer().preview(given, SEALER.void_seal(given))  # type: ignore[arg-type]


def texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [bare(page.get_textpage().get_text_range()) for page in document]


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
@pytest.mark.parametrize("kind", list(PaperKind))
def test_every_page_says_in_three_languages_that_it_is_a_preview(kind: PaperKind, language: str) -> None:
    pages = [*texts(previewed(a_paper(kind, language))), *texts(previewed(a_long_paper(kind, language)))]
    for page in pages:
        assert [mark for mark in MARKS if page.count(bare(mark)) < 3] == []  # across it, above and below


def test_a_preview_says_what_the_paper_will_say_on_as_many_pages() -> None:
    for paper in (a_paper(), a_long_paper()):
        issued = texts(renderer().render(paper, SEALER.seal(paper)))
        preview = texts(previewed(paper))
        assert len(preview) == len(issued)
        said = "".join(preview)
        for mark in MARKS:
            said = said.replace(bare(mark), "")
        for value in (paper.holder.full_name, paper.number, *(fact.value["ky"] for fact in paper.facts)):
            for line in value.splitlines():
                assert bare(line)[:40] in said


def test_a_preview_carries_no_code_and_nothing_that_a_verifier_reads() -> None:
    pdf, picture = previewed(), renderer().preview_picture(a_paper(), SEALER.void_seal(a_paper()))
    assert codes_on_pages(pdf) == []
    assert codes_in_picture(picture, FileKind.PNG) == []
    assert b"eshik:" not in pdf
    assert b"/ByteRange" not in pdf


@pytest.mark.parametrize("kind", list(PaperKind))
def test_the_picture_for_a_screen_is_one_page_and_small(kind: PaperKind) -> None:
    for paper in (a_paper(kind), a_long_paper(kind)):
        data = renderer().preview_picture(paper, SEALER.void_seal(paper))
        with Image.open(BytesIO(data)) as picture:
            assert (picture.format, picture.size) == ("PNG", (909, 1286))
        assert len(data) < MOST_BYTES


def test_the_place_for_the_code_is_as_large_as_the_code_will_be() -> None:
    for paper in (a_paper(), a_long_paper()):
        void, seal = SEALER.void_seal(paper), SEALER.seal(paper)
        assert len(void) == len(seal)
        both = [Renderer._content(renderer(), paper, address)["code"]["side_mm"] for address in (void, seal)]
        assert both[0] == both[1]


def test_a_preview_has_no_number_and_no_check_code_of_its_own() -> None:
    paper = preview_of(DOSSIER, LATE, ORIGIN)
    assert (paper.number, paper.check_code, paper.blank_number) == ("YEK-KU-2027-••••••", "••••••", None)
    assert paper.issued_on.isoformat() == "2027-01-01"


def test_a_preview_shows_where_the_number_of_the_blank_will_stand() -> None:
    dossier = DOSSIER.model_copy(update={"outcome": OutcomeKind.PRINT_ON_BLANK, "valid_days": 30})
    assert preview_of(dossier, LATE, ORIGIN).blank_number == "••••••"
    taken = dossier.model_copy(update={"blank_number": "КБ 0041772"})
    assert preview_of(taken, LATE, ORIGIN).blank_number == "КБ 0041772"
    assert str(preview_of(dossier, LATE, ORIGIN).valid_until) == "2027-01-31"


def test_what_cannot_be_printed_is_named_before_anybody_decides() -> None:
    with pytest.raises(UnprintableText) as error:
        preview_of(DOSSIER.model_copy(update={"holder_name": "漢字"}), LATE, ORIGIN)
    assert error.value.params == {"field": "holder.full_name"}


def test_an_issued_paper_is_not_marked_as_a_preview() -> None:
    paper = replace(a_paper(), revision=2)
    (page,) = texts(renderer().render(paper, SEALER.seal(paper)))
    assert [mark for mark in MARKS if bare(mark) in page] == []
