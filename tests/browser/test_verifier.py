"""Whoever holds a paper checks it: by what is printed, by its code, by a picture or its file."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from services.documents.codes import codes_on_pages
from tests.browser.accessibility import axe
from tests.browser.opening import PHONE, Visitor, Visits
from tests.support.stacks import RunningStack

IN_FORCE = {"ky": "Бул документ күчүндө", "ru": "Этот документ действует", "en": "This document is in force"}

BY_CODE = {
    "ky": "Код чыныгы, документ күчүндө",
    "ru": "Код подлинный, документ действует",
    "en": "The code is genuine, and the document is in force",
}


@dataclass(frozen=True)
class Issued:
    """A document that this stack issued. seal: what its code has behind the #."""

    number: str
    day: str
    month: str
    year: str
    check_code: str
    seal: str
    pdf: Path


@pytest.fixture(scope="module")
def issued(stack: RunningStack) -> Issued:
    told = stack.eshik("demo", "--json")
    assert told.returncode == 0, told.stderr
    document = json.loads(told.stdout.splitlines()[-1])["document"]
    row = stack.rows("documents", "documents", {"numbering.number": document["number"]})[0]["numbering"]
    year, month, day = str(row["issued_on"])[:10].split("-")
    pdf = Path(document["pdf"])
    seal = codes_on_pages(pdf.read_bytes())[0].partition("#")[2]
    return Issued(row["number"], day, month, year, row["check_code"], seal, pdf)


def write(page: Page, issued: Issued, *, check_code: str | None = None) -> None:
    page.locator("#number").fill(issued.number.lower().replace("-", " "))  # as people type
    for name in ("day", "month", "year"):
        page.locator(f"#issued_on-{name}").fill(getattr(issued, name).lstrip("0"))
    page.locator("#check_code").fill(issued.check_code if check_code is None else check_code)
    page.locator("form[action='/v'] button").click()


def send(page: Page, file: Path) -> None:
    page.goto("/v")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("form[action='/v/file'] button.govuk-button").click()


def says(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"


def test_what_is_printed_is_checked_without_scripts_and_mistakes_keep_what_was_typed(visit: Visits, issued: Issued) -> None:
    visitor = visit(viewport=PHONE, javascript=False, language="ky")
    visitor.watch.allow("422 POST .*/v$")
    page = visitor.open("/v")
    write(page, issued, check_code="")
    expect(page.locator("#check_code-error")).to_be_visible()
    expect(page.locator("#number")).to_have_value(issued.number.lower().replace("-", " "))
    page.locator(".govuk-error-summary a").click()
    assert page.url.endswith("/v#check_code")
    write(page, replace(issued, year=issued.year[2:]))
    expect(page.locator("#issued_on-error")).to_contain_text("төрт сан менен")
    page.locator(".govuk-error-summary a").click()
    assert page.url.endswith("/v#issued_on-year")
    write(page, issued, check_code="00000-00000")
    says(page, "Мындай документ жок")
    write(page, issued)  # on the same page, what was typed is there to be put right
    says(page, IN_FORCE["ky"])
    expect(page.get_by_text(issued.number)).to_be_visible()
    expect(page.get_by_text("AIGERIM")).to_have_count(0)
    assert page.url.endswith("/v")
    fits(page)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_code_leads_a_phone_to_the_answer_and_stays_in_no_address(visit: Visits, issued: Issued, language: str) -> None:
    visitor: Visitor = visit(viewport=PHONE, language=language)  # type: ignore[arg-type]
    asked: list[str] = []
    visitor.context.on("request", lambda request: asked.append(request.url))
    page = visitor.open(f"/v/#{issued.seal}")
    says(page, BY_CODE[language])
    expect(page.get_by_text("AIGERIM TOKTOBEKOVA")).to_be_visible()
    assert page.url.endswith("/v/seal")
    assert not [url for url in asked if issued.seal[:40] in url.partition("#")[0]]
    axe(page)
    fits(page)
    page.go_back()  # the address that was scanned is in no history
    assert issued.seal[:40] not in page.url


def test_a_code_of_somebody_else_is_told_apart(visit: Visits, issued: Issued) -> None:
    page = visit(viewport=PHONE).open(f"/v/#{issued.seal[:-6]}AAAAAA")
    says(page, "This is not a document of ours")
    expect(page.get_by_text("AIGERIM")).to_have_count(0)
    axe(page)


def test_without_scripts_the_address_of_the_code_says_what_to_type(visit: Visits, issued: Issued) -> None:
    page = visit(javascript=False).open(f"/v/#{issued.seal}")
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.get_by_label("Document number")).to_be_visible()


def test_the_file_a_changed_file_a_picture_and_nothing_are_told_apart(visit: Visits, issued: Issued, tmp_path: Path) -> None:
    visitor = visit()
    visitor.watch.allow("422 POST .*/v/file$", "415 POST .*/v/file$")
    page = visitor.open("/v")
    axe(page)
    send(page, issued.pdf)
    says(page, IN_FORCE["en"])
    expect(page.get_by_text("unchanged")).to_be_visible()
    send(page, changed(issued.pdf, tmp_path / "changed.pdf"))
    says(page, "This file was changed")
    send(page, picture(issued.pdf, tmp_path / "photo.jpg"))
    says(page, BY_CODE["en"])
    expect(page.get_by_text("Only the code was checked. The rest")).to_be_visible()
    for name, words in (("blank.png", "The code cannot be read"), ("blank.pdf", "Nothing in this file is ours")):
        Image.new("RGB", (300, 300), "white").save(tmp_path / name)
        send(page, tmp_path / name)
        says(page, words)
    expect(page.get_by_text("in good light")).to_have_count(0)
    (tmp_path / "letter.txt").write_text("Nothing to see")
    send(page, tmp_path / "letter.txt")
    expect(page.locator("#file-error")).to_contain_text("JPEG, PNG or WebP")
    axe(page)


NOT_THE_FILE = {
    "ky": "Бул берилген файл эмес. Андагы код чыныгы",
    "ru": "Это не тот файл, который был выдан. Код в нём подлинный",
    "en": "This is not the issued file. The code in it is genuine",
}


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_copy_of_the_paper_saved_as_pdf_is_not_said_to_be_in_force(
    visit: Visits, issued: Issued, tmp_path: Path, language: str
) -> None:
    page = visit(viewport=PHONE, language=language).open("/v")  # type: ignore[arg-type]
    send(page, picture(issued.pdf, tmp_path / "copy.pdf"))
    says(page, NOT_THE_FILE[language])
    expect(page.locator(".eshik-verdict--good")).to_have_count(0)
    expect(page.get_by_text("AIGERIM TOKTOBEKOVA")).to_be_visible()  # what the code says is there to be compared
    axe(page)
    fits(page)


def changed(pdf: Path, to: Path) -> Path:
    content = bytearray(pdf.read_bytes())
    content[5000] ^= 1
    to.write_bytes(content)
    return to


def picture(pdf: Path, to: Path) -> Path:
    with pypdfium2.PdfDocument(pdf) as document:
        document[0].render(scale=2).to_pil().convert("RGB").save(to)
    return to
