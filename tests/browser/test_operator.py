"""Whoever runs the system sees what needs a person, and on a local stack everybody sees what was sent."""

from __future__ import annotations

import os
import signal

from playwright.sync_api import Page, expect

from tests.browser.accessibility import axe
from tests.browser.opening import PHONE, WAIT_MS, Visits
from tests.support.stacks import RunningStack

ROUND_S = "00:11"


def sign_in(page: Page, account: str) -> None:
    page.locator(f"input[name=account][value={account}]").check()
    page.locator("form[action='/sign-in'] button").click()


def test_a_service_that_stops_answering_is_shown_by_itself_and_so_is_its_return(visit: Visits, stack: RunningStack) -> None:
    visitor = visit()
    visitor.watch.allow("401 GET .*/operator$")
    page = visitor.open("/operator")
    page.clock.install()
    sign_in(page, "ainura")
    said = page.get_by_role("status").first
    expect(said).to_have_text("All is well.")
    axe(page)
    stopped = stack.pid_of("notifications")
    os.kill(stopped, signal.SIGSTOP)
    try:
        page.clock.fast_forward(ROUND_S)
        expect(said).to_have_text("Something has stopped and needs a person.", timeout=WAIT_MS)
        expect(page.get_by_text("notifications does not answer.")).to_be_visible()
        expect(page.get_by_role("heading", name="documents")).to_be_visible()
        axe(page)
    finally:
        os.kill(stopped, signal.SIGCONT)
    page.clock.fast_forward(ROUND_S)
    expect(said).to_have_text("All is well.", timeout=WAIT_MS)


def test_without_scripts_the_page_says_the_same_on_a_phone(visit: Visits) -> None:
    visitor = visit(viewport=PHONE, javascript=False, language="ru")
    visitor.watch.allow("401 GET .*/operator$")
    page = visitor.open("/operator")
    sign_in(page, "ainura")
    expect(page.get_by_role("heading", level=1)).to_have_text("Состояние системы")
    page.get_by_role("link", name="Обновить").click()
    expect(page.get_by_role("heading", level=2)).to_have_count(4)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_messages_are_seen_by_everybody_and_chosen_by_address_without_putting_it_in_the_page_s_address(
    visit: Visits, stack: RunningStack
) -> None:
    assert stack.eshik("demo", "--json").returncode == 0
    page = visit(viewport=PHONE).open("/operator/messages")
    expect(page.get_by_role("article").filter(has_text="aigerim@citizen.example").first).to_be_visible()
    phone = page.locator("#to option", has_text="+7").first.get_attribute("value") or ""
    page.locator("#to").select_option(phone)
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#to")).to_have_value(phone)
    expect(page.get_by_role("article").filter(has_text="aigerim@citizen.example")).to_have_count(0)
    expect(page.get_by_role("article").filter(has_text=phone).first).to_be_visible()
    assert page.url.endswith("/operator/messages")
    axe(page)
