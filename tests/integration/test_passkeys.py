"""Passkeys in a real browser: Chromium's own authenticator, made by its developer protocol, answers our questions."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import cbor2
import httpx
import pytest
from playwright.async_api import CDPSession, Page, async_playwright
from pymongo.errors import DuplicateKeyError

from services.identity.app import create_app
from services.identity.domain.passkey import MOST
from services.identity.use_cases.keep_passkey import AddPasskey, TooManyPasskeys, add_passkey
from shared.actors import Assurance
from shared.web.tokens import claims_of
from tests.browser.opening import ARGUMENTS, EXECUTABLE
from tests.integration.test_identity_api import AIGERIM, bearer, environment, identity, keys, sign_in
from tests.support.running import on_a_port

pytestmark = pytest.mark.places_again

__all__ = ["environment", "identity", "keys"]
PAGES = "http://localhost:8405"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
CREATE = """async (options) => (await navigator.credentials.create(
    { publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON()"""
GET = """async (options) => (await navigator.credentials.get(
    { publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })).toJSON()"""


@dataclass
class Device:
    """A browser on a page of ours, and its authenticator."""

    page: Page
    cdp: CDPSession
    id: str

    async def counter(self, count: int) -> None:
        """As a copy of the device would have it."""
        (held,) = (await self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id}))["credentials"]
        await self.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})
        copied = {"authenticatorId": self.id, "credential": held | {"signCount": count}}
        await self.cdp.send("WebAuthn.addCredential", copied)

    async def answer(self, how: str, question: dict[str, Any]) -> dict[str, Any]:
        credential = await self.page.evaluate(how, question["options"])
        return {"ceremony": question["ceremony"], "binding": question["binding"], "credential": credential}


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=list(ARGUMENTS))
        opened = await (await browser.new_context()).new_page()
        await opened.route(
            "**/*", lambda route: route.fulfill(body="<!doctype html><title>Эшик</title>", content_type="text/html")
        )
        await opened.goto(PAGES)
        yield opened
        await browser.close()


@pytest.fixture
async def device(page: Page) -> Device:
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return Device(page, cdp, made["authenticatorId"])


@pytest.fixture
def pages(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ESHIK_IDENTITY_PAGES_URL", PAGES)


async def add(api: httpx.AsyncClient, device: Device, account: str) -> httpx.Response:
    headers = bearer((await sign_in(api, account))["access_tokens"]["identity"])
    asked = await api.post("/api/passkeys/registration/options", headers=headers)
    assert asked.status_code == 200, asked.text
    answer = await device.answer(CREATE, asked.json()) | {"device": "телефон"}
    return await api.post("/api/passkeys/registration", json=answer, headers=headers)


async def answered(api: httpx.AsyncClient, device: Device) -> dict[str, Any]:
    return await device.answer(GET, (await api.post("/api/passkeys/sign-in/options")).json())


async def show(api: httpx.AsyncClient, answer: dict[str, Any]) -> httpx.Response:
    return await api.post("/api/passkeys/sign-in", json=answer)


async def test_a_citizen_adds_a_passkey_and_signs_in_by_it_without_saying_who_they_are(
    pages: None, identity: httpx.AsyncClient, device: Device
) -> None:
    added = await add(identity, device, "aigerim")
    assert added.status_code == 200, added.text
    answer = await answered(identity, device)
    opened = await show(identity, answer)
    assert opened.status_code == 200, opened.text
    assert opened.json()["person"]["login"] == "aigerim"
    assert claims_of(opened.json()["access_tokens"]["applications"])["amr"] == ["hwk", "mfa"]
    assert (await show(identity, answer)).status_code == 401  # a question is answered once
    own = await identity.get("/api/passkeys", headers=bearer(opened.json()["access_tokens"]["identity"]))
    assert [each["device"] for each in own.json()["passkeys"]] == ["телефон"]


async def test_an_officers_device_must_make_sure_of_its_owner_and_is_two_factors_then(
    pages: None, identity: httpx.AsyncClient, device: Device
) -> None:
    assert (await add(identity, device, "ermek")).status_code == 200
    opened = await show(identity, await answered(identity, device))
    assert claims_of(opened.json()["access_tokens"]["applications"])["amr"] == ["hwk", "mfa"]
    asked = (await identity.post("/api/passkeys/sign-in/options")).json()
    asked["options"]["userVerification"] = "discouraged"  # as a page that somebody altered would ask
    assert (await show(identity, await device.answer(GET, asked))).status_code == 401


async def test_however_many_passkeys_are_added_at_once_nobody_has_more_than_ten(environment: pytest.MonkeyPatch) -> None:
    app = create_app()
    async with on_a_port(app):
        transactions = app.state.runtime.transactions

        async def one(number: int) -> bool:
            made = AddPasskey(f"passkey-{number}", AIGERIM, "00", 0, "", Assurance.SELF_ASSERTED)
            try:
                await transactions.run(add_passkey, made)
            except (TooManyPasskeys, DuplicateKeyError):
                return False
            return True

        added = 0
        for first in range(0, 60, 12):
            added += sum(await asyncio.gather(*(one(number) for number in range(first, first + 12))))
        for number in range(100, 100 + MOST):
            added += await one(number)
        rows = await app.state.runtime.database.db.passkeys.find({"person_id": AIGERIM}).to_list()
    assert (added, len(rows), len({row["slot"] for row in rows})) == (MOST, MOST, MOST)


async def test_a_copy_of_a_passkey_is_seen_by_its_counter(pages: None, identity: httpx.AsyncClient, device: Device) -> None:
    assert (await add(identity, device, "aigerim")).status_code == 200
    for _ in range(3):
        assert (await show(identity, await answered(identity, device))).status_code == 200
    await device.counter(1)
    assert (await show(identity, await answered(identity, device))).status_code == 401


async def test_a_passkey_of_another_origin_or_another_browser_signs_nobody_in(
    pages: None, identity: httpx.AsyncClient, device: Device
) -> None:
    assert (await add(identity, device, "aigerim")).status_code == 200
    answer = await answered(identity, device)
    assert (await show(identity, answer | {"binding": "another-browser"})).status_code == 401
    await device.page.goto("http://localhost:9")  # the same name, another origin
    assert (await show(identity, await answered(identity, device))).status_code == 401
    await device.page.goto(PAGES)
    assert (await show(identity, await answered(identity, device))).status_code == 200


async def test_a_passkey_that_was_taken_away_signs_nobody_in_and_only_its_owner_takes_it_away(
    pages: None, identity: httpx.AsyncClient, device: Device
) -> None:
    passkey = (await add(identity, device, "aigerim")).json()["id"]
    for account, status in (("umut", 404), ("aigerim", 200)):
        headers = bearer((await sign_in(identity, account))["access_tokens"]["identity"])
        assert (await identity.post(f"/api/passkeys/{passkey}/removal", headers=headers)).status_code == status
    assert (await show(identity, await answered(identity, device))).status_code == 401


async def test_an_answer_to_somebody_elses_question_adds_no_passkey(
    pages: None, identity: httpx.AsyncClient, device: Device
) -> None:
    mine, theirs = [bearer((await sign_in(identity, who))["access_tokens"]["identity"]) for who in ("aigerim", "umut")]
    asked = (await identity.post("/api/passkeys/registration/options", headers=theirs)).json()
    answer = await device.answer(CREATE, asked)
    assert (await identity.post("/api/passkeys/registration", json=answer, headers=mine)).status_code == 409


async def test_an_answer_that_is_no_key_is_refused_and_not_an_error_of_ours(pages: None, identity: httpx.AsyncClient) -> None:
    headers = bearer((await sign_in(identity, "aigerim"))["access_tokens"]["identity"])
    question = (await identity.post("/api/passkeys/registration/options", headers=headers)).json()
    client = {"type": "webauthn.create", "challenge": question["options"]["challenge"], "origin": PAGES}
    present, verified, with_key = 1, 4, 64
    data = sha256(b"localhost").digest() + bytes([present | verified | with_key]) + bytes(4 + 16) + b"\x00\x10" + bytes(16)
    no_key = cbor2.dumps([])
    attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data + no_key})
    response = {"clientDataJSON": base64url(json.dumps(client).encode()), "attestationObject": base64url(attestation)}
    credential = {"id": base64url(bytes(16)), "rawId": base64url(bytes(16)), "type": "public-key", "response": response}
    answer = {"ceremony": question["ceremony"], "binding": question["binding"], "credential": credential}
    refused = await identity.post("/api/passkeys/registration", json=answer, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/passkey-not-added")


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
