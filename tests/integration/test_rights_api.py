"""Rights over one's own data, on identity's real parts: corrections, their clock and answers; consents and what they change."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from bson import encode
from pymongo import MongoClient
from pymongo.database import Database

from deploy.local.keys import Keys
from shared.contracts.http import ContactPoints
from tests.integration.test_identity_api import AIGERIM, ask_token, bearer, environment, identity, keys, sign_in
from tests.support.places import Place

pytestmark = pytest.mark.places_again

__all__ = ["environment", "identity", "keys"]
WRONG, RIGHT, ANSWER = "Айгерүм Токтобекова", "Айгерим Токтобекова", "Паспорт көрсөтүңүз, Айгерим"
WISH = {"service": "account", "where": "name", "wrong": WRONG, "right": RIGHT}
LATE = 'eshik_rights_requests_late{kind="correction"} '


Ahead = Callable[[timedelta], None]


@pytest.fixture
def ahead(environment: pytest.MonkeyPatch, tmp_path: Path) -> Ahead:
    """Moves identity's clock."""
    file = tmp_path / "clock"
    environment.setenv("ESHIK_CLOCK_FILE", str(file))

    def move(by: timedelta) -> None:
        file.write_text(str(by.total_seconds()))

    return move


@pytest.fixture
def database(place: Place) -> Database[dict[str, Any]]:
    return MongoClient[dict[str, Any]](place.mongo_url, tz_aware=True)[f"{place.database_prefix}identity"]


async def headers_of(api: httpx.AsyncClient, account: str) -> dict[str, str]:
    token = (await sign_in(api, account))["access_tokens"]["identity"]
    return bearer(token) | {"Accept-Language": "en"}


async def post(api: httpx.AsyncClient, who: dict[str, str], path: str, **body: Any) -> httpx.Response:
    return await api.post(path, json=body, headers=who | {"Idempotency-Key": str(uuid4())})


async def ask(api: httpx.AsyncClient, who: dict[str, str]) -> str:
    asked = await post(api, who, "/api/me/rights/corrections", **WISH)
    assert asked.status_code == 201, asked.text
    return str(asked.json()["id"])


async def test_a_correction_is_answered_once_by_the_head_of_its_post_in_words_that_lie_sealed(
    identity: httpx.AsyncClient, database: Database[dict[str, Any]]
) -> None:
    citizen, head = await headers_of(identity, "aigerim"), await headers_of(identity, "bakyt")
    request_id = await ask(identity, citizen)
    for stranger, status in (("timur", 404), ("gulnara", 403), ("melis", 403)):
        path = f"/api/me/rights/{request_id}" if stranger == "timur" else f"/api/rights/{request_id}"
        assert (await identity.get(path, headers=await headers_of(identity, stranger))).status_code == status
    listed = await identity.get("/api/rights", headers=head)
    assert [line["id"] for line in listed.json()["requests"]] == [request_id]
    assert not any(word in listed.text for word in (WRONG, RIGHT, AIGERIM))
    seen = (await identity.get(f"/api/rights/{request_id}", headers=head)).json()
    assert (seen["wish"]["wrong"], seen["post_id"], seen["clock"]) == (WRONG, "yek", "running")

    unwritten = await post(identity, head, f"/api/rights/{request_id}/refusal", ground="no-proof", words=" ")
    assert (unwritten.status_code, unwritten.json()["errors"][0]["pointer"]) == (422, "/words")
    refused = await post(identity, head, f"/api/rights/{request_id}/refusal", ground="no-proof", words=ANSWER)
    assert refused.status_code == 200, refused.text
    again = await post(identity, head, f"/api/rights/{request_id}/answer", words=ANSWER)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/rights-request-ended")
    told = (await identity.get(f"/api/me/rights/{request_id}", headers=citizen)).json()
    assert (told["state"], told["words"], [one["code"] for one in told["ground"]]) == ("refused", ANSWER, ["no-proof"])
    assert "object" in told["objection"]

    acts = [row["act"] for row in database.audit.find({"about.case": request_id}).sort("at", 1)]
    assert acts == ["rights:ask", "rights:view", "rights:refuse"]
    assert [row["who"]["role"] for row in database.audit.find({"act": {"$in": acts[1:]}})] == ["head", "head"]
    assert database.published_events.count_documents({"type": "rights_request.answered.v1"}) == 1
    for name in ("rights_requests", "audit", "outbox", "idempotency_keys"):
        whole = b"".join(encode(row) for row in database[name].find({}))
        assert not any(word.encode() in whole for word in (WRONG, RIGHT, ANSWER)), name


async def test_what_is_not_answered_within_the_week_comes_first_is_called_late_and_is_counted(
    ahead: Ahead, identity: httpx.AsyncClient, database: Database[dict[str, Any]]
) -> None:
    """Also where the words of one were altered: that is a matter of this one, and the list is there for all others."""
    early = await ask(identity, await headers_of(identity, "aigerim"))
    ahead(timedelta(days=7, minutes=5))
    later = await ask(identity, await headers_of(identity, "umut"))
    assert database.rights_requests.update_one({"_id": later}, {"$set": {"wish.c": b"altered"}}).modified_count == 1
    ministry = await headers_of(identity, "asel")  # which sees those of every post
    lines = (await identity.get("/api/rights", headers=ministry)).json()["requests"]
    assert [(line["id"], line["clock"]) for line in lines] == [(early, "late"), (later, "running")]
    assert f"{LATE}1.0" in (await identity.get("/metrics")).text


async def test_erasure_needs_a_sign_in_of_the_last_minutes_and_a_word_that_confirms(
    ahead: Ahead, identity: httpx.AsyncClient, database: Database[dict[str, Any]]
) -> None:
    citizen = await headers_of(identity, "aigerim")
    assert (await post(identity, citizen, "/api/me/erasure")).status_code == 422
    ahead(timedelta(minutes=12))
    refused = await post(identity, citizen, "/api/me/erasure", confirmed=True)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/sign-in-again")
    assert database.erasures_asked.count_documents({}) == 0
    asked = await post(identity, await headers_of(identity, "aigerim"), "/api/me/erasure", confirmed=True)
    assert asked.status_code == 201, asked.text


async def test_a_no_to_messages_is_one_more_entry_and_withholds_the_contacts_until_a_yes(
    identity: httpx.AsyncClient, keys: Keys, database: Database[dict[str, Any]]
) -> None:
    citizen = await headers_of(identity, "aigerim")
    service = bearer((await ask_token(identity, keys)).json()["access_token"])

    async def contacts() -> ContactPoints:
        answer = await identity.get(f"/api/internal/people/{AIGERIM}/contacts", headers=service)
        return ContactPoints.model_validate_json(answer.content)

    [purpose] = (await identity.get("/api/me/consents", headers=citizen)).json()["purposes"]
    assert (purpose["ask"], purpose["in_force"]) == (True, "given")
    assert (await contacts()).email == "aigerim@citizen.example"
    for said, reached in (("withdrawn", False), ("given", True), ("withdrawn", False)):
        word = {"purpose": purpose["purpose"], "text_version": purpose["text_version"], "said": said}
        assert (await post(identity, citizen, "/api/me/consents", **word)).status_code == 201
        now = await contacts()
        assert (now.email is not None, now.phone is not None, now.unwanted) == (reached, reached, not reached)
    told = (await identity.get("/api/me/consents", headers=citizen)).json()
    assert [entry["said"] for entry in told["ledger"]] == ["withdrawn", "given", "withdrawn"]
    assert (told["purposes"][0]["ask"], told["purposes"][0]["in_force"]) == (False, "withdrawn")
    assert len(told["by_law"]) > 2
    assert database.consents.count_documents({"at": {"$lte": datetime.now(UTC) + timedelta(minutes=1)}}) == 3
    unknown = {"purpose": purpose["purpose"], "text_version": purpose["text_version"] + 1, "said": "given"}
    assert (await post(identity, citizen, "/api/me/consents", **unknown)).status_code == 422
