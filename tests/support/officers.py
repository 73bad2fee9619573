"""An officer as they come to be: invited, enrolled with a password and an authenticator, and signing in."""

import email
import re
from dataclasses import dataclass
from datetime import datetime
from email.policy import default
from typing import Any
from uuid import uuid4

import httpx
import pyotp

from tests.support.notifying import Surroundings
from tests.support.serving import eventually

PASSWORD = "ырчы-темир-булут-41"
STEP_S = 30
BROWSER = "b" * 43  # what the browser that opens an invitation holds
NEW = {
    "login": "tynchtyk",
    "name": "Тынчтык Үлгүлүү",
    "email": "tynchtyk@mfa.example",
    "language": "en",
    "post_id": "yek",
    "role": "deciding",
    "posts": ["yek"],
    "reason": "posted",
}


@dataclass
class Authenticator:
    """Gives a new code each time, as one who waits for the next one does: steps go on by the test's clock."""

    secret: str

    def at(self, moment: datetime, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).generate_otp(int(moment.timestamp()) // STEP_S + steps)


async def demo_headers(api: httpx.AsyncClient, account: str, **more: str) -> dict[str, str]:
    session = (await api.post("/api/demo/sign-in", json={"account": account})).json()
    return {"Authorization": f"Bearer {session['access_tokens']['identity']}", "Idempotency-Key": str(uuid4()), **more}


async def invite(api: httpx.AsyncClient, by: str = "bakyt", *, confirmed: bool = True, **other: Any) -> httpx.Response:
    """confirmed: by somebody of the ministry, as the second person."""
    answer = await api.post("/api/officers/invitations", json=NEW | other, headers=await demo_headers(api, by))
    if confirmed and answer.status_code == 201:
        for grant_id in await waiting_grants(api, answer.json()["person_id"]):
            assert (await confirm(api, "asel", answer.json()["person_id"], grant_id)).status_code == 200
    return answer


async def waiting_grants(api: httpx.AsyncClient, person_id: str, by: str = "asel") -> list[str]:
    found = (await api.get("/api/officers/waiting", headers=await demo_headers(api, by))).json()["waiting"]
    return [each["grant"]["id"] for each in found if each["person_id"] == person_id]


async def confirm(api: httpx.AsyncClient, by: str, person_id: str, grant_id: str) -> httpx.Response:
    path = f"/api/officers/{person_id}/grants/{grant_id}/confirmation"
    return await api.post(path, headers=await demo_headers(api, by))


async def letters_to(around: Surroundings, address: str, count: int = 1) -> list[str]:
    async def arrived() -> list[str]:
        found = [envelope for envelope in around.mailbox.kept if envelope.rcpt_tos == [address]]
        return [_body(envelope.content) for envelope in found] if len(found) >= count else []

    return await eventually(arrived, within_s=60)


def token_in(letter: str) -> str:
    found = re.search(r"/officer/enrolment#(\S+)", letter)
    assert found is not None
    return found[1]


async def open_link(api: httpx.AsyncClient, token: str, binding: str = BROWSER) -> httpx.Response:
    return await api.post("/api/officers/enrolment", json={"token": token, "binding": binding})


async def enrol(api: httpx.AsyncClient, token: str, now: datetime, password: str = PASSWORD) -> tuple[Authenticator, list[str]]:
    """The authenticator, and the recovery codes."""
    phone = Authenticator((await open_link(api, token)).json()["totp_secret"])
    body = {"token": token, "binding": BROWSER, "password": password, "code": phone.at(now)}
    done = await api.post("/api/officers/enrolment/credentials", json=body)
    assert done.status_code == 200, done.text
    return phone, done.json()["recovery_codes"]


async def show_password(
    api: httpx.AsyncClient, login: str = "tynchtyk", password: str = PASSWORD, **headers: str
) -> httpx.Response:
    return await api.post("/api/officers/sign-in", json={"login": login, "password": password}, headers=headers)


async def show_code(api: httpx.AsyncClient, half: dict[str, Any], code: str, **other: str) -> httpx.Response:
    body = {"pending": half["pending"], "binding": half["binding"], "code": code, **other}
    return await api.post("/api/officers/sign-in/second-factor", json=body)


def _body(content: bytes | str | None) -> str:
    assert isinstance(content, bytes)
    body = email.message_from_bytes(content, policy=default).get_body()
    assert body is not None
    return str(body.get_content())
