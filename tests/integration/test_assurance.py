"""What is known of who a citizen is: raised by an officer of the post who saw the papers, told by the next token, and audited."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pymongo import AsyncMongoClient

from deploy.local.keys import make_keys
from services.applications.app import create_app as create_applications
from services.applications.use_cases.note_assurance import NoteAssurance, note_assurance
from services.identity.domain.sign_in_secret import SignInSecret
from shared.actors import Assurance, Citizen
from shared.clock import SystemClock
from shared.web.tokens import TokenVerifier, keys_of
from tests.integration.applications_client import act, approved, submitted
from tests.support.house import FIRST, SECOND, whole_house
from tests.support.notifying import Surroundings, surroundings
from tests.support.places import Place
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens
from tests.support.visitors import Visitor
from tests.unit.applications.cases import RETURN
from tests.unit.portal.portal import portal, visiting

pytestmark = pytest.mark.places_again

SEEN = {"paper": "passport-for-travel"}


@pytest.fixture
async def around(place: Place, tmp_path: Path) -> AsyncIterator[Surroundings]:
    async with surroundings(place, make_keys(tmp_path / "keys"), tmp_path) as parts:
        yield parts


@pytest.fixture
async def identity(around: Surroundings) -> AsyncIterator[httpx.AsyncClient]:
    async with around.identity() as client:
        yield client


async def officer(identity: httpx.AsyncClient, login: str) -> dict[str, str]:
    opened = (await identity.post("/api/demo/sign-in", json={"account": login})).json()
    return {"Authorization": f"Bearer {opened['access_tokens']['identity']}", "Idempotency-Key": uuid4().hex}


async def proven(identity: httpx.AsyncClient, around: Surroundings) -> dict[str, Any]:
    """Somebody who proved a contact, signed in."""
    asked = (await identity.post("/api/sign-in/codes", json={"contact": "new@citizen.example", "language": "ky"})).json()
    code = SignInSecret.from_text(around.keys.sign_in_secret.read_text()).code(asked["challenge"])
    body = {"challenge": asked["challenge"], "binding": asked["binding"], "code": code}
    opened: dict[str, Any] = (await identity.post("/api/sign-in/sessions", json=body)).json()
    return opened


@pytest.fixture
async def newcomer(identity: httpx.AsyncClient, around: Surroundings) -> dict[str, Any]:
    return await proven(identity, around)


async def level(identity: httpx.AsyncClient, token: str) -> Assurance:
    actor = await TokenVerifier("applications", keys_of(str(identity.base_url)), SystemClock()).verify(token)
    assert isinstance(actor, Citizen)
    return actor.assurance


async def test_an_officer_who_saw_the_papers_raises_the_level_and_the_next_token_carries_it(
    identity: httpx.AsyncClient, newcomer: dict[str, Any], place: Place
) -> None:
    person_id = newcomer["person"]["id"]
    answer = await identity.post(f"/api/people/{person_id}/assurance", json=SEEN, headers=await officer(identity, "nurlan"))
    assert (answer.status_code, answer.json()) == (200, {"person_id": person_id, "assurance": "counter-seen"})
    renewed = (await identity.post("/api/sessions/refresh", json={"refresh_token": newcomer["refresh_token"]})).json()
    before, after = (opened["access_tokens"]["applications"] for opened in (newcomer, renewed))
    assert [await level(identity, token) for token in (before, after)] == [Assurance.SELF_ASSERTED, Assurance.COUNTER_SEEN]
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        (entry,) = await mongo[f"{place.database_prefix}identity"].audit.find({"act": "assurance:raise"}).to_list()
    assert (entry["who"]["kind"], entry["who"]["post"], entry["reason"]) == ("officer", "yek", "passport-for-travel")
    assert entry["about"] == {"person": person_id, "level": "counter-seen"}


async def test_what_is_known_is_said_again_and_goes_on_resting_on_the_first_word(
    identity: httpx.AsyncClient, newcomer: dict[str, Any], place: Place
) -> None:
    """A case of which nobody had told its service would wait for ever for papers that were seen."""
    path = f"/api/people/{newcomer['person']['id']}/assurance"
    for who in ("nurlan", "gulnara"):
        answer = await identity.post(path, json=SEEN, headers=await officer(identity, who))
        assert (answer.status_code, answer.json()["assurance"]) == (200, "counter-seen")
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        db = mongo[f"{place.database_prefix}identity"]
        told = await db.published_events.find({"type": "person.assured.v1"}, sort=[("sequence", 1)]).to_list()
        entries = await db.audit.find({"act": "assurance:raise"}).to_list()
        person = await db.people.find_one({"_id": newcomer["person"]["id"]})
    nurlan = (await identity.post("/api/demo/sign-in", json={"account": "nurlan"})).json()["person"]["id"]
    assert (len(told), len(entries), person["assured_by"]) == (2, 2, nurlan)


async def test_another_head_takes_it_back_and_whoever_it_was_said_of_is_signed_out_and_known_no_longer(
    identity: httpx.AsyncClient, newcomer: dict[str, Any], place: Place
) -> None:
    person_id = newcomer["person"]["id"]
    raise_it, take_back = f"/api/people/{person_id}/assurance", f"/api/people/{person_id}/assurance/withdrawal"
    why = {"reason": "papers-doubted"}
    assert (await identity.post(take_back, json=why, headers=await officer(identity, "bakyt"))).status_code == 404  # of no post
    assert (await identity.post(raise_it, json=SEEN, headers=await officer(identity, "nurlan"))).status_code == 200
    refused = [await identity.post(take_back, json=why, headers=await officer(identity, who)) for who in ("nurlan", "cholpon")]
    assert [each.status_code for each in refused] == [404, 404]
    done = await identity.post(take_back, json=why, headers=await officer(identity, "bakyt"))
    assert (done.status_code, done.json()["assurance"]) == (200, "self-asserted")
    assert (await identity.post("/api/sessions/refresh", json={"refresh_token": newcomer["refresh_token"]})).status_code == 401
    assert (await identity.post(take_back, json=why, headers=await officer(identity, "bakyt"))).status_code == 409
    assert (await identity.post(raise_it, json=SEEN, headers=await officer(identity, "bakyt"))).status_code == 200
    own = await identity.post(take_back, json=why, headers=await officer(identity, "bakyt"))
    assert (own.status_code, own.json()["type"]) == (403, "/problems/assurance-was-yours")
    async with AsyncMongoClient[dict[str, Any]](place.mongo_url) as mongo:
        db = mongo[f"{place.database_prefix}identity"]
        (entry,) = await db.audit.find({"act": "assurance:take-back"}).to_list()
        told = await db.published_events.find({"type": "person.assured.v1"}).to_list()
    assert (entry["reason"], entry["about"]["level"], entry["who"]["role"]) == ("papers-doubted", "self-asserted", "head")
    assert len(told) == 3


async def test_a_citizen_of_another_post_an_officer_and_nobody_look_alike(
    identity: httpx.AsyncClient, newcomer: dict[str, Any]
) -> None:
    path = f"/api/people/{newcomer['person']['id']}/assurance"
    nurlan = await officer(identity, "nurlan")
    assert (await identity.post(path, json=SEEN, headers=nurlan)).status_code == 200  # they belong to nurlan's post now
    elsewhere = await officer(identity, "cholpon")
    himself = (await identity.post("/api/demo/sign-in", json={"account": "nurlan"})).json()["person"]["id"]
    for person_id in (newcomer["person"]["id"], himself, "nobody"):
        headers = elsewhere | {"Idempotency-Key": uuid4().hex}
        assert (await identity.post(f"/api/people/{person_id}/assurance", json=SEEN, headers=headers)).status_code == 404


async def test_neither_a_citizen_nor_an_administrator_raises_a_level(
    identity: httpx.AsyncClient, newcomer: dict[str, Any]
) -> None:
    path = f"/api/people/{newcomer['person']['id']}/assurance"
    own = {"Authorization": f"Bearer {newcomer['access_tokens']['identity']}", "Idempotency-Key": uuid4().hex}
    assert (await identity.post(path, json=SEEN, headers=own)).status_code == 403
    assert (await identity.post(path, json=SEEN, headers=await officer(identity, "ainura"))).status_code == 403
    assert (
        await identity.post(path, json={"paper": "a nice face"}, headers=await officer(identity, "nurlan"))
    ).status_code == 422


async def test_a_level_that_is_taken_back_sinks_on_the_cases_that_wait_and_what_comes_late_changes_nothing(
    place: Place, tokens: TestTokens
) -> None:
    app = create_applications(place.settings())
    async with serving(app, tokens) as api:
        case = await submitted(api, tokens.citizen("aigerim"), RETURN)
        runtime = app.state.runtime

        async def heard(level: str, sequence: int) -> str:
            await runtime.transactions.run(note_assurance, NoteAssurance("aigerim", level, sequence))
            return str((await runtime.database.db.applications.find_one({"_id": case}))["assurance"])

        assert await heard("self-asserted", 3) == "self-asserted"
        assert await heard("counter-seen", 2) == "self-asserted"  # sent before, and late
        assert await heard("counter-seen", 4) == "counter-seen"
        assert await heard("e-id", 5) == "e-id"
        assert await heard("self-asserted", 6) == "e-id"  # no officer's word


async def test_a_case_that_is_begun_with_a_token_from_before_has_what_is_known_by_now(place: Place, tokens: TestTokens) -> None:
    app = create_applications(place.settings())
    async with serving(app, tokens) as api:
        database, transactions = app.state.runtime.database.db, app.state.runtime.transactions
        citizen = tokens.citizen("aigerim", acr="self-asserted")

        async def begun() -> str:
            return str((await database.applications.find_one({"_id": await submitted(api, citizen, RETURN)}))["assurance"])

        assert await begun() == "self-asserted"
        await transactions.run(note_assurance, NoteAssurance("aigerim", "counter-seen", 4))
        assert await begun() == "counter-seen"
        await transactions.run(note_assurance, NoteAssurance("aigerim", "self-asserted", 5))
        assert await begun() == "self-asserted"


async def test_what_is_handed_over_at_the_counter_waits_until_the_papers_were_seen(place: Place, tmp_path: Path) -> None:
    """From identity to the case by an event: nobody signs in again, and nothing is asked of the citizen."""
    async with whole_house(place, make_keys(tmp_path / "keys"), tmp_path) as house:
        opened = await proven(house.doors["identity"], house.around)
        citizen = {"Authorization": f"Bearer {opened['access_tokens']['applications']}", "Accept-Language": "en"}
        people = citizen, await house.signed_in(FIRST), await house.signed_in(SECOND)
        door, intake = house.doors["applications"], people[1]
        case = await approved(door, people, RETURN)
        assert (await act(door, intake, case, "blank", {"blank_number": "СВ-0000044"})).status_code == 200

        async def is_ready() -> bool:
            return bool((await door.get(f"/api/applications/{case}", headers=citizen)).json()["status"] == "ready")

        await eventually(is_ready, within_s=90, every_s=0.2)
        refused = await act(door, intake, case, "handover")
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/papers-not-seen")
        urls = {f"{name}_url": str(found.base_url).rstrip("/") for name, found in house.doors.items()}
        async with visiting(portal(**urls)) as client:
            visitor, page = Visitor(client), f"/officer/applications/{case}/papers"
            await visitor.send("/sign-in", account=FIRST)
            assert "Passport for travel" in (await visitor.open(page)).text
            assert "Choose the paper that you saw." in (await visitor.send(page)).text
            seen = await visitor.send(page, **SEEN, key=uuid4().hex)
            assert seen.headers["location"].endswith("done=papers-seen"), seen.text

        async def is_handed_over() -> bool:
            return (await act(door, intake, case, "handover")).status_code == 200

        await eventually(is_handed_over, within_s=60, every_s=0.5)
