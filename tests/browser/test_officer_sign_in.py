"""An officer's way in: invited by the head, a password and an authenticator set by the link, signed in by both."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import uuid4

import httpx
import pyotp
import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import findings
from tests.browser.opening import PHONE
from tests.support.stacks import RunningStack

LINK = re.compile(r"/officer/enrolment#[\w.~-]+")
PASSWORD = "tamak bulut kitep zhol 7"


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_an_invited_officer_sets_up_the_sign_in_and_comes_to_the_queue(
    stack: RunningStack, visit: Any, language: str, javascript: bool
) -> None:
    login = f"zhibek{uuid4().hex[:6]}"
    link = _invited(stack, login)
    visitor = visit(viewport=PHONE, javascript=javascript, language=language)
    visitor.watch.allow(r"422 \w+ ")
    page: Page = visitor.open("/officer/enrolment" if not javascript else link)
    if not javascript:
        page.locator("#link").fill(link)
        _press(page)
    page.wait_for_selector("#credentials-form")
    _is_without_fault(page, javascript)
    _fill(page, password="eshik", again="eshik", code="123456")
    assert page.locator(".govuk-error-summary").count() == 1
    totp = pyotp.TOTP(page.locator(".eshik-unbroken").inner_text().replace(" ", ""))
    _fill(page, password=PASSWORD, again=PASSWORD, code=totp.now())
    recovery = page.locator(".eshik-codes li").first.inner_text()
    _is_without_fault(page, javascript)
    page.goto("/officer/sign-in")
    _fill(page, login=login, password=PASSWORD)
    _is_without_fault(page, javascript)
    _fill(page, code="000000")
    _is_without_fault(page, javascript)
    _fill(page, code=recovery)
    assert page.url.endswith("/officer")


def _invited(stack: RunningStack, login: str) -> str:
    """The path of the link in the message."""
    identity = f"http://127.0.0.1:{stack.ports.identity}"
    head = httpx.post(f"{identity}/api/demo/sign-in", json={"account": "bakyt"}).raise_for_status().json()
    headers = {"Authorization": f"Bearer {head['access_tokens']['identity']}", "Idempotency-Key": uuid4().hex}
    email = f"{login}@post.example"
    asked = {"login": login, "name": "Жибек Асанова", "email": email, "language": "ru", "post_id": "yek", "role": "intake"}
    body = asked | {"posts": ["yek"], "reason": "posted"}
    invited = httpx.post(f"{identity}/api/officers/invitations", headers=headers, json=body).raise_for_status().json()
    _confirm(identity, invited["person_id"])

    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = httpx.get(f"http://127.0.0.1:{stack.ports.inbox}/messages").raise_for_status().json()
        for message in answer:
            if email in message["to"] and (match := LINK.search(str(message["text"]))):
                return match[0]
        time.sleep(0.25)
    raise AssertionError("the invitation did not come")


def _confirm(identity: str, person_id: str) -> None:
    """As the second person, without whom nobody's first role is in force."""
    ministry = httpx.post(f"{identity}/api/demo/sign-in", json={"account": "asel"}).raise_for_status().json()
    headers = {"Authorization": f"Bearer {ministry['access_tokens']['identity']}", "Idempotency-Key": uuid4().hex}
    waiting = httpx.get(f"{identity}/api/officers/waiting", headers=headers).raise_for_status().json()["waiting"]
    (grant,) = [each["grant"]["id"] for each in waiting if each["person_id"] == person_id]
    path = f"{identity}/api/officers/{person_id}/grants/{grant}/confirmation"
    httpx.post(path, headers=headers).raise_for_status()


def _fill(page: Page, **typed: str) -> None:
    for field, text in typed.items():
        page.locator(f"#{field}").fill(text)
    _press(page)


def _press(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form button.govuk-button").first.click()


def _is_without_fault(page: Page, javascript: bool) -> None:
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    if javascript:
        assert findings(page) == []
