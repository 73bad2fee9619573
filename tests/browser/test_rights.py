"""Somebody says that something is wrong, the head of the post refuses it in writing, and they read why, and who looked."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import findings
from tests.browser.opening import PHONE

WRONG, RIGHT = "Үмит деп жазылган", "Үмүт, паспортто жазылгандай"
REFUSED = "Паспортуңузду алып келиңиз."


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_correction_is_asked_for_refused_in_writing_and_read(visit: Any, javascript: bool) -> None:
    citizen = visit(viewport=PHONE, javascript=javascript, language="ky")
    page = _enter(citizen.open("/sign-in"), "umut")
    page.goto("/my-data/correction")
    page.locator("input[name=service][value=account]").check()
    page.locator("#wrong").fill(WRONG)
    page.locator("#right").fill(RIGHT)
    _press(page, "#correction-form")
    _is_without_fault(page, javascript)
    path = page.url.partition("/my-data")[2]

    head = visit(javascript=javascript, language="ky")
    desk = _enter(head.open("/sign-in"), "bakyt")
    desk.goto("/rights")
    desk.locator(f"table a[href$='{path.rpartition('/')[2]}']").click()
    expect(desk.get_by_text(WRONG)).to_be_visible()
    desk.locator("input[name=done][value=no]").check()
    desk.locator("#ground").select_option("no-proof")
    desk.locator("#words").fill(REFUSED)
    _press(desk, "#answer-form")
    expect(desk.get_by_text(REFUSED)).to_be_visible()
    _is_without_fault(desk, javascript)

    page.goto(f"/my-data{path}")
    expect(page.get_by_text(REFUSED)).to_be_visible()
    expect(page.get_by_text("dpa.gov.kg")).to_be_visible()  # to whom one objects
    _is_without_fault(page, javascript)


def _enter(page: Page, account: str) -> Page:
    page.locator(f"input[name=account][value={account}]").check()
    _press(page, "form[action='/sign-in']")
    return page


def _press(page: Page, form: str) -> None:
    with page.expect_navigation():
        page.locator(f"{form} button.govuk-button").first.click()


def _is_without_fault(page: Page, javascript: bool) -> None:
    if javascript:
        assert findings(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    # a button that names a form that is not there does nothing
    assert page.evaluate("[...document.querySelectorAll('[form]')].filter(e => !e.form).map(e => e.textContent)") == []
