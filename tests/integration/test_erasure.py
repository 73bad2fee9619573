"""A person is erased: by an event in every service, answered by each, held where a law holds; the audit names nobody."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from bson import encode
from pymongo import MongoClient
from pymongo.database import Database as SyncDatabase

from cli.erasure import AlreadyErased, answers, ask_erasure, place_hold, release_hold
from deploy.local.environment import SERVICES
from deploy.local.keys import make_keys
from services.applications.domain.status import Status
from services.applications.schema import INDEXES
from services.applications.use_cases.erase_person import erase_person
from services.applications.use_cases.keep_person import keep_person
from shared.clock import SystemClock
from shared.contracts.applications import OutcomeKind
from shared.mongo.database import Database, Document
from shared.mongo.erasure import ERASE_PERSON, ErasePerson, erase_or_hold
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import UnitOfWork
from shared.sealing.erased import ERASED
from shared.sealing.errors import PersonIsErased
from tests.integration.applications_client import keyed, submitted
from tests.integration.test_identity_api import AIGERIM
from tests.support.cards import FIELDS, MAPPER, Card, change, database_of_cards, keys_of_tests, make_cards, running, write
from tests.support.house import House, whole_house
from tests.support.places import Place
from tests.support.serving import eventually

pytestmark = pytest.mark.places_again

Databases = dict[str, SyncDatabase[Document]]
POWER_OF_ATTORNEY = "power-of-attorney"
OPERATOR = {"who": "operator", "note": "request 17"}


@pytest.fixture
async def house(place: Place, tmp_path: Path) -> AsyncIterator[House]:
    async with whole_house(place, make_keys(tmp_path / "keys"), tmp_path) as made:
        yield made


@pytest.fixture
def databases(place: Place) -> Databases:
    client = MongoClient[Document](place.mongo_url, tz_aware=True)
    return {name: client[f"{place.database_prefix}{name}"] for name in SERVICES}


def states(databases: Databases) -> dict[str, str]:
    return {one.service: one.state for one in answers(databases, AIGERIM)}


async def test_every_service_destroys_its_key_of_a_person_and_identity_knows_when_all_have(
    house: House, databases: Databases
) -> None:
    before = await house.doors["identity"].post("/api/demo/sign-in", json={"account": "aigerim"})
    now, altered = SystemClock().now(), {"k": "k", "n": b"n", "c": b"c"}  # which must not keep the account for ever
    asked = {"person_id": AIGERIM, "kind": "correction", "state": "open", "asked_at": now, "due_at": now, "post_id": None}
    databases["identity"].rights_requests.insert_one({"_id": "r1", **asked, "term_version": 1, "wish": altered, "version": 1})
    ask_erasure(databases["identity"], AIGERIM, SystemClock().now(), **OPERATOR)

    async def done() -> Any:
        row = databases["identity"].erasures_asked.find_one({"_id": AIGERIM})
        return row and row["done_at"]

    await eventually(done, within_s=60)
    assert states(databases) == dict.fromkeys(SERVICES, "destroyed")
    assert [row["state"] for row in databases["identity"].rights_requests.find()] == ["withdrawn"]
    for db in databases.values():
        [key] = db.data_keys.find({"_id": AIGERIM})
        assert key.keys() == {"_id", "destroyed_at"}
    identity = house.doors["identity"]
    assert (await identity.post("/api/demo/sign-in", json={"account": "aigerim"})).status_code == 404
    assert (await identity.post("/api/demo/sign-in", json={"account": AIGERIM})).status_code == 404
    refreshed = await identity.post("/api/sessions/refresh", json={"refresh_token": before.json()["refresh_token"]})
    assert refreshed.status_code == 401
    token = before.json()["access_tokens"]["identity"]  # one that is out already tells nothing any more
    me = (await identity.get("/api/me", headers={"Authorization": f"Bearer {token}"})).json()
    assert (me["name"], me["email"], me["phone"]) == (ERASED, None, None)
    for db in databases.values():
        with pytest.raises(AlreadyErased):  # a hold that holds nothing must not say that it does
            place_hold(db, AIGERIM, "case-1", "court-order", SystemClock().now(), **OPERATOR)


async def test_nothing_that_travels_or_is_audited_names_the_person(house: House, databases: Databases) -> None:
    [account] = [a for a in (await house.doors["identity"].get("/api/demo/accounts")).json()["accounts"] if a["id"] == AIGERIM]
    ask_erasure(databases["identity"], AIGERIM, SystemClock().now(), **OPERATOR)

    async def told() -> bool:
        acts = {row["act"] for db in databases.values() for row in db.audit.find({"about.person": AIGERIM})}
        return {"person:ask-erasure", "person:erase", "person:erased-everywhere"} <= acts

    await eventually(told, within_s=60)
    for db in databases.values():
        for collection in ("audit", "jobs", "inbox", "published_events", "erasures", "data_keys", "people"):
            whole = b"".join(encode(row) for row in db[collection].find({}))
            assert account["name"].encode() not in whole, (db.name, collection)


async def test_a_held_case_keeps_its_person_until_the_hold_is_released(house: House, databases: Databases) -> None:
    now = SystemClock().now()
    hold = place_hold(databases["documents"], AIGERIM, "case-1", "court-order", now, **OPERATOR)
    ask_erasure(databases["identity"], AIGERIM, now, **OPERATOR)

    async def answered() -> Any:
        row = databases["identity"].erasures_asked.find_one({"_id": AIGERIM})
        return row and len(row["answers"]) == 3 and row

    row = await eventually(answered, within_s=60)
    assert row["answers"]["documents"]["held_for"] == "court-order"
    assert row["done_at"] is None
    assert states(databases)["documents"] == "held for court-order"
    assert not databases["documents"].data_keys.count_documents({"_id": AIGERIM, "destroyed_at": {"$exists": True}})

    assert release_hold(databases["documents"], hold, SystemClock().now(), **OPERATOR)
    assert not release_hold(databases["documents"], hold, SystemClock().now(), **OPERATOR)

    async def done() -> Any:
        again = databases["identity"].erasures_asked.find_one({"_id": AIGERIM})
        return again and again["done_at"]

    await eventually(done, within_s=60)
    assert states(databases)["documents"] == "destroyed"


async def test_an_erasure_waits_for_an_open_case_while_its_citizen_signs_in_and_goes_on_in_the_moment_it_ends(
    house: House, databases: Databases
) -> None:
    citizen, me = await house.signed_in("aigerim"), await house.signed_in("aigerim", "identity")
    case = await submitted(house.doors["applications"], citizen)
    identity = house.doors["identity"]
    holds = (await house.doors["applications"].get("/api/me/holds", headers=citizen)).json()["holds"]
    assert [(hold["kind"], hold["account_stays"]) for hold in holds] == [("open-case", True)]
    request_id = (await identity.post("/api/me/erasure", json={"confirmed": True}, headers=keyed(me))).json()["id"]

    async def told() -> Any:
        request = (await identity.get(f"/api/me/rights/{request_id}", headers=me)).json()
        return request["clock"] == "told" and request

    request = await eventually(told, within_s=60)
    assert (request["state"], [one["code"] for one in request["ground"]]) == ("open", ["open-case"])
    assert states(databases) | {"documents": "asked", "notifications": "asked"} == {
        "identity": "held for other-services",
        "applications": "held for open-case",
        "documents": "asked",
        "notifications": "asked",
    }
    assert (await identity.get("/api/me", headers=await house.signed_in("aigerim", "identity"))).json()["email"] is not None

    withdrawn = await house.doors["applications"].post(f"/api/applications/{case}/withdrawal", headers=keyed(citizen))
    assert withdrawn.status_code == 200, withdrawn.text

    async def all_destroyed() -> bool:
        return states(databases) == dict.fromkeys(SERVICES, "destroyed")

    await eventually(all_destroyed, within_s=60)  # and not tomorrow
    [row] = databases["identity"].rights_requests.find({"_id": request_id})
    assert (row["state"], row["answered_by"]) == ("answered", "system")
    assert (await identity.post("/api/demo/sign-in", json={"account": "aigerim"})).status_code == 404


async def test_an_erasure_that_is_held_can_be_taken_back_and_asked_for_again(house: House, databases: Databases) -> None:
    citizen, me = await house.signed_in("aigerim"), await house.signed_in("aigerim", "identity")
    case = await submitted(house.doors["applications"], citizen)
    identity = house.doors["identity"]

    async def ask() -> str:
        asked = await identity.post("/api/me/erasure", json={"confirmed": True}, headers=keyed(me))
        return str(asked.json()["id"])

    async def state_of(request_id: str) -> str:
        return str((await identity.get(f"/api/me/rights/{request_id}", headers=me)).json()["state"])

    first = await ask()
    assert await ask() == first
    taken = await identity.post(f"/api/me/rights/{first}/withdrawal", headers=keyed(me))
    assert taken.status_code == 200, taken.text

    async def kept() -> bool:
        return await state_of(first) == "withdrawn"

    await eventually(kept, within_s=60)
    await house.doors["applications"].post(f"/api/applications/{case}/withdrawal", headers=keyed(citizen))
    look_soon = {"kind": ERASE_PERSON, "due_at": {"$lte": SystemClock().now()}}
    assert databases["applications"].jobs.count_documents(look_soon) == 0  # nobody wants it any more
    assert not any(db.data_keys.count_documents({"destroyed_at": {"$exists": True}}) for db in databases.values())

    assert await ask() != first

    async def all_destroyed() -> bool:
        return states(databases) == dict.fromkeys(SERVICES, "destroyed")

    await eventually(all_destroyed, within_s=60)


async def test_a_hold_that_is_placed_while_an_erasure_is_written_is_seen_by_it(place: Place) -> None:
    database = database_of_cards(place, keys_of_tests())
    await make_cards(database)
    run = running(database)
    await run(write, Card("c1", "p1", "Айгерим", "+996700123456", {"passport": "AC1234567"}))
    sync = MongoClient[Document](place.mongo_url, tz_aware=True)[database.db.name]
    placed: list[str] = []

    async def erase(person_id: str, uow: UnitOfWork) -> None:
        await uow.db.cards.find_one({}, session=uow.session)  # from here on it sees what was there
        if not placed:
            placed.append(place_hold(sync, person_id, "case-1", "court-order", SystemClock().now(), **OPERATOR))
        await erase_or_hold(ErasePerson(person_id), uow, sealed=[FIELDS])

    await run(erase, "p1")
    [row] = await database.db.erasures.find().to_list()
    assert row["held_for"] == ["court-order"]
    assert (await MAPPER.read(database.db, (await database.db.cards.find().to_list())[0])).name == "Айгерим"
    await database.close()


async def test_an_erasure_drops_blind_indexes_and_lets_no_key_come_back(place: Place) -> None:
    database = database_of_cards(place, keys_of_tests())
    await make_cards(database)
    run = running(database)

    async def erase(person_id: str, uow: UnitOfWork) -> None:
        assert await erase_or_hold(ErasePerson(person_id), uow, sealed=[FIELDS])

    await run(write, Card("c1", "p1", "Айгерим Ңанаева", "+996700123456", {"passport": "AC1234567"}))
    await run(erase, "p1")
    await run(erase, "p2")  # whom this service does not know: what comes late shall not be kept either
    [row] = await database.db.cards.find().to_list()
    assert not FIELDS.indexes.keys() & row.keys()
    assert await MAPPER.read(database.db, row) == Card("c1", "p1", ERASED)
    for person in ("p1", "p2"):
        with pytest.raises(PersonIsErased):
            await run(write, Card(f"new-{person}", person, "New name"))
    with pytest.raises(PersonIsErased):
        await run(change, "c1")
    await database.close()


async def test_an_open_case_keeps_its_citizen_until_it_has_ended(place: Place) -> None:
    database = Database(place.mongo_url, f"{place.database_prefix}applications", keys=keys_of_tests())
    await database.ensure_indexes({**KERNEL_INDEXES, **INDEXES})
    cases = database.db.applications
    await cases.insert_one(
        {"_id": "a1", "reference": "r1", "citizen_id": "p1", "status": Status.IN_REVIEW.value, "service_id": "x"}
    )
    await cases.insert_one(
        {"_id": "a2", "reference": "r2", "citizen_id": "p1", "status": Status.READY.value, "service_id": POWER_OF_ATTORNEY}
    )

    async def held_for() -> str | None:
        await running(database)(erase_person, ErasePerson("p1"))
        [newest] = await database.db.published_events.find().sort([("at", -1)]).limit(1).to_list()
        told = await database.db.outbox.find_one({"_id": newest["_id"]})
        assert told is not None
        answer: str | None = json.loads(told["body"])["data"]["held_for"]
        return answer

    assert await held_for() == "notarial-record,open-case"
    assert await database.db.data_keys.count_documents({}) == 0
    assert await database.db.jobs.count_documents({"kind": ERASE_PERSON}) >= 1  # it looks again
    printed = {"status": Status.READY.value, "outcome": OutcomeKind.PRINT_ON_BLANK.value}
    await cases.update_one({"_id": "a1"}, {"$set": printed})
    assert await held_for() == "notarial-record,waiting-paper"  # handing it over needs the account
    await cases.update_one({"_id": "a1"}, {"$set": {"status": Status.HANDED_OVER.value}})
    assert await held_for() == "notarial-record"
    await cases.delete_one({"_id": "a2"})  # handed over to an archive
    assert await held_for() is None
    [key] = await database.db.data_keys.find().to_list()
    assert "destroyed_at" in key
    await database.close()


async def test_what_let_the_others_begin_is_not_taken_back(place: Place) -> None:
    """Applications keeps a notarial record, so that its own key stays; the others have destroyed theirs by that answer."""
    database = Database(place.mongo_url, f"{place.database_prefix}applications", keys=keys_of_tests())
    await database.ensure_indexes({**KERNEL_INDEXES, **INDEXES})
    record = {"_id": "a1", "reference": "r1", "citizen_id": "p1", "status": Status.READY.value, "service_id": POWER_OF_ATTORNEY}
    await database.db.applications.insert_one(record)
    run = running(database)
    await run(erase_person, ErasePerson("p1"))
    await run(keep_person, ErasePerson("p1"))
    row = await database.db.erasures.find_one({"_id": "p1"})
    assert row is not None
    assert (row["held_for"], row["answers"]) == (["notarial-record"], 1)
    assert await database.db.published_events.count_documents({}) == 1
    await database.close()
