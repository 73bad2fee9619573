"""Sessions over HTTP: tokens for one service each, refresh by rotation, the end of one and of all, and a change of keys."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from pymongo import AsyncMongoClient

from deploy.local.environment import service_environment
from deploy.local.keys import Keys, make_keys
from deploy.local.places import Places
from services.identity.app import create_app
from shared.clock import SystemClock
from shared.web.tokens import InvalidToken, TokenVerifier, keys_of
from tests.support.places import Place
from tests.support.running import on_a_port

pytestmark = pytest.mark.places_again

SERVICES = ("identity", "applications", "documents", "notifications")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make_keys(tmp_path / "keys")


@pytest.fixture
def environment(place: Place, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    wanted = service_environment("identity", Places(tmp_path), place.servers.ports, keys)
    for name, value in {**wanted, **place.environment, "ESHIK_CLOCK_FILE": str(tmp_path / "clock")}.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def running() -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return on_a_port(create_app())


@pytest.fixture
async def identity(environment: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    async with running() as client:
        yield client


@pytest.fixture
def later(tmp_path: Path) -> Callable[[timedelta], None]:
    """Moves the clock of the service ahead."""

    def move(by: timedelta) -> None:
        (tmp_path / "clock").write_text(str(by.total_seconds()))

    return move


async def sign_in(identity: httpx.AsyncClient, account: str = "aigerim", **more: str) -> dict[str, Any]:
    response = await identity.post("/api/demo/sign-in", json={"account": account, **more})
    assert response.status_code == 200, response.text
    opened: dict[str, Any] = response.json()
    return opened


def refresh(identity: httpx.AsyncClient, opened: dict[str, Any]) -> Awaitable[httpx.Response]:
    return identity.post("/api/sessions/refresh", json={"refresh_token": opened["refresh_token"]})


def bearer(opened: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {opened['access_tokens']['identity']}"}


async def rows(place: Place, collection: str) -> list[dict[str, Any]]:
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        return await mongo[f"{place.database_prefix}identity"][collection].find().to_list()


async def test_each_access_token_opens_its_own_service_and_no_other(identity: httpx.AsyncClient) -> None:
    opened = await sign_in(identity)
    assert set(opened["access_tokens"]) == set(SERVICES)
    for service in SERVICES:
        verifier = TokenVerifier(service, keys_of(str(identity.base_url)), SystemClock())
        for made_for, token in opened["access_tokens"].items():
            if made_for == service:
                assert (await verifier.verify(token)).id == opened["person"]["id"]  # type: ignore[union-attr]
            else:
                with pytest.raises(InvalidToken):
                    await verifier.verify(token)


async def test_a_refresh_brings_new_tokens_and_the_next_refresh_token(identity: httpx.AsyncClient) -> None:
    opened = await sign_in(identity)
    answer = await refresh(identity, opened)
    renewed = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert renewed["refresh_token"] != opened["refresh_token"]
    assert renewed["session_id"] == opened["session_id"]
    assert (await identity.get("/api/me", headers=bearer(renewed))).status_code == 200


async def test_what_changes_how_one_signs_in_needs_a_sign_in_of_the_last_minutes_and_a_refresh_is_none(
    identity: httpx.AsyncClient, later: Callable[[timedelta], None]
) -> None:
    opened, ask = await sign_in(identity), "/api/passkeys/registration/options"
    assert (await identity.post(ask, headers=bearer(opened))).status_code == 200
    later(timedelta(minutes=11))
    renewed = (await refresh(identity, opened)).json()
    told = {
        language: await identity.post(ask, headers=bearer(renewed) | {"Accept-Language": language}) for language in ("ky", "ru")
    }
    assert {each.json()["type"] for each in told.values()} == {"/problems/sign-in-again"}
    assert {each.status_code for each in told.values()} == {403}
    assert "Войдите снова" in told["ru"].json()["detail"]
    assert "Кайра кирип" in told["ky"].json()["detail"]
    assert (await identity.get("/api/me", headers=bearer(renewed))).status_code == 200
    assert (await identity.post(ask, headers=bearer(await sign_in(identity)))).status_code == 200


async def test_sign_ins_without_any_proof_are_begun_so_often_from_one_address(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("ESHIK_IDENTITY_SIGN_INS_PER_ADDRESS_HOUR", "3")
    async with running() as identity:
        path = "/api/passkeys/sign-in/options"
        same = [await identity.post(path, headers={"X-Forwarded-For": "192.0.2.7"}) for _ in range(4)]
        other = await identity.post(path, headers={"X-Forwarded-For": "192.0.2.8"})
    assert ([each.status_code for each in same], other.status_code) == ([200, 200, 200, 429], 200)
    assert 0 < int(same[-1].headers["retry-after"]) <= 3600


async def test_two_tabs_that_refresh_at_once_get_the_same_successor(identity: httpx.AsyncClient) -> None:
    opened = await sign_in(identity)
    answers = await asyncio.gather(*(refresh(identity, opened) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    assert (await refresh(identity, answers[0].json())).status_code == 200


async def test_an_answer_that_was_lost_is_given_again_for_half_a_minute(
    identity: httpx.AsyncClient, later: Callable[[timedelta], None]
) -> None:
    opened = await sign_in(identity)
    first = (await refresh(identity, opened)).json()["refresh_token"]
    later(timedelta(seconds=20))
    assert (await refresh(identity, opened)).json()["refresh_token"] == first


async def test_a_refresh_token_shown_again_later_ends_the_session_and_is_audited(
    identity: httpx.AsyncClient, place: Place, later: Callable[[timedelta], None]
) -> None:
    opened = await sign_in(identity)
    renewed = (await refresh(identity, opened)).json()
    later(timedelta(seconds=60))
    assert (await refresh(identity, opened)).status_code == 401
    assert (await refresh(identity, renewed)).status_code == 401  # for whoever has the good one too
    (entry,) = [entry for entry in await rows(place, "audit") if entry["act"] == "session:reuse"]
    assert entry["about"] == {"session": opened["session_id"], "person": opened["person"]["id"]}


async def test_signing_out_ends_this_session_and_leaves_the_others(identity: httpx.AsyncClient) -> None:
    here, elsewhere = await sign_in(identity), await sign_in(identity)
    ended = await identity.post("/api/sessions/end", json={"refresh_token": here["refresh_token"]})
    assert (ended.status_code, ended.json()) == (200, {"ended": 1})
    assert (await refresh(identity, here)).status_code == 401
    assert (await refresh(identity, elsewhere)).status_code == 200


async def test_signing_out_everywhere_ends_all_sessions_of_the_person_and_of_nobody_else(
    identity: httpx.AsyncClient, place: Place
) -> None:
    mine, also_mine, other = await sign_in(identity), await sign_in(identity), await sign_in(identity, "timur")
    ended = await identity.post("/api/sessions/end-all", headers=bearer(mine))
    assert ended.json() == {"ended": 2}
    assert [(await refresh(identity, one)).status_code for one in (mine, also_mine, other)] == [401, 401, 200]
    assert [entry["act"] for entry in await rows(place, "audit")] == ["session:end-all"]


async def test_one_sees_where_one_is_signed_in_and_may_end_it_there(identity: httpx.AsyncClient) -> None:
    old, here = await sign_in(identity, device="my old phone"), await sign_in(identity)
    other = await sign_in(identity, "timur")
    listed = (await identity.get("/api/sessions", headers=bearer(here))).json()["sessions"]
    assert {one["id"]: (one["here"], one["device"], one["methods"]) for one in listed} == {
        old["session_id"]: (False, "my old phone", ["demo"]),
        here["session_id"]: (True, "", ["demo"]),
    }
    ended = await identity.post(f"/api/sessions/{old['session_id']}/end", headers=bearer(here))
    foreign = await identity.post(f"/api/sessions/{other['session_id']}/end", headers=bearer(here))
    assert (ended.status_code, foreign.status_code) == (200, 404)
    assert [(await refresh(identity, one)).status_code for one in (old, here, other)] == [401, 200, 200]


@pytest.mark.parametrize(("account", "lasts"), [("aigerim", timedelta(days=30)), ("nurlan", timedelta(hours=12))])
async def test_a_session_that_nobody_uses_is_over(
    identity: httpx.AsyncClient, later: Callable[[timedelta], None], account: str, lasts: timedelta
) -> None:
    opened = await sign_in(identity, account)
    assert opened["refresh_expires_in"] == lasts.total_seconds()
    later(lasts + timedelta(seconds=1))
    assert (await refresh(identity, opened)).status_code == 401


@pytest.mark.parametrize("token", ["nonsense", "a.1.b", {"$gt": ""}, "9b4df1ba-0000-4000-8000-000000000000.1." + "A" * 43])
async def test_what_is_no_refresh_token_opens_nothing_and_ends_nothing(identity: httpx.AsyncClient, token: object) -> None:
    wanted = 401 if isinstance(token, str) else 422
    assert (await identity.post("/api/sessions/refresh", json={"refresh_token": token})).status_code == wanted
    ended = await identity.post("/api/sessions/end", json={"refresh_token": token})
    assert (ended.status_code, ended.json().get("ended")) == ((200, 0) if isinstance(token, str) else (422, None))


async def test_nothing_that_opens_a_session_lies_in_the_database(identity: httpx.AsyncClient, place: Place) -> None:
    opened = await sign_in(identity)
    renewed = (await refresh(identity, opened)).json()
    for collection in ("sessions", "idempotency_keys", "outbox", "audit"):
        stored = repr(await rows(place, collection))
        for secret in (opened["refresh_token"], renewed["refresh_token"], *opened["access_tokens"].values()):
            assert secret.rpartition(".")[2] not in stored


async def test_tokens_of_the_key_before_are_good_after_the_key_was_changed_and_before_verifiers_noticed(
    environment: pytest.MonkeyPatch, keys: Keys, tmp_path: Path
) -> None:
    """As docs/settings.md says: the old public key into retired_key_files, the new key as signing_key_file, a restart.
    Another service that runs meanwhile remembers the old key set."""
    async with running() as identity:
        address = httpx.URL(identity.base_url)
        verifier = TokenVerifier("documents", keys_of(str(address)), SystemClock())
        before = await sign_in(identity)
        await verifier.verify(before["access_tokens"]["documents"])
    old = load_pem_private_key(keys.identity_signing_key.read_bytes(), None)
    retired = tmp_path / "retired.pem"
    retired.write_bytes(old.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    environment.setenv("ESHIK_IDENTITY_SIGNING_KEY_FILE", str(make_keys(tmp_path / "new").identity_signing_key))
    environment.setenv("ESHIK_IDENTITY_RETIRED_KEY_FILES", f'["{retired}"]')
    async with on_a_port(create_app(), port=address.port or 0) as identity:
        after = (await refresh(identity, before)).json()
        assert (await identity.get("/api/me", headers=bearer(before))).status_code == 200
        assert (await identity.get("/api/me", headers=bearer(after))).status_code == 200
        await verifier.verify(before["access_tokens"]["documents"])
        verifier._fetched_at -= 10  # it asks for an unknown key at most every five seconds
        await verifier.verify(after["access_tokens"]["documents"])
    environment.setenv("ESHIK_IDENTITY_RETIRED_KEY_FILES", "[]")
    async with running() as identity:
        assert (await identity.get("/api/me", headers=bearer(before))).status_code == 401
        assert (await identity.get("/api/me", headers=bearer(after))).status_code == 200
