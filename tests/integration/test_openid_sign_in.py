"""Signing in with an account elsewhere: with npm's oidc-provider, and with one that lies, which must sign nobody in."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pymongo import MongoClient
from pymongo.database import Database

from cli.erasure import ask_erasure, place_hold
from shared.clock import SystemClock
from shared.jobs.job import NewJob, job_document
from shared.mongo.erasure import ERASE_PERSON
from shared.mongo.operation import Operation
from shared.web.tokens import claims_of
from tests.integration.test_identity_api import AIGERIM
from tests.integration.test_officer_sign_in import around, clock, identity, notifications, token
from tests.support.notifying import Surroundings
from tests.support.officers import demo_headers
from tests.support.openid import CLIENT, SECRET, Liar, provider_of_others, signed_in_there
from tests.support.places import Place
from tests.support.running import on_a_port
from tests.support.serving import eventually

pytestmark = pytest.mark.places_again
__all__ = ["around", "clock", "identity", "notifications", "token"]
PAGES = "http://localhost:8405"


def settle(place: Place, folder: Path, **providers: dict[str, Any]) -> None:
    """The providers, as identity is told of them."""
    (folder / "client-secret").write_text(SECRET)
    common: dict[str, Any] = {"client_id": CLIENT, "client_secret_file": str(folder / "client-secret"), "algorithms": ["RS256"]}
    common |= {"names": {"ky": "Башка", "ru": "Другая", "en": "Other"}, "claims": {"name": "name", "language": "locale"}}
    (folder / "providers.json").write_text(json.dumps({name: common | given for name, given in providers.items()}))
    place.extra["ESHIK_IDENTITY_OPENID_PROVIDERS_FILE"] = str(folder / "providers.json")
    place.extra["ESHIK_IDENTITY_PAGES_URL"] = PAGES


@pytest.fixture
async def liar(place: Place, tmp_path: Path) -> AsyncIterator[Liar]:
    """Both a citizens' provider."""
    lying = Liar()
    async with on_a_port(lying.app()) as door:
        lying.issuer = str(door.base_url).rstrip("/")
        settle(place, tmp_path, eid={"issuer": lying.issuer, "kind": "citizen", "assurance": "e-id"})
        yield lying


@pytest.fixture
async def eid(place: Place, tmp_path: Path) -> AsyncIterator[str]:
    async with provider_of_others(tmp_path, f"{PAGES}/sign-in/openid/eid") as issuer:
        settle(place, tmp_path, eid={"issuer": issuer, "kind": "citizen", "assurance": "e-id"})
        yield issuer


@pytest.fixture
async def ministry(place: Place, tmp_path: Path) -> AsyncIterator[str]:
    async with provider_of_others(tmp_path, f"{PAGES}/sign-in/openid/ministry") as issuer:
        settle(place, tmp_path, ministry={"issuer": issuer, "kind": "officer"})
        yield issuer


async def begin(api: httpx.AsyncClient, provider: str, **body: str) -> dict[str, str]:
    answer = await api.post(f"/api/openid/{provider}/begin", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


async def finish(api: httpx.AsyncClient, provider: str, begun: dict[str, str], back: dict[str, str]) -> httpx.Response:
    body = {"binding": begun["binding"]} | {name: back[name] for name in ("code", "state", "iss") if name in back}
    return await api.post(f"/api/openid/{provider}/finish", json=body)


async def test_a_citizen_of_the_national_e_id_is_a_person_with_its_assurance_and_the_same_one_again(
    eid: str, identity: httpx.AsyncClient
) -> None:
    opened = []
    for _ in range(2):
        begun = await begin(identity, "eid")
        answer = await finish(identity, "eid", begun, await signed_in_there(begun["authorization_url"], "20101199000123"))
        assert answer.status_code == 200, answer.text
        opened.append(answer.json())
    assert opened[0]["person"]["id"] == opened[1]["person"]["id"]
    assert (opened[0]["person"]["name"], opened[0]["person"]["language"]) == ("Айпери Үлгү кызы", "ky")
    claims = claims_of(opened[0]["access_tokens"]["applications"])
    assert (claims["kind"], claims["acr"], claims["amr"]) == ("citizen", "e-id", ["openid"])


async def test_an_account_that_was_written_to_another_person_signs_nobody_in(
    eid: str, identity: httpx.AsyncClient, place: Place
) -> None:
    begun = await begin(identity, "eid")
    await finish(identity, "eid", begun, await signed_in_there(begun["authorization_url"], "20101199000123"))
    with MongoClient[dict[str, Any]](place.mongo_url) as mongo:
        subjects = mongo[f"{place.database_prefix}identity"].openid_subjects
        assert subjects.update_one({}, {"$set": {"person_id": AIGERIM}}).modified_count == 1
    again = await begin(identity, "eid")
    answer = await finish(identity, "eid", again, await signed_in_there(again["authorization_url"], "20101199000123"))
    assert (answer.status_code, "access_tokens" in answer.text) == (500, False)


async def test_a_code_comes_back_once_and_only_to_the_browser_that_went(eid: str, identity: httpx.AsyncClient) -> None:
    begun = await begin(identity, "eid")
    assert parameter(begun, "max_age") == "600"  # a browser left open there would else be a sign-in of this moment
    back = await signed_in_there(begun["authorization_url"], "somebody")
    assert (await finish(identity, "eid", begun, back)).status_code == 200
    assert (await finish(identity, "eid", begun, back)).status_code == 401
    again = await begin(identity, "eid")
    replayed = await finish(identity, "eid", again, back | {"state": parameter(again, "state")})
    assert replayed.status_code == 401  # the provider itself refuses the code
    other = await begin(identity, "eid")
    elsewhere = await signed_in_there(other["authorization_url"], "somebody")
    assert (await finish(identity, "eid", other | {"binding": "another-browser"}, elsewhere)).status_code == 401


async def test_an_officer_is_known_by_the_subject_that_their_invitation_linked_and_by_nothing_else(
    ministry: str, identity: httpx.AsyncClient, token: str, place: Place
) -> None:
    stranger = await begin(identity, "ministry")
    refused = await finish(identity, "ministry", stranger, await signed_in_there(stranger["authorization_url"], "m-417"))
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/openid-account-unknown")
    robber = await begin(identity, "ministry")  # who writes the database puts the open invitation into a flow of their own
    with MongoClient[dict[str, Any]](place.mongo_url) as mongo:
        written = mongo[f"{place.database_prefix}identity"].openid_flows
        wanted = {"_id": parameter(robber, "state").partition(".")[0]}
        assert written.update_one(wanted, {"$set": {"invitation_id": token.partition(".")[0]}}).modified_count == 1
    robbed = await finish(identity, "ministry", robber, await signed_in_there(robber["authorization_url"], "robber"))
    assert robbed.status_code == 401, robbed.text
    linking = await begin(identity, "ministry", invitation=token)
    linked = await finish(identity, "ministry", linking, await signed_in_there(linking["authorization_url"], "m-417"))
    assert linked.status_code == 200, linked.text
    begun = await begin(identity, "ministry")
    back = await finish(identity, "ministry", begun, await signed_in_there(begun["authorization_url"], "m-417"))
    assert back.json()["person"]["login"] == "tynchtyk"
    other = await begin(identity, "ministry")
    assert (
        await finish(identity, "ministry", other, await signed_in_there(other["authorization_url"], "M-417"))
    ).status_code == 403
    assert (await identity.post("/api/openid/ministry/begin", json={"invitation": "x"})).status_code == 409


async def test_a_reset_takes_a_linked_account_away_which_may_be_somebody_elses(
    ministry: str, identity: httpx.AsyncClient, token: str
) -> None:
    linking = await begin(identity, "ministry", invitation=token)
    linked = await finish(identity, "ministry", linking, await signed_in_there(linking["authorization_url"], "intruder"))
    path = f"/api/officers/{linked.json()['person']['id']}/invitations"
    reset = await identity.post(path, json={"reason": "under-suspicion"}, headers=await demo_headers(identity, "bakyt"))
    assert reset.status_code == 201, reset.text
    begun = await begin(identity, "ministry")
    back = await finish(identity, "ministry", begun, await signed_in_there(begun["authorization_url"], "intruder"))
    assert back.status_code == 403


@pytest.mark.parametrize("held", [False, True])
async def test_nobody_signs_in_as_an_erased_person_and_whoever_they_are_may_come_anew(
    liar: Liar, identity: httpx.AsyncClient, place: Place, held: bool
) -> None:
    before = (await finish_with(liar, identity)).json()["person"]["id"]
    database = MongoClient[dict[str, Any]](place.mongo_url, tz_aware=True)[f"{place.database_prefix}identity"]
    database.passkeys.insert_one({"_id": "a passkey", "proof": None, "person_id": before})
    by_hand = ["court-order"] if held else []
    for kind in by_hand:
        place_hold(database, before, "case-1", kind, SystemClock().now(), who="operator", note="request 17")
    ask_erasure(database, before, SystemClock().now(), who="operator", note="request 17")
    await eventually(lambda: looked_at(database, before, [*by_hand, "other-services"]), within_s=60)
    assert (await finish_with(liar, identity)).json()["person"]["id"] == before  # the account goes last
    others_have_destroyed(database, before)
    await eventually(lambda: looked_at(database, before, by_hand), within_s=60)
    again = await finish_with(liar, identity)
    assert again.status_code == 200
    assert (again.json()["person"]["id"] == before) is held
    assert database.passkeys.count_documents({"person_id": before}) == held


async def looked_at(database: Database[dict[str, Any]], person: str, held_for: list[str]) -> bool:
    row = database.erasures.find_one({"_id": person})
    return row is not None and row["held_for"] == held_for


def others_have_destroyed(database: Database[dict[str, Any]], person: str) -> None:
    """As their answers would say."""
    answer = {"number": 1, "at": SystemClock().now(), "held_for": None}
    answers = dict.fromkeys(("applications", "documents", "notifications"), answer)
    database.erasures_asked.update_one({"_id": person}, {"$set": {"answers": answers}})
    look = NewJob(ERASE_PERSON, f"{person}:again", SystemClock().now(), {"person_id": person})
    database.jobs.insert_one(job_document(look, Operation.now(SystemClock())))


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of another flow"},
        {"nonce": None},
        {"iss": "http://127.0.0.1:1"},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "somebody-else"]},
        {"azp": "somebody-else"},
        {"exp": 1_700_000_000, "iat": 1_699_999_000},
        {"exp": None},
        {"auth_time": 1_700_000_000},
        {"auth_time": "now"},
        {"sub": None},
    ],
    ids=str,
)
async def test_an_id_token_that_says_something_wrong_signs_nobody_in(
    liar: Liar, identity: httpx.AsyncClient, lie: dict[str, Any]
) -> None:
    liar.changes = lie
    assert (await finish_with(liar, identity)).status_code == 401
    liar.changes = {}
    assert (await finish_with(liar, identity)).status_code == 200


@pytest.mark.parametrize("algorithm", ["none", "HS256", "PS256"])
async def test_an_id_token_with_another_algorithm_than_agreed_signs_nobody_in(
    liar: Liar, identity: httpx.AsyncClient, algorithm: str
) -> None:
    liar.algorithm = algorithm
    assert (await finish_with(liar, identity)).status_code == 401


async def test_a_provider_that_breaks_over_the_code_is_away_and_nobody_is_told_that_the_fault_is_ours(
    liar: Liar, identity: httpx.AsyncClient
) -> None:
    liar.algorithm = "nothing that it can sign with"
    async with httpx.AsyncClient(base_url=identity.base_url, trust_env=False, timeout=30) as once:  # asks but once
        broken = await finish_with(liar, once)
    assert (broken.status_code, broken.json()["type"]) == (503, "/problems/unavailable")


async def test_an_id_token_of_another_key_signs_nobody_in(liar: Liar, identity: httpx.AsyncClient) -> None:
    liar.signs_with = liar.stranger
    assert (await finish_with(liar, identity)).status_code == 401


async def test_another_issuer_in_the_answer_is_refused_before_the_code_is_shown_anywhere(
    liar: Liar, identity: httpx.AsyncClient
) -> None:
    begun = await begin(identity, "eid")
    back = liar.begun(begun["authorization_url"])
    assert (await finish(identity, "eid", begun, back | {"iss": "https://evil.example"})).status_code == 401
    assert liar.asked == []


async def test_metadata_that_speaks_for_another_issuer_is_not_used(liar: Liar, identity: httpx.AsyncClient) -> None:
    liar.issuer = "http://127.0.0.1:1"
    assert (await identity.post("/api/openid/eid/begin", json={})).status_code == 503


async def test_a_provider_that_is_not_in_the_settings_is_not_offered(liar: Liar, identity: httpx.AsyncClient) -> None:
    assert (await identity.post("/api/openid/another/begin", json={})).status_code == 409
    assert [each["id"] for each in (await identity.get("/api/openid/providers")).json()["providers"]] == ["eid"]


async def test_a_provider_that_fails_is_not_asked_by_everybody_one_after_the_other(
    place: Place, tmp_path: Path, around: Surroundings
) -> None:
    asked = 0
    failing = FastAPI()

    @failing.get("/.well-known/openid-configuration", status_code=500)
    async def metadata() -> None:
        nonlocal asked
        asked += 1

    async with on_a_port(failing, until_ready=False) as door:
        settle(place, tmp_path, eid={"issuer": str(door.base_url).rstrip("/"), "kind": "citizen"})
        async with around.identity() as identity:
            answers = await asyncio.gather(*(identity.post("/api/openid/eid/begin", json={}) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {503}
    assert 1 <= asked < 10  # once, unless the machine takes many seconds for all of them


async def finish_with(liar: Liar, identity: httpx.AsyncClient) -> httpx.Response:
    begun = await begin(identity, "eid")
    return await finish(identity, "eid", begun, liar.begun(begun["authorization_url"]))


def parameter(begun: dict[str, str], name: str) -> str:
    return httpx.URL(begun["authorization_url"]).params[name]
