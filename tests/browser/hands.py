"""What a person works a page with: a mouse, a thumb, or the keyboard alone. Each does the same five things."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from playwright.sync_api import Locator, Page

MOST_TABS = 60
IS_FOCUSED = "element => element === document.activeElement"
# on the element itself, or, as of a radio, on what is drawn before its label
FOCUS_IS_SEEN = """() => {
    const element = document.activeElement
    const marked = style => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'
    const label = element.nextElementSibling
    const box = element.getBoundingClientRect()
    const inside = box.bottom > 0 && box.top < innerHeight
    return inside && (marked(getComputedStyle(element)) || (label !== null && marked(getComputedStyle(label, '::before'))))
}"""


class Hands(Protocol):
    def press(self, target: Locator) -> None: ...

    def choose(self, radio: Locator) -> None: ...

    def write(self, field: Locator, text: str) -> None: ...

    def pick(self, field: Locator, option: str) -> None: ...

    def attach(self, field: Locator, file: Path) -> None: ...


class Mouse:
    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def choose(self, radio: Locator) -> None:
        radio.check()

    def write(self, field: Locator, text: str) -> None:
        field.click()
        field.fill(text)

    def pick(self, field: Locator, option: str) -> None:
        field.select_option(label=option)

    def attach(self, field: Locator, file: Path) -> None:
        with self.page.expect_file_chooser() as asked:
            self.press(field)
        asked.value.set_files(file)


class Thumb(Mouse):
    def press(self, target: Locator) -> None:
        target.tap()

    def choose(self, radio: Locator) -> None:
        radio.tap()

    def write(self, field: Locator, text: str) -> None:
        field.tap()
        field.fill(text)


class Keyboard:
    """Gets everywhere by Tab, without a pointer. Raises AssertionError where it cannot, or where the focus is not seen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._keys = page.keyboard
        # from the beginning: a key is so quick that the dialog would else open before it is looked out for
        page.on("filechooser", lambda _chooser: None)

    def press(self, target: Locator) -> None:
        self._reach(target)
        is_link = target.evaluate("element => element.tagName === 'A' && element.getAttribute('role') !== 'button'")
        self._keys.press("Enter" if is_link else "Space")

    def choose(self, radio: Locator) -> None:
        """A group of radios is one stop of Tab; the arrows move within it."""
        name = radio.get_attribute("name")
        self._tab_until(f"() => document.activeElement.name === '{name}'", radio)
        if radio.evaluate(IS_FOCUSED):
            self._keys.press("Space")
        for _ in range(MOST_TABS):
            if radio.evaluate(IS_FOCUSED):
                assert radio.is_checked()
                return
            self._keys.press("ArrowDown")
        raise AssertionError(f"the arrows do not lead to {radio}")

    def write(self, field: Locator, text: str) -> None:
        self._reach(field)
        self._keys.press("Control+A")
        self._keys.type(text)

    def pick(self, field: Locator, option: str) -> None:
        """By its first letters, as a list of countries is used."""
        self._reach(field)
        self._keys.type(option)
        chosen = field.evaluate("element => element.selectedOptions[0].text")
        assert chosen == option, f"typing {option} chose {chosen}"

    def attach(self, field: Locator, file: Path) -> None:
        self._reach(field)
        with self.page.expect_file_chooser() as asked:
            self._keys.press("Enter")
        asked.value.set_files(file)

    def _reach(self, target: Locator) -> None:
        target.wait_for()
        handle = target.element_handle()
        for _ in range(MOST_TABS):
            if handle.evaluate(IS_FOCUSED):
                self._must_be_seen(target)
                return
            self._keys.press("Tab")
        raise AssertionError(f"the keyboard does not lead to {target}")

    def _tab_until(self, reached: str, target: Locator) -> None:
        target.wait_for(state="attached")
        for _ in range(MOST_TABS):
            if self.page.evaluate(reached):
                self._must_be_seen(target)
                return
            self._keys.press("Tab")
        raise AssertionError(f"the keyboard does not lead to {target}")

    def _must_be_seen(self, target: Locator) -> None:
        assert self.page.evaluate(FOCUS_IS_SEEN), f"one cannot see that the focus is on {target}"
