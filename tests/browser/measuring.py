"""How much comes over the wire when a page is opened for the first time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import CDPSession, Page

from tests.browser.opening import Visitor

STREAM = "text/event-stream"  # stays open as long as the page
LOOK_EVERY_MS = 100
QUIET_ROUNDS = 5
ROUNDS = 200


@dataclass
class Load:
    """Bytes of each address, compressed as they came, with the headers."""

    parts: dict[str, int] = field(default_factory=dict)
    _under_way: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    def __str__(self) -> str:
        largest = sorted(self.parts.items(), key=lambda part: -part[1])
        return "\n".join(
            [f"{self.total / 1024:.1f} KiB in {len(largest)} answers"] + [f"{size:>9} {url}" for url, size in largest]
        )

    @property
    def is_quiet(self) -> bool:
        return not self._under_way

    def listen(self, session: CDPSession) -> None:
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.loadingFailed", self._failed)

    def _sent(self, event: dict[str, Any]) -> None:
        if before := event.get("redirectResponse"):
            self._count(before["url"], before["encodedDataLength"])
        self._under_way[event["requestId"]] = event["request"]["url"]

    def _answered(self, event: dict[str, Any]) -> None:
        if event["response"]["mimeType"] == STREAM:
            self._under_way.pop(event["requestId"], None)

    def _finished(self, event: dict[str, Any]) -> None:
        if url := self._under_way.pop(event["requestId"], None):
            self._count(url, event["encodedDataLength"])

    def _failed(self, event: dict[str, Any]) -> None:
        self._under_way.pop(event["requestId"], None)

    def _count(self, url: str, size: float) -> None:
        self.parts[url] = self.parts.get(url, 0) + int(size)


def first_load(visitor: Visitor, path: str) -> Load:
    """Opens the path on a new page with an empty cache, until nothing has been loading for half a second."""
    page = visitor.context.new_page()
    session = visitor.context.new_cdp_session(page)
    load = Load()
    load.listen(session)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    page.goto(path)
    _wait_until_quiet(page, load)
    page.close()
    return load


def _wait_until_quiet(page: Page, load: Load) -> None:
    quiet = 0
    for _ in range(ROUNDS):
        page.wait_for_timeout(LOOK_EVERY_MS)  # the browser's events are taken in meanwhile
        quiet = quiet + 1 if load.is_quiet else 0
        if quiet == QUIET_ROUNDS:
            return
    raise AssertionError(f"still loading: {load}")
