"""Signing in by a one-time code, from the request to the message and the session, over real services."""

import email
import os
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from deploy.local.keys import make_keys
from services.notifications.app import create_app as create_notifications
from tests.support.killing import ServiceProcess
from tests.support.notifying import BOTH, Surroundings, free_port, surroundings
from tests.support.places import Place
from tests.support.running import on_a_port
from tests.support.serving import eventually

pytestmark = pytest.mark.places_again

KNOWN_EMAIL, KNOWN_PHONE = "aigerim@citizen.example", "+79120000101"
NEW_EMAIL, NEW_PHONE = "newcomer@citizen.example", "+996700000199"
CODE = re.compile(r"\b[0-9]{6}\b")


@pytest.fixture
async def around(place: Place, tmp_path: Path) -> AsyncIterator[Surroundings]:
    async with surroundings(place, make_keys(tmp_path / "keys"), tmp_path) as parts:
        yield parts


@pytest.fixture
async def identity(around: Surroundings) -> AsyncIterator[httpx.AsyncClient]:
    async with around.identity() as client:
        yield client


@pytest.fixture
async def notifications(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    for name, value in around.environment("notifications").items():
        monkeypatch.setenv(name, value)
    async with on_a_port(create_notifications()) as client:
        yield client


@pytest.fixture(autouse=True)
def early_in_the_hour(tmp_path: Path) -> float:
    """Limits count by the hour of the clock, which must not end in the middle of a test. Out: by how much the clock is ahead."""
    ahead = float(3600 - time.time() % 3600)
    (tmp_path / "clock").write_text(str(ahead))
    return ahead


@pytest.fixture
def later(tmp_path: Path, early_in_the_hour: float) -> Callable[[timedelta], None]:
    def move(by: timedelta) -> None:
        (tmp_path / "clock").write_text(str(early_in_the_hour + by.total_seconds()))

    return move


async def ask(identity: httpx.AsyncClient, contact: str, language: str = "en", address: str = "192.0.2.1") -> httpx.Response:
    headers = {"X-Forwarded-For": address, "Accept-Language": "en"}
    return await identity.post("/api/sign-in/codes", json={"contact": contact, "language": language}, headers=headers)


async def show(identity: httpx.AsyncClient, asked: dict[str, Any], code: str, **other: str) -> httpx.Response:
    body = {"challenge": asked["challenge"], "binding": asked["binding"], "code": code, **other}
    return await identity.post("/api/sign-in/sessions", json=body)


async def sms_to(around: Surroundings, number: str, count: int = 1) -> list[str]:
    async def arrived() -> list[str]:
        found = (await around.gateway.get("/messages")).json()
        texts = [message["text"] for message in found if message["to"] == [number]]
        return texts if len(texts) >= count else []

    return await eventually(arrived, within_s=60)


async def mail_to(around: Surroundings, address: str) -> str:
    async def arrived() -> str:
        letters = [envelope for envelope in around.mailbox.kept if envelope.rcpt_tos == [address]]
        if not letters:
            return ""
        content = letters[-1].content
        assert isinstance(content, bytes)
        letter = email.message_from_bytes(content, policy=default)
        assert not CODE.search(str(letter["Subject"]))
        body = letter.get_body()
        assert body is not None
        return str(body.get_content())

    return await eventually(arrived, within_s=60)


def code_in(text: str) -> str:
    found = CODE.search(text)
    assert found is not None
    return found[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def everything(place: Place) -> dict[str, str]:
    """All that lies in the databases, as text."""
    found = {}
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        for service in ("identity", "notifications"):
            db = mongo[f"{place.database_prefix}{service}"]
            for name in await db.list_collection_names():
                found[f"{service}.{name}"] = repr(await db[name].find().to_list())
    return found


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
async def test_a_code_by_sms_signs_in_whose_number_it_is(
    place: Place, around: Surroundings, identity: httpx.AsyncClient, notifications: httpx.AsyncClient, language: str
) -> None:
    asked = await ask(identity, KNOWN_PHONE, language)
    (text,) = await sms_to(around, KNOWN_PHONE)
    answer = await show(identity, asked.json(), code_in(text))
    opened = answer.json()
    assert (asked.status_code, answer.status_code) == (202, 200), answer.text
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        (entry,) = await mongo[f"{place.database_prefix}identity"].audit.find({"act": "session:open"}).to_list()
    assert (entry["about"]["session"], entry["about"]["by"]) == (opened["session_id"], "code-sms")
    assert (opened["person"]["id"], opened["person"]["assurance"]) == (BOTH, "counter-seen")
    assert (await identity.get("/api/me", headers={"Authorization": f"Bearer {opened['access_tokens']['identity']}"})).is_success
    assert text.startswith("SPECIMEN")


async def test_a_contact_that_the_database_says_is_somebody_else_s_does_not_sign_in_as_them(
    place: Place, around: Surroundings, identity: httpx.AsyncClient, notifications: httpx.AsyncClient
) -> None:
    """Who may write the database has a number of their own lead to anybody: what that person's seals say of it decides."""
    asked = (await ask(identity, NEW_PHONE)).json()
    (text,) = await sms_to(around, NEW_PHONE)
    own = (await show(identity, asked, code_in(text))).json()["person"]["id"]
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        contacts = mongo[f"{place.database_prefix}identity"].contacts
        assert (await contacts.update_one({"person_id": own}, {"$set": {"person_id": BOTH}})).modified_count == 1
    again = (await ask(identity, NEW_PHONE)).json()
    *_, text = await sms_to(around, NEW_PHONE, 2)
    answer = await show(identity, again, code_in(text))
    assert answer.status_code == 500
    assert "access_tokens" not in answer.text


async def test_a_code_by_mail_makes_somebody_new_a_person_who_proved_a_contact_and_nothing_else(
    around: Surroundings, identity: httpx.AsyncClient, notifications: httpx.AsyncClient
) -> None:
    asked = (await ask(identity, NEW_EMAIL, "ru")).json()
    opened = (await show(identity, asked, code_in(await mail_to(around, NEW_EMAIL)))).json()
    assert (opened["person"]["assurance"], opened["person"]["name"], opened["person"]["language"]) == ("self-asserted", "", "ru")
    around.mailbox.kept.clear()
    again = (await ask(identity, NEW_EMAIL.replace("citizen", "Citizen"), "ru")).json()
    back = (await show(identity, again, code_in(await mail_to(around, NEW_EMAIL)))).json()
    assert back["person"]["id"] == opened["person"]["id"]


async def test_the_answer_and_what_is_written_are_the_same_for_known_and_unknown_contacts(
    identity: httpx.AsyncClient, place: Place
) -> None:
    known, unknown = await ask(identity, KNOWN_PHONE), await ask(identity, NEW_PHONE)
    assert (known.status_code, known.json().keys()) == (unknown.status_code, unknown.json().keys())
    fixed = ("channel", "digits", "expires_in")
    assert [known.json()[name] for name in fixed] == [unknown.json()[name] for name in fixed]
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        db = mongo[f"{place.database_prefix}identity"]
        challenges = await db.sign_in_challenges.find().to_list()
        assert challenges[0].keys() == challenges[1].keys()
        assert len(await db.published_events.find({"type": "sign_in_code.requested.v1"}).to_list()) == 2
        before = await db.people.count_documents({})
    wrong_for_known = await show(identity, known.json(), "000000", binding="x")
    wrong_for_unknown = await show(identity, unknown.json(), "000000", binding="x")
    never_asked = await show(identity, {"challenge": "nothing", "binding": "x"}, "000000")
    told = {
        (one.status_code, one.json()["type"], one.json()["detail"]) for one in (wrong_for_known, wrong_for_unknown, never_asked)
    }
    assert len(told) == 1
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        assert await mongo[f"{place.database_prefix}identity"].people.count_documents({}) == before


async def test_a_code_signs_in_once_and_only_in_the_browser_that_asked(
    around: Surroundings, identity: httpx.AsyncClient, notifications: httpx.AsyncClient
) -> None:
    asked = (await ask(identity, KNOWN_PHONE)).json()
    code = code_in((await sms_to(around, KNOWN_PHONE))[0])
    assert (await show(identity, asked, code, binding="another-browser")).status_code == 401
    assert (await show(identity, asked, code)).status_code == 200
    assert (await show(identity, asked, code)).status_code == 401


async def test_after_five_wrong_codes_the_right_one_is_refused_too(
    around: Surroundings, identity: httpx.AsyncClient, notifications: httpx.AsyncClient
) -> None:
    asked = (await ask(identity, KNOWN_PHONE)).json()
    code = code_in((await sms_to(around, KNOWN_PHONE))[0])
    answers = [await show(identity, asked, wrong(code)) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {401}
    assert (await show(identity, asked, code)).status_code == 401


async def test_after_ten_minutes_a_code_signs_nobody_in_and_is_not_sent_either(
    around: Surroundings,
    identity: httpx.AsyncClient,
    notifications: httpx.AsyncClient,
    later: Callable[[timedelta], None],
    place: Place,
) -> None:
    in_time = (await ask(identity, KNOWN_PHONE)).json()
    code = code_in((await sms_to(around, KNOWN_PHONE))[0])
    await around.gateway_behaves("busy", times=3)
    late = (await ask(identity, NEW_PHONE)).json()
    later(timedelta(minutes=10, seconds=1))
    assert (await show(identity, in_time, code)).status_code == 401

    async def job_is_done() -> bool:
        async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
            jobs = mongo[f"{place.database_prefix}notifications"].jobs
            job = await jobs.find_one({"kind": "send_sign_in_code", "key": late["challenge"]})
            return job is not None and job["state"] == "done"

    await eventually(job_is_done, within_s=60)
    sent = (await around.gateway.get("/messages")).json()
    assert [message["to"] for message in sent] == [[KNOWN_PHONE]]


@pytest.fixture
async def talkative(around: Surroundings) -> AsyncIterator[httpx.AsyncClient]:
    """Both as processes of their own, which say all that they can say."""
    async with AsyncExitStack() as stack:
        for name, port in (("identity", around.identity_port), ("notifications", free_port())):
            process = ServiceProcess(name, port, {**os.environ, **around.environment(name), "ESHIK_LOG_LEVEL": "debug"})
            stack.push_async_callback(process.stop)
            await process.start()
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{around.identity_port}", timeout=30, trust_env=False)
        yield await stack.enter_async_context(client)


async def test_a_code_and_its_contact_lie_in_no_database_queue_or_log(
    capfd: pytest.CaptureFixture[str], around: Surroundings, talkative: httpx.AsyncClient, place: Place
) -> None:
    identity = talkative
    by_sms, by_mail = (await ask(identity, NEW_PHONE)).json(), (await ask(identity, NEW_EMAIL)).json()
    codes = [code_in((await sms_to(around, NEW_PHONE))[0]), code_in(await mail_to(around, NEW_EMAIL))]
    for asked, code in zip((by_sms, by_mail), codes, strict=True):
        assert (await show(identity, asked, code)).status_code == 200
    lying = await everything(place)
    said = "".join(capfd.readouterr())
    assert '"service": "identity"' in said
    for secret in (*codes, by_sms["binding"], by_mail["binding"], NEW_PHONE, NEW_EMAIL):
        as_text = re.compile(rf"(?<![0-9a-f]){re.escape(secret)}(?![0-9a-f])")  # six digits happen inside of ids and hashes
        found = [name for name, text in lying.items() if as_text.search(text)]
        assert found == [], secret
        assert not as_text.search(said)


async def test_a_contact_gets_so_many_codes_an_hour_and_the_refusal_says_until_when(identity: httpx.AsyncClient) -> None:
    answers = [await ask(identity, NEW_PHONE, address=f"192.0.2.{number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    refusal = answers[-1]
    assert (refusal.json()["type"], 0 < int(refusal.headers["retry-after"]) <= 3600) == ("/problems/too-many-codes-contact", True)
    assert (await ask(identity, "+996 700 000-199", address="192.0.2.9")).status_code == 429  # the same, written otherwise
    assert (await ask(identity, KNOWN_PHONE, address="192.0.2.9")).status_code == 202


async def test_the_hour_of_a_limit_moves_with_the_clock_and_does_not_begin_anew_at_the_full_hour(
    identity: httpx.AsyncClient, later: Callable[[timedelta], None]
) -> None:
    later(timedelta(minutes=59, seconds=30))
    before = [(await ask(identity, NEW_PHONE, address=f"192.0.2.{number}")).status_code for number in range(5)]
    later(timedelta(minutes=60, seconds=30))
    after = await ask(identity, NEW_PHONE, address="192.0.2.9")
    assert (before, after.status_code) == ([202] * 5, 429)
    assert 55 * 60 < int(after.headers["retry-after"]) <= 60 * 60
    later(timedelta(minutes=59 + 61))
    assert (await ask(identity, NEW_PHONE, address="192.0.2.9")).status_code == 202


async def test_one_mailbox_under_many_names_and_a_row_of_numbers_have_limits_too(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESHIK_IDENTITY_CODES_PER_NUMBER_RANGE_HOUR", "3")
    async with around.identity() as identity:
        names = [(await ask(identity, f"name+{n}@citizen.example", address=f"192.0.2.{n}")).status_code for n in range(6)]
        row = [await ask(identity, f"+99670000010{n}", address=f"198.51.100.{n}") for n in range(4)]
        other = await ask(identity, "+996700001100", address="203.0.113.1")
    assert names == [202] * 5 + [429]
    assert ([each.status_code for each in row], other.status_code) == ([202, 202, 202, 429], 202)
    assert row[-1].json()["type"] == "/problems/too-many-codes-range"


async def test_an_address_may_ask_for_so_many_codes_whoever_they_are_for(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESHIK_IDENTITY_CODES_PER_ADDRESS_HOUR", "3")
    async with around.identity() as identity:
        same = [(await ask(identity, f"a{n}@citizen.example", address=f"2001:db8::{n}")).status_code for n in range(1, 5)]
        other = (await ask(identity, "b@citizen.example", address="2001:db8:0:1::1")).status_code
    assert (same, other) == ([202, 202, 202, 429], 202)


async def test_there_is_a_limit_for_all(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESHIK_IDENTITY_CODES_PER_HOUR", "2")
    async with around.identity() as identity:
        answers = [await ask(identity, f"a{n}@citizen.example", address=f"192.0.2.{n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert answers[-1].json()["type"] == "/problems/too-many-codes-all"


async def test_codes_that_a_contact_gets_no_more_of_use_up_nothing_of_what_all_can_have(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESHIK_IDENTITY_CODES_PER_HOUR", "3")
    monkeypatch.setenv("ESHIK_IDENTITY_CODES_PER_CONTACT_HOUR", "1")
    async with around.identity() as identity:
        same = [(await ask(identity, NEW_PHONE, address=f"192.0.2.{n}")).status_code for n in range(5)]
        other = await ask(identity, KNOWN_PHONE)
    assert (same, other.status_code) == ([202] + [429] * 4, 202)


@pytest.mark.parametrize(
    "contact", ["aigerim", "0700000199", {"$gt": ""}, "a@b", "+0123456789", "x" * 300, "a@b.c\r\nBcc: d@e.f"]
)
async def test_what_is_no_contact_is_refused_and_not_quoted(identity: httpx.AsyncClient, contact: Any) -> None:
    answer = await ask(identity, contact)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/contact")
    assert str(contact) not in answer.text


async def test_the_code_is_told_to_a_service_with_its_scope_and_to_nobody_else(
    around: Surroundings, identity: httpx.AsyncClient
) -> None:
    asked = (await ask(identity, KNOWN_PHONE)).json()

    async def token(scope: str) -> dict[str, str]:
        form = {"grant_type": "client_credentials", "scope": scope, "audience": "identity"}
        secret = around.keys.secret_of("notifications") or ""
        granted = (await identity.post("/oauth/token", auth=("notifications", secret), data=form)).json()
        return {"Authorization": f"Bearer {granted['access_token']}"}

    async def told(headers: dict[str, str]) -> int:
        body = {"challenge_id": asked["challenge"]}
        return (await identity.post("/api/internal/sign-in/codes", json=body, headers=headers)).status_code

    session = (await identity.post("/api/demo/sign-in", json={"account": "aigerim"})).json()
    own = {"Authorization": f"Bearer {session['access_tokens']['identity']}"}
    assert [await told({}), await told(own), await told(await token("contacts:read"))] == [401, 403, 403]
    assert await told(await token("codes:read")) == 200
