"""Sessions and roles against somebody who can write identity's database and has no keys; older rows are told by the ledger."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pymongo import MongoClient
from pymongo.database import Database as SyncDatabase

from services.identity.ledger import RightsAccount
from shared.clock import SystemClock
from shared.mongo.audit import LOG
from shared.mongo.database import Database, Document
from shared.mongo.ledger import settled
from tests.integration.test_identity_api import AIGERIM, bearer, environment, identity, keys, sign_in
from tests.integration.test_identity_grants import DECIDING, NURLAN, give, withdraw
from tests.support.officers import demo_headers, invite
from tests.support.places import Place
from tests.support.serving import eventually

pytestmark = pytest.mark.places_again

__all__ = ["environment", "identity", "keys"]
VICTIM = "c365797b-7498-5192-8ffe-4703b585970d"  # bakyt, head of yek
SEALED_ROWS = (
    "people",
    "sessions",
    "passkeys",
    "openid_subjects",
    "officer_credentials",
    "officer_invitations",
    "officer_sign_ins",
)


@pytest.fixture
def db(place: Place) -> SyncDatabase[Document]:
    """As a database administrator has it."""
    return MongoClient[Document](place.mongo_url, tz_aware=True)[f"{place.database_prefix}identity"]


def set_free(db: SyncDatabase[Document]) -> None:
    """What the database itself refuses, its administrator lets through."""
    for name in SEALED_ROWS:
        db.command("collMod", name, validator={})


async def refreshed(api: httpx.AsyncClient, opened: dict[str, Any]) -> httpx.Response:
    return await api.post("/api/sessions/refresh", json={"refresh_token": opened["refresh_token"]})


async def broken(api: httpx.AsyncClient) -> float:
    lines = (await api.get("/metrics")).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("eshik_seals_broken_total"))


Edit = Callable[[Document], object]


async def test_a_session_is_that_of_who_opened_it_as_it_was_opened_and_not_once_it_ended(
    identity: httpx.AsyncClient, db: SyncDatabase[Document]
) -> None:
    set_free(db)
    edits: dict[str, Edit] = {
        "another's": lambda row: row.update(person_id=VICTIM, kind="officer"),
        "another's, without what is sealed": lambda row: (row.update(person_id=VICTIM), row.pop("device")),
        "more certain": lambda row: row.update(assurance="e-id"),
        "with two factors": lambda row: row.update(methods=["pwd", "otp"]),
        "for ever": lambda row: row.update(expires_at=datetime(2099, 1, 1, tzinfo=UTC)),
    }
    told = await broken(identity)
    for name, edit in edits.items():
        opened = await sign_in(identity, "aigerim")
        row = db.sessions.find_one({"_id": opened["session_id"]})
        assert row is not None
        edit(row)
        db.sessions.replace_one({"_id": row["_id"]}, row)
        answer = await refreshed(identity, opened)
        assert answer.status_code == 500, name
        assert "access_tokens" not in answer.text
    opened = await sign_in(identity, "aigerim")
    token = bearer(opened["access_tokens"]["identity"])
    assert (await identity.post("/api/sessions/end-all", headers=token)).is_success  # those that were moved are no hindrance
    alive = {"ended_at": None, "ended_because": None}
    db.sessions.update_one({"_id": opened["session_id"]}, {"$set": alive})
    assert (await refreshed(identity, opened)).status_code == 500
    assert await broken(identity) >= told + len(edits) + 1
    assert (await refreshed(identity, await sign_in(identity, "aigerim"))).status_code == 200


async def test_a_role_that_was_written_into_the_database_is_in_no_token(
    identity: httpx.AsyncClient, db: SyncDatabase[Document]
) -> None:
    set_free(db)
    opened = await sign_in(identity, "nurlan")
    row = db.people.find_one({"_id": NURLAN})
    assert row is not None
    own = row["grants"][0]
    edits: dict[str, Document] = {
        "head of the post": {"grants": [*row["grants"], own | {"id": "made-up", "role": "head"}]},
        "an administrator": {"grants": [own | {"role": "administrator", "posts": ["*"]}]},
        "of another post": {"post_id": "ist"},
        "a citizen": {"kind": "citizen", "assurance": "e-id"},
    }
    for name, edit in edits.items():
        db.people.replace_one({"_id": NURLAN}, row | edit)
        assert (await identity.post("/api/demo/sign-in", json={"account": NURLAN})).status_code == 500, name
        assert (await refreshed(identity, opened)).status_code == 500, name
    db.people.replace_one({"_id": NURLAN}, row)
    assert (await refreshed(identity, opened)).status_code == 200


async def test_an_older_row_that_was_put_back_is_told_by_the_ledger(
    identity: httpx.AsyncClient, db: SyncDatabase[Document], place: Place
) -> None:
    database = Database(place.mongo_url, f"{place.database_prefix}identity")

    async def told() -> set[str]:
        [verdict] = await settled(database.client, RightsAccount(database.db, SystemClock().now()))
        return {f"{fault.id}: {fault.what}" for fault in verdict.faults}

    given = (await give(identity, "bakyt", NURLAN, **DECIDING)).json()["grants"]
    grant = next(each["id"] for each in given if each["role"] == "deciding")
    with_the_role = db.people.find_one({"_id": NURLAN})
    await withdraw(identity, "bakyt", NURLAN, grant)
    opened = await sign_in(identity, "aigerim")
    session = db.sessions.find_one({"_id": opened["session_id"]})
    await identity.post("/api/sessions/end", json={"refresh_token": opened["refresh_token"]})
    invited = (await invite(identity)).json()["person_id"]
    key = {"_id": "a-key", "person_id": AIGERIM, "created_at": datetime.now(UTC), "proof": None}
    link = {"_id": "a-link", "person_id": invited, "linked_at": datetime.now(UTC), "proof": None}
    db.passkeys.insert_one(key)
    db.openid_subjects.insert_one(link)
    await identity.post(
        "/api/passkeys/a-key/removal", headers=bearer((await sign_in(identity, "aigerim"))["access_tokens"]["identity"])
    )
    again = await demo_headers(identity, "bakyt")
    await identity.post(f"/api/officers/{invited}/invitations", json={"reason": "lost-password"}, headers=again)
    assert db.passkeys.count_documents({}) + db.openid_subjects.count_documents({}) == 0
    await eventually(lambda: _numbered(db, "session:end", "passkey:remove", "credentials:reset"))
    assert await told() == set()
    assert with_the_role is not None
    assert session is not None
    db.people.replace_one({"_id": NURLAN}, with_the_role)
    db.sessions.replace_one({"_id": session["_id"]}, session)
    db.passkeys.insert_one(key)
    db.openid_subjects.insert_one(link)
    assert await told() == {
        f"{AIGERIM}: a passkey that was taken away is there again",
        f"{invited}: an account elsewhere that was taken away is linked again",
        f"{NURLAN}: a role that was taken back is in force again",
        f"{AIGERIM}: a session that was ended is alive again",
    }
    await database.close()


async def _numbered(db: SyncDatabase[Document], *acts: str) -> bool:
    return all(db[LOG].find_one({"act": act}) is not None for act in acts)
