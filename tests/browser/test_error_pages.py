"""When something is wrong: the page says what, in the reader's language, and keeps what was typed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from deploy.local.environment import ASSETS
from deploy.local.keys import Keys
from services.portal.app import create_app
from services.portal.session import Session, SessionCookie
from tests.browser.accessibility import axe
from tests.browser.opening import PHONE, Language, Visitor, Visits
from tests.support.stacks import RunningStack
from tests.unit.portal.portal import COOKIE, cookie_of, person, settings

TYPED = "YEK-KU-2026-000001"
HEADINGS: dict[Language, dict[int, str]] = {
    "ky": {
        403: "Бул барак сизге жабык",
        404: "Бул жерде эч нерсе жок",
        429: "Аракеттер өтө көп",
        500: "Биздин ката",
        503: "Азыр жеткиликтүү эмес",
    },
    "ru": {
        403: "Эта страница вам недоступна",
        404: "Здесь ничего нет",
        429: "Слишком много попыток",
        500: "Наша ошибка",
        503: "Сейчас недоступно",
    },
    "en": {
        403: "This is not open to you",
        404: "There is nothing here",
        429: "Too many tries",
        500: "Our mistake",
        503: "Not available right now",
    },
}


@pytest.fixture(scope="module")
def alone(stack: RunningStack) -> Iterator[str]:
    """A portal whose APIs do not answer, which allows one try a minute and has a page that breaks. The stack built its style."""
    app = create_app(settings(assets=ASSETS, tries_per_minute=1))

    async def broken() -> None:
        raise RuntimeError

    app.add_api_route("/broken", broken, methods=["GET", "POST"])
    app.router.routes.insert(0, app.router.routes.pop())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def visit_alone(browser: Browser, alone: str) -> Iterator[Visits]:
    visits = Visits(browser, alone)
    yield visits
    visits.end()


def told(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"
    axe(page)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_each_error_has_a_page_that_helps(visit_alone: Visits, language: Language) -> None:
    visitor, headings = visit_alone(viewport=PHONE, language=language), HEADINGS[language]
    visitor.watch.allow("(403|404|429|500|503) ")
    page = visitor.open("/nowhere")
    told(page, headings[404])
    page.goto("/services")
    told(page, headings[503])
    page.goto("/broken")
    told(page, headings[500])
    give(visitor, Session(csrf="c" * 32, language=language, person=person()))
    page.goto("/operator")
    told(page, headings[403])


def test_what_was_typed_is_kept_where_a_part_is_away_and_where_one_tries_too_often(visit_alone: Visits) -> None:
    visitor = visit_alone(javascript=False)
    visitor.watch.allow("(429|503|500) POST ")
    for _ in range(2):  # the second one at least is one too many
        page = visitor.open("/v")
        write(page)
        expect(page.locator("input[name=number]")).to_have_value(TYPED)
    expect(page.get_by_role("heading", level=1)).to_have_text("Too many tries")
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("input[name=number]")).to_have_value(TYPED)


def test_a_file_that_could_not_be_taken_must_be_chosen_again_and_nobody_is_told_that_nothing_is_lost(
    visit_alone: Visits, tmp_path: Path
) -> None:
    visitor = visit_alone()
    visitor.watch.allow("(429|503) POST ")
    file = tmp_path / "paper.pdf"
    file.write_bytes(b"%PDF-1.7")
    page = visitor.open("/v")
    page.locator("input[name=file]").set_input_files(file)
    page.locator("form[action='/v/file'] button[type=submit], form[action='/v/file'] button:not([type])").last.click()
    expect(page.get_by_text("choose it again and send it")).to_be_visible()
    expect(page.get_by_text("Nothing is lost")).to_have_count(0)


def test_a_form_without_its_token_is_not_sent_and_shows_what_was_typed(visit_alone: Visits) -> None:
    visitor = visit_alone()
    visitor.watch.allow("403 POST .*/v$")
    page = visitor.open("/v")
    visitor.context.clear_cookies()
    write(page)
    told(page, "This form can no longer be sent")
    expect(page.get_by_label("What you typed").first).to_have_value(TYPED)
    page.get_by_role("link", name="Back to the page with the form").click()
    assert page.url.endswith("/v")


def test_a_sign_in_that_ran_out_keeps_the_form_and_sends_it_afterwards(visit: Visits, stack: RunningStack) -> None:
    visitor = visit()
    visitor.watch.allow("401 (GET|POST) .*/officer", "422 POST .*/officer/find")
    page = visitor.open("/officer")
    choose(page, "gulnara")
    page.locator("input[name=reference]").fill("YEK-26-00000000")
    run_out(visitor, stack)
    page.locator("form[action^='/officer/find'] button").click()
    expect(page.locator("form[action='/sign-in'] input[name='kept.reference']")).to_have_value("YEK-26-00000000")
    axe(page)
    choose(page, "gulnara")
    page.locator("main form button").click()
    expect(page.locator("input[name=reference]")).to_have_value("YEK-26-00000000")


def write(page: Page) -> None:
    page.locator("#number").fill(TYPED)
    for name, part in (("day", "22"), ("month", "11"), ("year", "2026")):
        page.locator(f"#issued_on-{name}").fill(part)
    page.locator("#check_code").fill("7K3QX-M0ZTA")
    page.locator("form[action='/v'] button").click()


def choose(page: Page, account: str) -> None:
    page.locator(f"input[name=account][value={account}]").check()
    page.locator("form[action='/sign-in'] button").click()


def give(visitor: Visitor, session: Session) -> None:
    visitor.context.add_cookies([{"name": COOKIE.name, "value": cookie_of(session), "url": visitor.origin}])


def run_out(visitor: Visitor, stack: RunningStack) -> None:
    """As if eight hours had passed since they signed in."""
    key = Keys(stack.places.keys).portal_session_key.read_text("utf-8")
    cookie = SessionCookie(key, secure=False)
    session = cookie.read(next(held["value"] for held in visitor.context.cookies() if held["name"] == cookie.name))
    assert session.person is not None
    session.person = replace(session.person, until=0)
    value = cookie.header(session).partition("=")[2].partition(";")[0]
    visitor.context.add_cookies([{"name": cookie.name, "value": value, "url": visitor.origin}])
