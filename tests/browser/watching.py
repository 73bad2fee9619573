"""A watch on all pages of a browser context: what must not happen on any page is kept, and asked for at the end."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

LOADING_FAILED = "Failed to load resource"  # the console's echo of a response or a failed request, which is seen itself
GIVEN_UP = "net::ERR_ABORTED"  # by the page or the person: left while it loaded, or the request became a download
LOCAL_SCHEMES = ("data", "blob", "about")


class Watch:
    """Faults: console errors (violations of the content security policy are some), page errors, answers of 400 and more,
    failed requests, and requests to any other host."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self._origin = _origin(origin)
        self._faults: list[str] = []
        self._allowed: list[re.Pattern[str]] = []
        context.on("console", self._console)
        context.on("weberror", self._page_error)
        context.on("request", self._request)
        context.on("requestfailed", self._request_failed)
        context.on("response", self._response)

    def allow(self, *patterns: str) -> None:
        """What a test brings about on purpose, as in r"404 GET .*/nowhere"; matched at the beginning of a fault."""
        self._allowed += [re.compile(pattern) for pattern in patterns]

    @property
    def faults(self) -> list[str]:
        return [fault for fault in self._faults if not any(pattern.match(fault) for pattern in self._allowed)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(LOADING_FAILED):
            self._faults.append(f"console: {message.text} (at {message.location.get('url', '')})")

    def _page_error(self, error: WebError) -> None:
        self._faults.append(f"page error: {error.error}")

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).scheme not in LOCAL_SCHEMES and _origin(request.url) != self._origin:
            self._faults.append(f"another host: {request.method} {request.url}")

    def _request_failed(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self._faults.append(f"failed: {request.method} {request.url} ({request.failure})")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._faults.append(f"{response.status} {response.request.method} {response.url}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
