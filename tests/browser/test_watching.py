"""What makes a browser test fail by itself, shown on pages of the test's own: a watch that sees nothing would prove nothing."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.browser.accessibility import grave_findings
from tests.browser.measuring import first_load
from tests.browser.opening import PHONE, Visits, take_picture

STRICT = "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
GOOD = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Good</title>"
    "<link rel=icon href=/ok.txt><main><h1>Good</h1>{}</main>"
)
PAGES = {
    "/": GOOD.format("<p>Nothing is wrong here."),
    "/inline-style": GOOD.format("<p style='color: red'>Styled in its place"),
    "/inline-script": GOOD.format("<script>window.ran = true</script>"),
    "/throws": GOOD.format("<script src=/throws.js></script>"),
    "/throws.js": "throw new Error('it broke')",
    "/complains": GOOD.format("<script src=/complains.js></script>"),
    "/complains.js": "console.error('it is not well')",
    "/lacks-a-picture": GOOD.format("<img src=/nowhere.png alt=Nothing>"),
    "/asks-another-host": GOOD.format("<img src=http://pictures.example/a.png alt=Nothing>"),
    "/nameless": GOOD.format("<button></button><img src=/ok.txt>"),
    "/heavy": GOOD.format("<script src=/heavy.js></script>"),
    "/heavy.js": "// " + "x" * 50_000,
    "/stays-open": GOOD.format("<script src=/stays-open.js></script>"),
    "/stays-open.js": "new EventSource('/events')",
    "/long": GOOD.format("<p>Long" * 200),
    "/ok.txt": "ok",
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        content = PAGES.get(self.path)
        if self.path == "/events":
            self._events()
            return
        body = (content or GOOD.format("<p>Not found")).encode()
        self.send_response(404 if content is None else 200)
        kind = {"js": "text/javascript", "txt": "text/plain"}.get(self.path.rpartition(".")[2], "text/html")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.path != "/asks-another-host":
            self.send_header("Content-Security-Policy", STRICT)
        self.end_headers()
        self.wfile.write(body)

    def _events(self) -> None:
        """One event, and the connection stays open until the page leaves."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: news\n\n")
        self.wfile.flush()
        self.rfile.read(1)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def visit(browser: Browser, origin: str) -> Iterator[Visits]:
    visits = Visits(browser, origin)
    yield visits
    visits.end()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_page_that_is_well_passes(visit: Visits, *, javascript: bool) -> None:
    page = visit(javascript=javascript).open("/")
    assert page.get_by_role("heading", name="Good").is_visible()


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/inline-style", "console: .*Content Security Policy"),
        ("/inline-script", "console: .*Content Security Policy"),
        ("/throws", "page error: .*it broke"),
        ("/complains", "console: it is not well"),
        ("/lacks-a-picture", "404 GET .*/nowhere.png"),
        ("/asks-another-host", "another host: GET http://pictures.example/a.png"),
        ("/nowhere", "404 GET .*/nowhere"),
    ],
)
def test_a_page_with_a_fault_fails_the_test_that_opened_it(browser: Browser, origin: str, path: str, fault: str) -> None:
    visits = Visits(browser, origin)
    visits().open(path)
    visits().open("/")
    with pytest.raises(AssertionError, match=fault):
        visits.end()


def test_without_javascript_a_violation_of_the_policy_is_still_seen(browser: Browser, origin: str) -> None:
    visits = Visits(browser, origin)
    visits(javascript=False).open("/inline-style")
    with pytest.raises(AssertionError, match="Content Security Policy"):
        visits.end()


def test_a_fault_that_a_test_brings_about_on_purpose_is_allowed_and_no_other(browser: Browser, origin: str) -> None:
    visits = Visits(browser, origin)
    visitor = visits()
    visitor.watch.allow(r"404 GET .*/nowhere$")
    visitor.open("/nowhere")
    visitor.open("/complains")
    with pytest.raises(AssertionError) as raised:
        visits.end()
    assert "it is not well" in str(raised.value)
    assert "404" not in str(raised.value)


def test_axe_judges_a_page_past_its_strict_policy_and_finds_what_is_grave(visit: Visits) -> None:
    visitor = visit()
    assert grave_findings(visitor.open("/")) == []
    found = "\n".join(grave_findings(visitor.open("/nameless")))
    assert "critical button-name" in found
    assert "critical image-alt" in found


def test_a_first_load_is_counted_with_all_that_it_brings(visit: Visits) -> None:
    visitor = visit()
    visitor.open("/heavy")  # what is in the cache by now is counted all the same
    load = first_load(visitor, "/heavy")
    assert 50_000 < load.total < 53_000, str(load)
    assert 50_000 < load.parts[f"{visitor.origin}/heavy.js"] < 51_000


def test_a_page_that_goes_on_listening_is_counted_and_passes(visit: Visits) -> None:
    visitor = visit()
    load = first_load(visitor, "/stays-open")
    assert f"{visitor.origin}/stays-open.js" in load.parts
    visitor.open("/stays-open")


def test_a_picture_shows_the_whole_page(visit: Visits, tmp_path: Path) -> None:
    picture = take_picture(visit(viewport=PHONE).open("/long"), tmp_path / "pictures", "long")
    with Image.open(picture) as image:
        assert image.size[0] == 360
        assert image.size[1] > 3000


def test_a_phone_is_as_narrow_as_it_says_and_speaks_its_owner_s_language(visit: Visits) -> None:
    page = visit(viewport=PHONE, language="ky").open("/")
    assert page.evaluate("[innerWidth, navigator.language]") == [360, "ky"]
