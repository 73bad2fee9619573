"""A citizen signs in by a one-time code; a form whose sign-in ran out meanwhile is sent afterwards."""

from __future__ import annotations

import re
import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import findings
from tests.browser.opening import PHONE, Visits
from tests.browser.test_citizen import Somebody, fill, in_english
from tests.browser.test_error_pages import run_out
from tests.support.stacks import RunningStack

CONTACT = "umut@citizen.example"


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_form_goes_on_after_a_sign_in_by_code_with_a_wrong_one_in_between(
    visit: Visits, stack: RunningStack, *, javascript: bool
) -> None:
    case = Somebody(stack, "umut").drafts("power-of-attorney", {})
    visitor = visit(viewport=PHONE, javascript=javascript)
    visitor.watch.allow(r"401 (GET|POST)", r"422 POST .*/(sign-in/code|steps/powers)")
    page = in_english(visitor, f"/applications/{case}/steps/powers", "umut")
    fill(page, powers="To sell the house")
    run_out(visitor, stack)
    page.locator("main button[value=next]").click()
    before = len(codes(stack))
    page.locator("#contact").fill(CONTACT)
    page.locator("form[action='/sign-in/contact'] button").first.click()
    expect(page.locator("h1")).to_have_text("Type the code")
    code = newest(stack, before)
    show(page, f"{(int(code) + 1) % 10**6:06}")
    expect(page.locator("#code-error")).to_contain_text("You can try four more times.")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    if javascript:
        assert findings(page) == []
    show(page, code)
    expect(page.locator("h1")).to_have_text("Go on where you were")
    page.locator("main form button").click()
    page.goto(f"/applications/{case}/steps/powers")
    expect(page.locator("#powers")).to_have_value("To sell the house")


def show(page: Page, code: str) -> None:
    page.locator("#code").fill(code)
    page.locator("form[action='/sign-in/code'] button").first.click()


def codes(stack: RunningStack) -> list[str]:
    """Oldest first, of the messages to this contact."""
    messages = httpx.get(f"http://127.0.0.1:{stack.ports.inbox}/messages").raise_for_status().json()
    texts = [(str(message["received_at"]), str(message["text"])) for message in messages if CONTACT in message["to"]]
    return [found[0] for _, text in sorted(texts) if (found := re.search(r"\b\d{6}\b", text))]


def newest(stack: RunningStack, before: int) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if len(found := codes(stack)) > before:
            return found[-1]
        time.sleep(0.25)
    raise AssertionError("the code did not come")
