"""Each page in each language: nothing that axe-core finds, no fault, no English left over, and it fits on a narrow phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from babel.messages.pofile import read_po
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Page

from cli.portal_guide import Guide, Language
from cli.portal_leads import NOT_PAGES
from cli.portal_pages import PAGES, PortalPage
from deploy.local.places import CHECKOUT
from tests.browser.accessibility import findings
from tests.browser.opening import DESKTOP, PHONE, Visitor, Visits
from tests.support.prepared import Prepared
from tests.support.stacks import RunningStack
from tests.unit.portal.portal import portal

LANGUAGES: tuple[Language, ...] = ("ky", "ru", "en")
CATALOGUES = ("services/*/locale", "shared/locale")
PLACE = re.compile(r"\{\w+\}")
WORDS = re.compile(r"[A-Za-z][a-z’']+(?: [A-Za-z][a-z’']+)+")
# what is written in the page's own language: a text that says it is in another one is passed over, and so are people's messages
SEEN = """language => {
    const own = element => element.closest('[lang]').lang === language
    const ours = element => own(element) && !element.closest('.eshik-message')
    const texts = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement
        if (!/^(SCRIPT|STYLE|NOSCRIPT)$/.test(element.tagName) && ours(element)) texts.push(walker.currentNode.data)
    }
    for (const name of ['aria-label', 'alt', 'placeholder', 'title'])
        for (const element of document.querySelectorAll(`[${name}]`)) if (ours(element)) texts.push(element.getAttribute(name))
    return [document.title, ...texts].map(text => text.replace(/\\s+/g, ' ').trim()).filter(Boolean)
}"""
SHAPE = """() => ({
    lang: document.documentElement.lang, h1: document.querySelectorAll('h1').length, title: document.title.trim(),
    width: document.scrollingElement.scrollWidth,
    without_form: [...document.querySelectorAll('[form]')].filter(e => !e.form).map(e => e.outerHTML.slice(0, 160))
})"""
TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > 360.5)
    .slice(-3).map(e => e.outerHTML.slice(0, 160))"""


@pytest.fixture(scope="module")
def visits(browser: Any, stack: RunningStack) -> Iterator[Visits]:
    made = Visits(browser, stack.pages_url)
    yield made
    made.end()


@pytest.fixture(scope="module")
def visitors() -> list[Visitor]:
    return []


@pytest.fixture(scope="module")
def guide(visits: Visits, visitors: list[Visitor], prepared: Prepared) -> Guide:
    def enter() -> Any:
        visitors.append(visits())
        return visitors[-1].context

    return Guide(prepared.beside, enter)


@pytest.fixture(scope="module")
def titles() -> dict[tuple[str, str], str]:
    """Of which route each title is, by language: states of one page may share it."""
    return {}


def rounds() -> list[Any]:
    """A page's main state in each language; its other states in one each, in turn."""
    found = []
    for number, page in enumerate(PAGES):
        for language in LANGUAGES if not page.state else (LANGUAGES[number % len(LANGUAGES)],):
            found.append(pytest.param(page, language, id=f"{page.name}-{language}"))
    return found


@pytest.mark.parametrize(("wanted", "language"), rounds())
def test_a_page_is_without_fault(
    guide: Guide, visitors: list[Visitor], titles: dict[tuple[str, str], str], wanted: PortalPage, language: Language
) -> None:
    page = guide.open(wanted, language, PHONE)
    shape = page.evaluate(SHAPE)
    assert shape["width"] <= PHONE["width"], f"wider than the phone: {page.evaluate(TOO_WIDE)}"
    assert shape["lang"] == language
    assert shape["h1"] == 1
    assert shape["without_form"] == []  # such a button does nothing
    assert titles.setdefault((language, shape["title"]), wanted.route.rstrip("/")) == wanted.route.rstrip("/"), (
        "two pages, one title"
    )
    if language != "en":
        assert left_in_english(page, language) == []
    if PAGES.index(wanted) % 2:
        page.set_viewport_size(DESKTOP)
    assert findings(page) == []
    for visitor in visitors:
        if wanted.status != 200:
            visitor.watch.allow(rf"{wanted.status} \w+ ")
        assert visitor.watch.faults == []


def test_no_page_of_the_app_is_forgotten() -> None:
    app = portal()
    routes = {route.path for route in iter_route_contexts(app.routes) if route.path and "GET" in (route.methods or ())}
    listed = {page.route for page in PAGES if page.status not in (403, 404)}
    assert routes - listed == set(NOT_PAGES)
    assert listed - routes == set()


def left_in_english(page: Page, language: Language) -> list[str]:
    """Texts of ours that stand there untranslated, and three or more Latin words in a row, wherever they come from."""
    seen = page.evaluate(SEEN, language)
    known = [text for text in seen if any(piece in text for piece in english_pieces(language))]
    latin = [text for text in seen if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,} [a-z]{2,}", text)]
    return sorted({*known, *latin})


@cache
def english_pieces(language: Language) -> tuple[str, ...]:
    """Of every text that has a translation: what stands between its {places}, where it is two words or more."""
    pieces = set()
    for pattern in CATALOGUES:
        for folder in CHECKOUT.glob(pattern):
            for message in read_po((folder / language / "LC_MESSAGES" / "messages.po").open("rb")):
                text = str(message.id)
                if text and text != message.string:
                    pieces |= {piece.strip() for piece in PLACE.split(text) if WORDS.search(piece)}
    return tuple(pieces)
