"""The case of a certificate as its people do it by hand, step by step; test_journey.py puts the steps together."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pypdfium2
import zxingcpp
from babel import Locale
from playwright.sync_api import Locator, expect

from tests.browser.somebody import Somebody

SERVICE = "Certificate of consular registration"
CITIZEN, FIRST_OFFICER, SECOND_OFFICER = "Айгерим Токтобекова", "Нурлан Бейшеев", "Эрмек Жумабаев"
COUNTRY = "RU"
DPI = 150
Answers = tuple[Callable[[Somebody], None], ...]


def _country(who: Somebody) -> None:
    who.pick("Country of stay", Locale(who.language).territories[COUNTRY])


def _write(label: str, text: str, *, optional: bool = False) -> Callable[[Somebody], None]:
    return partial(Somebody.write, msgid=label, text=text, optional=optional)


# what is answered on each page of the form
STEPS: dict[str, Answers] = {
    "Your name": (_write("Full name", CITIZEN), _write("Full name in Latin letters", "AIGERIM TOKTOBEKOVA")),
    "Your date of birth": (partial(Somebody.date, msgid="Date of birth", iso="1990-04-23"),),
    "Your PIN and your passport": (_write("Number of your passport or ID card", "AC1234567"),),
    "Your registration": (partial(Somebody.choose, msgid="Temporary"),),
    "Where you live abroad": (_country, _write("Address abroad", "Екатеринбург ш., Ынтымак көчөсү, 12-үй")),
    "Your phone number": (_write("Phone number in the country of stay", "+70000000101", optional=True),),
}
PASSPORT, PHOTO = "Copy of your passport or ID card", "Colour photograph of yourself"
DOWNLOAD = "Download the document (PDF, {size})"


@dataclass(frozen=True)
class Printed:
    """What stands on the paper."""

    number: str
    issued_on: str
    check_code: str


def sign_in(who: Somebody, name: str) -> None:
    who.is_at("Sign in")
    who.hands.choose(who.main.get_by_role("radio", name=name, exact=True))
    who.press("Sign in")


def begin(citizen: Somebody) -> None:
    """From the first page to the draft."""
    citizen.visitor.watch.allow(r"401 GET .*/applications/begin")
    citizen.follow("Apply for a document")
    citizen.follow(SERVICE)
    citizen.press("Begin now")
    sign_in(citizen, CITIZEN)
    citizen.is_at("Begin your application")
    citizen.press("Begin")


def fill_in(citizen: Somebody, picture: Path) -> None:
    citizen.press("Start")
    for title, answers in STEPS.items():
        citizen.is_at(title)
        for answer in answers:
            answer(citizen)
        citizen.press("Save and continue")
    citizen.is_at(PASSPORT)
    citizen.attach("Choose a file or take a photo", picture)
    citizen.press("Save and continue")
    citizen.is_at(PHOTO)  # who applies from a distance may add one
    citizen.press("Save and continue")


def send(citizen: Somebody) -> str:
    """Out: the reference. Ends where the citizen sees where the case stands."""
    citizen.is_at("Check your answers, then send")
    citizen.reads(CITIZEN)
    citizen.press("Send")
    citizen.is_at("Your application is sent")
    reference = citizen.main.locator(".govuk-panel .eshik-nums").inner_text()
    citizen.press("See where it stands")
    citizen.reads("It waits for an officer of the post to take it")
    return reference


def go_to_work(officer: Somebody, name: str) -> None:
    officer.visitor.watch.allow(r"401 GET .*/officer")
    officer.follow("To the queue of your post")
    sign_in(officer, name)


def leave(who: Somebody) -> None:
    """The next one at the same desk begins at the first page."""
    who.hands.press(who.page.get_by_role("banner").get_by_role("button", name=who.say("Sign out")))
    who.is_at("Documents from your consulate, from wherever you are")


def find(officer: Somebody, reference: str) -> None:
    officer.write("Find by reference", reference)
    officer.press("Find")
    expect(officer.page.get_by_role("heading", level=1)).to_contain_text(reference)


def propose(officer: Somebody, reference: str) -> None:
    find(officer, reference)
    officer.press("Take this case")
    officer.reads("You have taken the case. Compare the answers with the papers, then propose a decision.")
    officer.reads(CITIZEN)
    _is_drawn(officer.main.get_by_role("img", name=officer.say("The attached picture. Open it in full in a new tab.")))
    officer.press("Propose to approve")
    officer.reads("Your proposal is made. Another officer decides.")


def approve(officer: Somebody, reference: str) -> None:
    find(officer, reference)
    _is_drawn(officer.main.get_by_role("img", name=officer.say("Preview of the first page. Open it in full in a new tab.")))
    officer.press("Approve…")
    officer.is_at("Approve this application?")
    officer.press("Approve")
    officer.reads("The application is approved.")


def fetch(citizen: Somebody, printed: Printed, folder: Path) -> Path:
    """The document's file; what is printed on it is told on the page, too."""
    citizen.reads("How others can check it")
    for value in (printed.number, printed.check_code):
        expect(citizen.main.get_by_text(value, exact=True)).to_be_visible()
    return citizen.download(DOWNLOAD, folder)


def check_printed(anyone: Somebody, printed: Printed) -> None:
    anyone.follow("Check a document")
    type_printed(anyone, printed)


def type_printed(anyone: Somebody, printed: Printed) -> None:
    anyone.write("Document number", printed.number, before="1. ")
    anyone.date("Date of issue", printed.issued_on, before="2. ")
    anyone.write("Check code", printed.check_code, before="3. ")
    anyone.press("Check it")
    anyone.is_at("This document is in force")


def check_picture(anyone: Somebody, picture: Path) -> None:
    """The code also says whose document it is."""
    anyone.attach("Picture of the square code, or the PDF that was sent to you", picture)
    anyone.press("Check the picture or file")
    anyone.is_at("The code is genuine, and the document is in force")
    expect(anyone.main.get_by_text(re.compile(CITIZEN, re.IGNORECASE)).first).to_be_visible()


def photograph(file: Path) -> Path:
    """The page with the code."""
    picture = file.with_suffix(".png")
    with pypdfium2.PdfDocument(file.read_bytes()) as document:
        document[len(document) - 1].render(scale=DPI / 72).to_pil().save(picture)
    return picture


def address_in_code(picture: Path) -> str:
    """What a phone's camera reads off the paper."""
    from PIL import Image

    with Image.open(picture) as image:
        return next(code.text for code in zxingcpp.read_barcodes(image) if "/v/#" in code.text)


def _is_drawn(picture: Locator) -> None:
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 100
