"""Leads a browser to any page of the portal: signs in as who may see it, chooses the language, does what it takes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Page, ViewportSize

from cli.casework.aside import Aside
from cli.portal_pages import READY, CaseOf, PortalPage, TooManyTries, press

Language = Literal["ky", "ru", "en"]
PICTURE_DPI = 150
LIMIT = 100
ROUNDS = 5


class Guide:
    """One context for each person: who is signed in there stays so, and the language is changed as on the page."""

    def __init__(self, aside: Aside, new_context: Callable[[], BrowserContext]) -> None:
        self._do, self._desk = aside.do, aside.desk
        self._new_context = new_context
        self._open: dict[str, Page] = {}
        self._cases: dict[CaseOf, str] = {}

    def open(self, wanted: PortalPage, language: Language, viewport: ViewportSize) -> Page:
        """The page as it is after all that it takes to see it; the same tab for each page of a person."""
        page = self._open.get(wanted.who) or self._enter(wanted.who)
        page.set_viewport_size(viewport)
        address = wanted.address
        if wanted.case:
            address = address.replace("{application_id}", self._case_id(wanted.case))

        def see() -> None:
            page.goto(f"/language/{language}?next={quote(address)}")
            if wanted.act:
                wanted.act(page, self)

        _patiently(see)
        return page

    @cached_property
    def document(self) -> dict[str, str]:
        """Number, date of issue and check code, as they are printed."""
        found = self._do(self._desk.get(READY[0], self._ready_document, "documents"))
        return {name: str(found[name]) for name in ("number", "issued_on", "check_code")}

    def picture_of_document(self) -> bytes:
        """The page with the code as PNG."""
        import pypdfium2  # here: needed for two pages only

        with tempfile.TemporaryDirectory() as folder:
            with pypdfium2.PdfDocument(self._do(self._desk.file(READY[0], f"{self._ready_document}/file"))) as document:
                picture = document[len(document) - 1].render(scale=PICTURE_DPI / 72).to_pil()
            picture.save(Path(folder) / "page.png")
            return (Path(folder) / "page.png").read_bytes()

    def _enter(self, who: str) -> Page:
        page = self._open[who] = self._new_context().new_page()
        if who:

            def sign_in() -> None:
                page.goto("/sign-in")
                page.locator(f"input[name=account][value='{who}']").check()
                press(page, "form[action='/sign-in']")

            _patiently(sign_in)
        return page

    @cached_property
    def _ready_document(self) -> str:
        """The path of its document."""
        case = self._do(self._desk.get(READY[0], f"/api/applications/{self._case_id(READY)}"))
        return f"/api/documents/{case['document_id']}"

    def _case_id(self, case: CaseOf) -> str:
        if case not in self._cases:
            citizen, _ = case
            for row in self._do(self._desk.get(citizen, f"/api/applications?limit={LIMIT}"))["applications"]:
                self._cases[citizen, row["service"]["id"]] = row["id"]  # the newest come first: the oldest one stays
        return self._cases[case]


def _patiently(act: Callable[[], None]) -> None:
    """Again after the time that the answer names, where it was too much for a minute: this looks at more pages than people do."""
    for _ in range(ROUNDS):
        try:
            return act()
        except TooManyTries as refused:
            time.sleep(refused.wait_s)
    raise TimeoutError("the stack refused to let this in again and again")
