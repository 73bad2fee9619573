"""Ways in that need a real browser: a passkey on a device that Chromium plays, and the national e-ID at npm's oidc-provider."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessibility import findings
from tests.browser.conftest import eid_port
from tests.browser.opening import PHONE, Visitor
from tests.support.openid import CLIENT, SECRET, installed
from tests.support.stacks import RunningStack

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def visitor(browser: Browser, stack: RunningStack) -> Iterator[Visitor]:
    """At the name that passkeys and redirections belong to."""
    made = Visitor(browser, stack.pages_url, viewport=PHONE, language="en")
    yield made
    assert made.leave() == []


@pytest.fixture
def eid(stack: RunningStack, tmp_path: Path) -> Iterator[str]:
    node, script = installed()
    redirect = f"{stack.pages_url}/sign-in/openid/eid"
    client = tmp_path / "client.json"
    client.write_text(json.dumps({"redirect_uri": redirect, "client_id": CLIENT, "client_secret": SECRET, "port": eid_port()}))
    with (tmp_path / "provider.log").open("wb") as said:
        running = subprocess.Popen([str(node), str(script), str(client)], cwd=script.parent, stdout=subprocess.PIPE, stderr=said)
        assert running.stdout is not None
        yield str(json.loads(running.stdout.readline())["issuer"])
        running.kill()
        running.wait()


def test_a_passkey_is_added_signs_in_and_is_removed(visitor: Visitor) -> None:
    page = _signed_in(visitor, "timur", "/account/passkeys")
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    device = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    page.locator("#name").fill("Timur's phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is added")
    expect(page.get_by_role("heading", name="Timur's phone")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.goto("/sign-in?next=/account/passkeys")
    page.get_by_role("button", name="A passkey of this device").click()
    expect(page.locator("#passkey-1")).to_contain_text("Last used")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed")
    cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})
    page.get_by_role("button", name="Sign out", exact=True).click()
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})  # another device, which has none
    page.goto("/sign-in")
    page.get_by_role("button", name="A passkey of this device").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was shown")


def test_the_national_e_id_leads_there_and_back(visitor: Visitor, eid: str) -> None:
    theirs = r"https://fonts\.googleapis\.com/"  # what their page asks for, and does not get here
    visitor.watch.allow(rf"another host: \w+ {eid}/", rf"another host: GET {theirs}", rf"failed: GET {theirs}")
    page = visitor.open("/sign-in?next=/account")
    page.get_by_role("button", name="National e-ID").click()
    assert findings(page) == []
    page.get_by_role("button", name="Go on to").click()
    page.locator("input[name=login]").fill("20101199000123")
    page.locator("input[name=password]").fill("any")
    page.locator("button[type=submit]").click()
    page.locator("button[type=submit]").click()  # their page of consent
    expect(page.get_by_text("You signed in with the national e-ID")).to_be_visible()
    assert page.url == f"{visitor.origin}/account"


def _signed_in(visitor: Visitor, account: str, path: str) -> Page:
    page: Any = visitor.open(f"/sign-in?next={path}")
    page.locator(f"input[name=account][value='{account}']").check()
    with page.expect_navigation():
        page.locator("form[action='/sign-in'] button.govuk-button").click()
    return page  # type: ignore[no-any-return]
