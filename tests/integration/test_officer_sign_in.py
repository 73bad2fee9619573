"""Officers by invitation: the link, the password, the authenticator, and what does not sign in, over real services."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from deploy.local.keys import make_keys
from services.identity.domain.sign_in_secret import SignInSecret
from services.identity.officers_tries import PLACES, place_of
from services.notifications.app import create_app as create_notifications
from shared.web.tokens import claims_of
from tests.support.notifying import Surroundings, surroundings
from tests.support.officers import (
    BROWSER,
    NEW,
    PASSWORD,
    Authenticator,
    confirm,
    demo_headers,
    enrol,
    invite,
    letters_to,
    open_link,
    show_code,
    show_password,
    token_in,
    waiting_grants,
)
from tests.support.places import Place
from tests.support.running import on_a_port

pytestmark = pytest.mark.places_again

EMAIL = str(NEW["email"])
AGAIN = timedelta(minutes=2)  # past every step of the authenticator that was used


class Clock:
    """The services' clock, which a test moves."""

    def __init__(self, file: Path) -> None:
        self._file, self._ahead = file, timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def forward(self, by: timedelta = AGAIN) -> datetime:
        self._ahead += by
        self._file.write_text(str(self._ahead.total_seconds()))
        return self.now()


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
async def around(place: Place, tmp_path: Path) -> AsyncIterator[Surroundings]:
    place.extra["ESHIK_LOG_LEVEL"] = "debug"
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


@pytest.fixture
async def token(around: Surroundings, identity: httpx.AsyncClient, notifications: httpx.AsyncClient) -> str:
    """Of the link in the letter to an invited officer."""
    invited = await invite(identity)
    assert invited.status_code == 201, invited.text
    return token_in((await letters_to(around, EMAIL))[0])


@pytest.fixture
async def phone(identity: httpx.AsyncClient, token: str, clock: Clock) -> Authenticator:
    """Of the enrolled officer, a while later."""
    authenticator, _ = await enrol(identity, token, clock.now())
    clock.forward()
    return authenticator


async def half(identity: httpx.AsyncClient) -> dict[str, Any]:
    answer = await show_password(identity)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def entries(place: Place, act: str) -> list[dict[str, Any]]:
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        return await mongo[f"{place.database_prefix}identity"].audit.find({"act": act}).to_list()


async def test_an_invited_officer_signs_in_with_two_factors_and_has_the_role_they_were_invited_for(
    identity: httpx.AsyncClient, phone: Authenticator, clock: Clock, place: Place
) -> None:
    opened = await show_code(identity, await half(identity), phone.at(clock.now()), device="Эшик столу")
    assert opened.status_code == 200, opened.text
    claims = claims_of(opened.json()["access_tokens"]["applications"])
    assert (claims["amr"], claims["grants"], claims["post"]) == (["pwd", "otp"], [["deciding", "yek"]], "yek")
    entry = (await entries(place, "session:open"))[0]
    assert (entry["about"]["session"], entry["about"]["by"]) == (opened.json()["session_id"], "authenticator")


async def test_an_invitation_is_good_once(identity: httpx.AsyncClient, token: str, clock: Clock) -> None:
    await enrol(identity, token, clock.now())
    again = await open_link(identity, token)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/invitation-over")


async def test_a_link_shows_the_authenticators_secret_to_the_browser_that_opened_it_and_for_a_short_time(
    identity: httpx.AsyncClient, token: str, clock: Clock, place: Place
) -> None:
    """Who finds the message later, in a mailbox or on a screen, is shown nothing, and neither is the officer: they ask anew."""
    mine = await open_link(identity, token)
    assert mine.status_code == 200, mine.text
    assert (await open_link(identity, token)).json() == mine.json()  # the same page drawn again
    other = await open_link(identity, token, binding="o" * 43)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/invitation-opened")
    code = Authenticator(mine.json()["totp_secret"]).at(clock.now())
    theirs = {"token": token, "binding": "o" * 43, "password": PASSWORD, "code": code}
    assert (await identity.post("/api/officers/enrolment/credentials", json=theirs)).status_code == 409
    code = Authenticator(mine.json()["totp_secret"]).at(clock.forward(timedelta(minutes=15)))
    late = await identity.post("/api/officers/enrolment/credentials", json=theirs | {"binding": BROWSER, "code": code})
    assert (late.status_code, late.json()["type"]) == (409, "/problems/invitation-opened")
    assert (await open_link(identity, token)).status_code == 409
    assert len(await entries(place, "invitation:open")) == 1


async def test_recovery_codes_whose_answer_was_lost_come_again_for_a_minute_to_the_same_browser(
    identity: httpx.AsyncClient, token: str, clock: Clock
) -> None:
    _, codes = await enrol(identity, token, clock.now())
    body = {"token": token, "binding": BROWSER, "password": PASSWORD, "code": "000000"}
    again = await identity.post("/api/officers/enrolment/credentials", json=body)
    other = await identity.post("/api/officers/enrolment/credentials", json=body | {"binding": "o" * 43})
    assert (again.status_code, again.json()["recovery_codes"], other.status_code) == (200, codes, 409)
    clock.forward(timedelta(seconds=90))
    assert (await identity.post("/api/officers/enrolment/credentials", json=body)).status_code == 409
    assert (await show_code(identity, await half(identity), codes[7])).status_code == 200


async def test_logins_that_somebody_invents_fill_no_database(identity: httpx.AsyncClient, place: Place) -> None:
    secret = SignInSecret(bytes(32))
    places = {place_of(f"invented-{number}", secret) for number in range(2000)}
    assert len(places) > 1900  # apart, and yet not more than there are
    assert place_of("Nurlan", secret) == place_of("nurlan", secret)
    assert all(0 <= int(name.partition(":")[2]) < PLACES for name in places)
    await show_password(identity, login="invented", password="wrong-wrong-wrong")
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        (row,) = await mongo[f"{place.database_prefix}identity"].sign_in_delays.find().to_list()
    assert re.fullmatch(r"place:[0-9]{5}", row["_id"])


async def test_an_invitation_ends_after_three_days(identity: httpx.AsyncClient, token: str, clock: Clock) -> None:
    clock.forward(timedelta(hours=72))
    assert (await open_link(identity, token)).status_code == 409


async def test_a_token_that_was_not_made_here_opens_nothing(identity: httpx.AsyncClient, token: str) -> None:
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    answers = [await open_link(identity, each) for each in (forged, "x", token.split(".")[0])]
    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {(409, "/problems/invitation-over")}


@pytest.mark.parametrize(
    ("password", "language", "said"),
    [
        ("short-one-1", "ky", "Сырсөз кеминде 12 белгиден"),
        ("password1234", "ru", "распространённых"),
        ("qwertyuiop123", "en", "among the common ones"),
        ("мен-tynchtyk-болом", "en", "contain your login"),
    ],
)
async def test_a_password_that_is_easy_to_guess_is_refused_in_ones_language(
    identity: httpx.AsyncClient, token: str, clock: Clock, password: str, language: str, said: str
) -> None:
    shown = (await open_link(identity, token)).json()
    body = {"token": token, "binding": BROWSER, "password": password, "code": Authenticator(shown["totp_secret"]).at(clock.now())}
    refused = await identity.post("/api/officers/enrolment/credentials", json=body, headers={"Accept-Language": language})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/password")
    assert said in refused.json()["errors"][0]["detail"]
    assert password not in refused.text
    assert (await open_link(identity, token)).status_code == 200


async def test_a_code_of_the_authenticator_signs_in_once(identity: httpx.AsyncClient, phone: Authenticator, clock: Clock) -> None:
    first, second, code = await half(identity), await half(identity), phone.at(clock.now())
    answers = await asyncio.gather(show_code(identity, first, code), show_code(identity, second, code))
    assert sorted(answer.status_code for answer in answers) == [200, 401]
    assert (await show_code(identity, await half(identity), code)).status_code == 401


async def test_the_code_of_the_enrolment_signs_nobody_in(identity: httpx.AsyncClient, token: str, clock: Clock) -> None:
    phone, _ = await enrol(identity, token, clock.now())
    before = phone.at(clock.now(), steps=-1)
    assert (await show_code(identity, await half(identity), before)).status_code == 401


async def test_nobody_signs_in_by_a_row_that_was_rewritten_in_the_database(
    identity: httpx.AsyncClient, phone: Authenticator, clock: Clock, place: Place
) -> None:
    code = phone.at(clock.now())
    assert (await show_code(identity, await half(identity), code)).status_code == 200
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        db = mongo[f"{place.database_prefix}identity"]
        [person] = await db.officer_credentials.find().to_list()
        await db.officer_credentials.update_one({}, {"$set": {"last_step": 0}})
        assert (await show_password(identity)).status_code == 500
        await db.officer_credentials.replace_one({"_id": person["_id"]}, person)
        pending = await half(identity)
        await db.officer_sign_ins.update_many({}, {"$set": {"person_id": "c365797b-7498-5192-8ffe-4703b585970d"}})
        assert (await show_code(identity, pending, phone.at(clock.forward()))).status_code == 500
    assert (await show_code(identity, await half(identity), phone.at(clock.forward()))).status_code == 200


async def test_a_pending_sign_in_takes_three_codes_and_only_from_where_the_password_came(
    identity: httpx.AsyncClient, phone: Authenticator, clock: Clock
) -> None:
    begun = await half(identity)
    right = phone.at(clock.now())
    assert (await show_code(identity, begun | {"binding": "another-browser"}, right)).status_code == 401
    assert (await show_code(identity, begun, "000000")).status_code == 401
    assert (await show_code(identity, begun, "000001")).status_code == 401
    assert (await show_code(identity, begun, right)).status_code == 401
    assert (await show_code(identity, await half(identity), right)).status_code == 200


async def test_a_recovery_code_signs_in_once_in_place_of_the_authenticator(
    identity: httpx.AsyncClient, token: str, clock: Clock
) -> None:
    _, codes = await enrol(identity, token, clock.now())
    assert (await show_code(identity, await half(identity), codes[3].lower())).status_code == 200
    assert (await show_code(identity, await half(identity), codes[3])).status_code == 401
    assert (await show_code(identity, await half(identity), codes[4])).status_code == 200


async def test_the_answer_is_the_same_for_a_wrong_password_and_a_login_that_nobody_has(
    identity: httpx.AsyncClient, phone: Authenticator
) -> None:
    answers = [
        await show_password(identity, password="wrong-wrong-wrong"),
        await show_password(identity, login="nobody-at-all"),
        await show_password(identity, login="nurlan"),  # an officer without a password
        await show_password(identity, login="aigerim"),  # a citizen
    ]
    assert len({(each.status_code, each.json()["type"], each.json()["detail"]) for each in answers}) == 1
    assert answers[0].status_code == 401


async def test_of_many_passwords_at_once_a_few_are_looked_at_and_the_waits_grow(
    identity: httpx.AsyncClient, phone: Authenticator, clock: Clock
) -> None:
    answers = await asyncio.gather(*(show_password(identity, password=f"guess-number-{n}") for n in range(40)))
    looked_at = [answer for answer in answers if answer.status_code == 401]
    assert 1 <= len(looked_at) <= 6
    assert {answer.status_code for answer in answers} == {401, 429}
    waits = []
    for _ in range(3):
        while (refused := await show_password(identity, password="wrong-wrong-wrong")).status_code == 401:
            pass
        waits.append(int(refused.headers["retry-after"]))
        clock.forward(timedelta(seconds=waits[-1]))
        await show_password(identity, password="wrong-wrong-wrong")
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    assert (await show_password(identity)).status_code == 429  # the right one too
    assert (await show_password(identity, login="somebody-else")).status_code == 401


async def test_an_address_may_try_so_many_passwords_whoever_they_are_for(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESHIK_IDENTITY_PASSWORDS_PER_ADDRESS_HOUR", "3")
    async with around.identity() as identity:
        tries = [await show_password(identity, login=f"login-{n}", **{"X-Forwarded-For": "192.0.2.7"}) for n in range(4)]
        other = await show_password(identity, login="login-9", **{"X-Forwarded-For": "192.0.2.8"})
    assert ([each.status_code for each in tries], other.status_code) == ([401, 401, 401, 429], 401)


async def test_a_changed_password_ends_the_other_sessions_and_the_old_one_signs_in_no_more(
    identity: httpx.AsyncClient, phone: Authenticator, clock: Clock, place: Place
) -> None:
    elsewhere = (await show_code(identity, await half(identity), phone.at(clock.now()))).json()
    here = (await show_code(identity, await half(identity), phone.at(clock.forward()))).json()
    bearer = {"Authorization": f"Bearer {here['access_tokens']['identity']}"}
    other = "башка-узун-сырсөз-73"
    wrong = await identity.post("/api/officers/password", json={"current": other, "password": other}, headers=bearer)
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/current")
    changed = await identity.post("/api/officers/password", json={"current": PASSWORD, "password": other}, headers=bearer)
    assert (changed.status_code, changed.json()) == (200, {"ended": 1})
    gone = await identity.post("/api/sessions/refresh", json={"refresh_token": elsewhere["refresh_token"]})
    kept = await identity.post("/api/sessions/refresh", json={"refresh_token": here["refresh_token"]})
    assert (gone.status_code, kept.status_code) == (401, 200)
    assert ((await show_password(identity)).status_code, (await show_password(identity, password=other)).status_code) == (
        401,
        200,
    )
    assert len(await entries(place, "credentials:change-password")) == 1


async def test_a_head_lets_an_officer_of_theirs_begin_anew_and_the_old_credentials_end_at_once(
    around: Surroundings, identity: httpx.AsyncClient, phone: Authenticator, clock: Clock, place: Place
) -> None:
    begun = await half(identity)
    session = (await show_code(identity, await half(identity), phone.at(clock.now()))).json()
    person = session["person"]["id"]
    path = f"/api/officers/{person}/invitations"
    reset = await identity.post(path, json={"reason": "lost-authenticator"}, headers=await demo_headers(identity, "bakyt"))
    assert reset.status_code == 201, reset.text
    assert (await identity.post("/api/sessions/refresh", json={"refresh_token": session["refresh_token"]})).status_code == 401
    assert (await show_code(identity, begun, phone.at(clock.forward()))).status_code == 401
    assert (await show_password(identity)).status_code == 401
    token = token_in((await letters_to(around, EMAIL, count=2))[-1])
    new, _ = await enrol(identity, token, clock.now(), password="дагы-бир-жаңы-сөз-9")
    assert new.secret != phone.secret
    assert [entry["reason"] for entry in await entries(place, "credentials:reset")] == ["lost-authenticator"]


async def test_an_invited_officer_decides_nothing_until_a_second_person_says_that_they_exist(
    around: Surroundings, identity: httpx.AsyncClient, notifications: httpx.AsyncClient, clock: Clock, place: Place
) -> None:
    """A head who invents an officer would take in and agree to a case as two."""
    person = (await invite(identity, "bakyt", role="intake", confirmed=False)).json()["person_id"]
    phone, _ = await enrol(identity, token_in((await letters_to(around, EMAIL))[0]), clock.now())
    opened = (await show_code(identity, await half(identity), phone.at(clock.forward()))).json()
    assert claims_of(opened["access_tokens"]["applications"])["grants"] == []
    (grant,) = await waiting_grants(identity, person)
    assert [(await confirm(identity, who, person, grant)).status_code for who in ("bakyt", "nurlan", "cholpon")] == [403] * 3
    assert (await confirm(identity, "ainura", person, grant)).status_code == 200
    again = (await show_code(identity, await half(identity), phone.at(clock.forward()))).json()
    assert claims_of(again["access_tokens"]["applications"])["grants"] == [["intake", "yek"]]
    assert [entry["about"]["grant"] for entry in await entries(place, "grant:confirm")] == [grant]


async def test_who_may_not_give_a_role_invites_nobody_for_it_and_resets_nobody_above(identity: httpx.AsyncClient) -> None:
    assert (await invite(identity, "nurlan")).status_code == 403
    assert (await invite(identity, "bakyt", role="head")).status_code == 403
    assert (await invite(identity, "bakyt", post_id="ist")).status_code == 403
    taken = await invite(identity, "ainura", login="nurlan")
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/login-taken")
    head = (await invite(identity, "ainura", role="head")).json()["person_id"]
    path = f"/api/officers/{head}/invitations"
    refused = await identity.post(path, json={"reason": "lost-password"}, headers=await demo_headers(identity, "bakyt"))
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/may-not-reset")


async def test_no_secret_of_an_officer_lies_in_a_database_or_a_log(
    fresh_logs: None, identity: httpx.AsyncClient, token: str, clock: Clock, place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    phone, codes = await enrol(identity, token, clock.now())
    clock.forward()
    begun = await half(identity)
    assert (await show_code(identity, begun, phone.at(clock.now()))).status_code == 200
    lying, said = await everything(place), "".join(capfd.readouterr())
    assert "second_factor_judged" in said
    assert "$argon2id$" not in lying
    for secret in (PASSWORD, phone.secret, token, token.split(".")[1], begun["binding"], *codes, EMAIL, str(NEW["name"])):
        assert secret not in lying
        assert secret not in said
    assert not re.search(r"otpauth", said)


async def everything(place: Place) -> str:
    """All that lies in the databases, as text."""
    found = []
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        for service in ("identity", "notifications"):
            db = mongo[f"{place.database_prefix}{service}"]
            found += [repr(await db[name].find().to_list()) for name in await db.list_collection_names()]
    return "\n".join(found)
