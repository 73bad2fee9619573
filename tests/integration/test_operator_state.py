"""What the person who runs the system is shown of a service, who else is not, and what is said when something is away."""

from datetime import timedelta
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI
from pymongo import AsyncMongoClient

from services.applications.app import create_app as applications
from shared.clock import SystemClock
from shared.config import Settings
from shared.messaging.topology import SUBSCRIPTIONS
from shared.mongo.database import Document
from shared.mongo.purge_job import PURGE
from shared.runtime import Runtime
from shared.texts import Texts
from shared.web.app import build_app
from shared.web.auth import CurrentPerson, SignedIn
from tests.integration.applications_client import submitted
from tests.integration.test_kernel_http import ignore
from tests.support.places import Place
from tests.support.serving import eventually, serving
from tests.support.tokens import TestTokens

STATE = "/api/operator/state"
NOBODY = {"ESHIK_MONGO_URL": "mongodb://127.0.0.1:9/?replicaSet=none", "ESHIK_RABBIT_URL": "amqp://guest:guest@127.0.0.1:9/"}
CASES = "/api/officer/applications"


async def state(client: httpx.AsyncClient, tokens: TestTokens) -> dict[str, Any]:
    answer = await client.get(STATE, headers=tokens.officer("ainura", "administrator"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def app_without(place: Place, *away: str) -> FastAPI:
    values = {name: value for name, value in place.environment.items() if name != "ESHIK_RETRY_DELAYS_S"}
    missing = {name: NOBODY[name] for name in away}
    return applications(Settings.model_validate({**values, **missing, "ESHIK_RETRY_DELAYS_S": (1, 2)}))


async def test_a_service_that_is_well_says_so_with_its_queues_and_nothing_waiting(place: Place, tokens: TestTokens) -> None:
    async with serving(applications(place.settings()), tokens) as client:
        found = await state(client, tokens)

    assert (found["service"], found["ready"], set(found["parts"].values())) == ("applications", True, {"ok"})
    assert found["outbox"] == {"waiting": 0, "oldest_s": None}
    assert found["dead_letters"] == {"count": 0, "newest": []}
    assert (found["jobs"]["due"], found["jobs"]["given_up"], found["jobs"]["oldest_late_s"]) == (0, 0, None)
    names = [queue["name"].removeprefix("applications.inbox") for queue in found["queues"]]
    assert names == ["", ".retry-1s", ".retry-2s", ".dead"]
    assert found["queues"][0] == {"name": "applications.inbox", "messages": 0, "consumers": 1}


async def test_jobs_and_dead_letters_are_counted_and_told_without_what_they_carried(place: Place, tokens: TestTokens) -> None:
    now = SystemClock().now()
    job = {"kind": "expire_draft", "state": "waiting"}
    dead = {"event_type": "document.issued.v1", "reason": "unreadable", "body": b"Aigerim", "state": "parked"}
    async with serving(applications(place.settings()), tokens) as client, AsyncMongoClient[Document](place.mongo_url) as mongo:
        db = mongo[f"{place.database_prefix}applications"]
        await db.jobs.insert_many(
            [
                {"_id": "a", **job, "state": "alarmed", "due_at": now},
                {"_id": "b", **job, "due_at": now + timedelta(days=90)},
                {"_id": "c", **job, "state": "done", "due_at": now},
                {"_id": "d", **job, "kind": "worked_by_nobody", "due_at": now - timedelta(seconds=120)},
            ]
        )
        await db.dead_letters.insert_many(
            [{"_id": f"m-{number}", **dead, "dead_at": now + timedelta(seconds=number)} for number in range(25)]
        )
        await eventually(lambda: db.jobs.find_one({"kind": PURGE}))  # of the coming night
        answer = await client.get(STATE, headers=tokens.officer("ainura", "administrator"))

    found = answer.json()
    assert found["jobs"].pop("oldest_late_s") >= 120
    assert found["jobs"] == {"due": 1, "late": 1, "later": 2, "given_up": 1}
    assert (found["dead_letters"]["count"], len(found["dead_letters"]["newest"])) == (25, 20)
    newest = found["dead_letters"]["newest"][0]
    assert set(newest) == {"id", "event_type", "reason", "died_at"}
    assert (newest["id"], newest["reason"]) == ("m-24", "unreadable")
    assert "Aigerim" not in answer.text


async def test_what_the_broker_has_not_confirmed_is_told_with_its_age_and_the_broker_as_away(
    place: Place, tokens: TestTokens
) -> None:
    async with serving(app_without(place, "ESHIK_RABBIT_URL"), tokens, until_ready=False) as client:
        await eventually(lambda: _prepared(client), within_s=30)
        await submitted(client, tokens.citizen("aigul"))
        found = await state(client, tokens)

    assert (found["ready"], found["parts"]["broker"], found["parts"]["database"]) == (False, "away", "ok")
    assert found["queues"] is None
    assert found["outbox"]["waiting"] == 1
    assert found["outbox"]["oldest_s"] >= 0


async def test_a_database_that_is_away_is_told_and_the_rest_is_still_shown(place: Place, tokens: TestTokens) -> None:
    async with serving(app_without(place, "ESHIK_MONGO_URL"), tokens, until_ready=False) as client:
        found = await state(client, tokens)

    assert (found["ready"], found["parts"]["database"]) == (False, "away")
    assert (found["outbox"], found["dead_letters"], found["jobs"]) == (None, None, None)


async def test_nobody_else_sees_it(place: Place, tokens: TestTokens) -> None:
    async with serving(applications(place.settings()), tokens) as client:
        heads = await client.get(STATE, headers=tokens.officer("bakyt", "intake", "deciding", "head"))
        citizens = await client.get(STATE, headers=tokens.citizen())
        services = await client.get(STATE, headers=tokens.service("documents", "dossier:read"))
        nobodys = await client.get(STATE)

    assert [answer.status_code for answer in (heads, citizens, services, nobodys)] == [403, 403, 403, 401]


async def test_an_administrator_sees_no_case_of_their_post(place: Place, tokens: TestTokens) -> None:
    ainura = tokens.officer("ainura", "administrator")
    async with serving(applications(place.settings()), tokens) as client:
        case = f"{CASES}/{await submitted(client, tokens.citizen('aigul'))}"
        for path in (CASES, case, f"{case}/journal", f"{case}/attachment"):
            assert (await client.get(path, headers=ainura)).status_code == 403, path
        claimed = await client.post(f"{case}/claim", headers=ainura | {"Idempotency-Key": "ainura-claims"})

    assert claimed.status_code == 403


async def test_what_citizens_and_their_post_share_is_closed_to_an_administrator(place: Place, tokens: TestTokens) -> None:
    router = APIRouter()

    @router.get("/shared")
    async def shared(_who: CurrentPerson) -> str:
        return "about a case"

    @router.get("/anybody")
    async def anybody(_who: SignedIn) -> str:
        return "about themselves"

    runtime = Runtime(
        "identity", place.settings(), handlers=dict.fromkeys(SUBSCRIPTIONS["identity"], ignore), jobs={}, indexes={}
    )
    app = build_app(runtime, title="test", texts=Texts.load(), routers=[router])
    async with serving(app, tokens) as client:
        ainura, nurlan = tokens.officer("ainura", "administrator"), tokens.officer("nurlan", "intake")
        seen = [(await client.get(path, headers=who)).status_code for path in ("/shared", "/anybody") for who in (ainura, nurlan)]

    assert seen == [403, 200, 200, 200]


async def _prepared(client: httpx.AsyncClient) -> bool:
    return "indexes" not in (await client.get("/health/ready")).json()["parts"]
