"""Opening pages as a person does: with a phone or a desktop, in a language, with JavaScript or without."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from deploy.local.browser import CHROMIUM
from tests.browser.watching import Watch

PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
Language = Literal["ky", "ru", "en"]
# nothing of the browser's own goes out, and no name of another host is found
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
WAIT_MS = 20_000  # at most, for anything: on a busy machine a page takes its time
EXECUTABLE = str(CHROMIUM)


class Visitor:
    """One browser context: cookies, a screen and a language of its own. All its pages are watched."""

    def __init__(
        self,
        browser: Browser,
        origin: str,
        *,
        viewport: ViewportSize = DESKTOP,
        javascript: bool = True,
        language: Language = "en",
    ) -> None:
        self.origin = origin
        self.context: BrowserContext = browser.new_context(
            base_url=origin,
            viewport=viewport,
            java_script_enabled=javascript,
            locale=language,
            has_touch=viewport == PHONE,
            is_mobile=viewport == PHONE,
            service_workers="block",
        )
        self.context.set_default_timeout(WAIT_MS)
        self.watch = Watch(self.context, origin)

    def open(self, path: str = "/") -> Page:
        """A new page at this address of the portal."""
        page = self.context.new_page()
        page.goto(path)
        return page

    def leave(self) -> list[str]:
        """Closes all its pages. Returns what was not to happen on any of them."""
        for page in self.context.pages:
            page.title()  # an answer of the page: all that it said before has arrived
        self.context.close()
        return self.watch.faults


class Visits:
    """Lets visitors in, and looks at the end whether their pages were without fault."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self._browser, self._origin = browser, origin
        self._visitors: list[Visitor] = []

    def __call__(self, *, viewport: ViewportSize = DESKTOP, javascript: bool = True, language: Language = "en") -> Visitor:
        visitor = Visitor(self._browser, self._origin, viewport=viewport, javascript=javascript, language=language)
        self._visitors.append(visitor)
        return visitor

    def end(self) -> None:
        """Raises AssertionError."""
        faults = [fault for visitor in self._visitors for fault in visitor.leave()]
        assert not faults, "\n".join(["the pages were not without fault:", *faults])


def take_picture(page: Page, folder: Path, name: str) -> Path:
    """The whole page as PNG, however long it is, without a blinking caret."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled", caret="hide")
    return path
