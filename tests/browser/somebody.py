"""A person before the portal: finds things by what is written on them in their language, and uses them with their own hands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from playwright.sync_api import Download, Locator, Page, expect

from deploy.local.places import CHECKOUT
from shared.texts import Texts
from tests.browser.hands import Hands, Keyboard, Mouse, Thumb
from tests.browser.opening import PHONE, Language, Visitor, Visits

SPEAK = ("documents", "identity", "applications", "portal")  # of the last one that knows a text


@cache
def texts() -> Texts:
    return Texts.load(*(CHECKOUT / "services" / name / "locale" for name in SPEAK))


@dataclass
class Somebody:
    """msgid: the English text of what is looked for; it is looked for in the person's language."""

    visitor: Visitor
    language: Language
    page: Page
    hands: Hands
    main: Locator = field(init=False)

    def __post_init__(self) -> None:
        self.main = self.page.get_by_role("main")

    def say(self, msgid: str, **params: str | int) -> str:
        return texts().translate(msgid, self.language, **params)

    def follow(self, msgid: str) -> None:
        self.hands.press(self.main.get_by_role("link", name=self.say(msgid), exact=True))

    def open(self, words: str) -> None:
        """A link with these words in it, in any language, as a reference."""
        self.hands.press(self.main.get_by_role("link", name=re.compile(re.escape(words))).first)

    def press(self, msgid: str) -> None:
        self.hands.press(self.button(msgid))

    def button(self, msgid: str) -> Locator:
        """Without what stands in the text's {places} and after."""
        begin = re.escape(self.say(msgid).partition("{")[0])
        return self.main.get_by_role("button", name=re.compile(f"^{begin}{'' if '{' in msgid else '$'}"))

    def choose(self, msgid: str) -> None:
        self.hands.choose(self.main.get_by_role("radio", name=self.say(msgid), exact=True))

    def write(self, msgid: str, text: str, *, before: str = "", optional: bool = False) -> None:
        self.hands.write(self._field("textbox", msgid, before=before, optional=optional), text)

    def date(self, msgid: str, iso: str, *, before: str = "") -> None:
        group = self.main.get_by_role("group", name=before + self.say(msgid), exact=True)
        year, month, day = (part.lstrip("0") for part in iso.split("-"))
        for name, part in (("Day", day), ("Month", month), ("Year", year)):
            self.hands.write(group.get_by_role("textbox", name=self.say(name), exact=True), part)

    def pick(self, msgid: str, option: str) -> None:
        self.hands.pick(self._field("combobox", msgid), option)

    def attach(self, msgid: str, file: Path) -> None:
        self.hands.attach(self.main.get_by_label(self.say(msgid)), file)

    def download(self, msgid: str, folder: Path) -> Path:
        with self.page.expect_download() as begun:
            self.press(msgid)
        return _kept(begun.value, folder)

    def reads(self, msgid: str) -> None:
        """On the page, within a while."""
        expect(self.main.get_by_text(self.say(msgid)).first).to_be_visible()

    def is_at(self, msgid: str) -> None:
        """Where the page's heading says so."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(self.say(msgid))

    def _field(self, role: str, msgid: str, *, before: str = "", optional: bool = False) -> Locator:
        label = before + self.say(msgid) + (f" {self.say('(optional)')}" if optional else "")
        return self.main.get_by_role(role, name=label, exact=True)  # type: ignore[arg-type]


def somebody(
    visit: Visits, language: Language, *, phone: bool = False, javascript: bool = True, keyboard: bool = False
) -> Somebody:
    """Before the first page of the portal."""
    visitor = (
        visit(viewport=PHONE, language=language, javascript=javascript)
        if phone
        else visit(language=language, javascript=javascript)
    )
    page = visitor.open(f"/language/{language}?next=/")  # chosen: signing in would else bring the account's own language
    hands: Hands = Keyboard(page) if keyboard else Thumb(page) if phone else Mouse(page)
    return Somebody(visitor, language, page, hands)


def _kept(download: Download, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / download.suggested_filename
    download.save_as(file)
    return file
