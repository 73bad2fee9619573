"""One Idempotency-Key is one effect, however often and however at once it is sent, over the service's real HTTP API."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import httpx
import pytest
from fastapi import FastAPI

from shared.contracts.applications import ApplicationSubmitted
from shared.mongo.audit import CHECKPOINTS, HEAD, LOG, TILES
from shared.mongo.database import Db, Document
from tests.integration.applications_client import Headers, complete, database_of
from tests.support.faults import KILLED, Counts, Tap, tapped
from tests.support.killing import ServiceProcess
from tests.support.notifying import free_port
from tests.support.places import Place
from tests.support.running import on_a_port
from tests.support.serving import eventually
from tests.support.tokens import TestTokens
from tests.unit.applications.cases import REGISTRATION, RETURN


@pytest.fixture
async def applications(place: Place, tokens: TestTokens) -> AsyncIterator[ServiceProcess]:
    """The service as its own process; not started yet. The token keys come from a stand-in for identity."""
    identity = FastAPI()
    identity.get("/.well-known/jwks.json")(tokens.keys)
    async with on_a_port(identity, until_ready=False) as keys:
        environment = {**os.environ, **place.environment, "ESHIK_IDENTITY_URL": str(keys.base_url)}
        service = ServiceProcess("applications", free_port(), environment)
        yield service
        await service.stop()


def client_of(service: ServiceProcess) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.port}", trust_env=False, timeout=30)


async def submit(api: httpx.AsyncClient, application_id: str, who: Headers, key: str) -> httpx.Response:
    """As a client does: where the service says 503 it asks again, with the same key."""
    while True:
        answer = await api.post(f"/api/applications/{application_id}/submission", headers=who | {"Idempotency-Key": key})
        if answer.status_code != 503:
            return answer
        await asyncio.sleep(float(answer.headers["Retry-After"]))


async def count_submissions(counts: Counts, place: Place, tap: Tap, application_ids: list[str]) -> None:
    """Each application has one submission in its journal and one event."""
    async with database_of(place) as db:
        await eventually(lambda: _all_sent(tap, len(application_ids)))
        assert await db.outbox.count_documents({}) == 0
        effects: Counter[str] = Counter()
        async for application in db.applications.find({"status": "submitted"}):
            effects[application["_id"]] += 1
        expected = set(application_ids)
        counts.compare(expected, expected, effects)
    events = Counter(key.partition("/")[0] for key in {*tap.keys})
    counts.compare(expected, expected, events)
    counts.doubled += len(set(tap.event_ids)) - len(application_ids)
    counts.check()


async def _all_sent(tap: Tap, count: int) -> bool:
    return len(set(tap.event_ids)) >= count


async def test_fifty_submits_at_once_with_one_key_submit_once_and_get_fifty_equal_answers(
    place: Place, applications: ServiceProcess, tokens: TestTokens, counts: Counts
) -> None:
    aigerim, application_ids = tokens.citizen("aigerim"), []
    await applications.start()
    async with tapped(place, ApplicationSubmitted) as tap, client_of(applications) as api:
        for number in range(counts.pick(2, 40)):
            application_ids.append(await complete(api, aigerim))
            sent = (submit(api, application_ids[-1], aigerim, f"one-key-{number}") for _ in range(50))
            answers = await asyncio.gather(*sent)
            assert {answer.status_code for answer in answers} == {200}
            assert len({json.dumps(answer.json(), sort_keys=True) for answer in answers}) == 1
            replayed = sum(1 for answer in answers if answer.headers.get("Idempotency-Replayed"))
            assert replayed == 49
        await count_submissions(counts, place, tap, application_ids)
    counts.redelivered = 49 * len(application_ids)


async def is_submitted(place: Place, application_id: str) -> bool:
    async with database_of(place) as db:
        return await db.applications.find_one({"_id": application_id, "status": "submitted"}) is not None


async def test_a_submit_repeated_after_a_kill_between_commit_and_answer_gets_the_answer_of_the_first(
    place: Place, applications: ServiceProcess, tokens: TestTokens, counts: Counts, tmp_path: Path
) -> None:
    aigerim, application_ids, flag = tokens.citizen("aigerim"), [], tmp_path / "die"
    async with tapped(place, ApplicationSubmitted) as tap, client_of(applications) as api:
        for number in range(counts.pick(1, 40)):
            await applications.start(ESHIK_CRASH_AT=f"transaction.committed@{flag}")
            application_ids.append(await complete(api, aigerim))
            while True:
                flag.touch()
                with pytest.raises(httpx.TransportError):
                    await submit(api, application_ids[-1], aigerim, f"one-key-{number}")
                assert await applications.died() == KILLED
                if await is_submitted(place, application_ids[-1]):
                    break
                flag.unlink(missing_ok=True)  # a job of the service committed first, and died in its place: once more
                await applications.start(ESHIK_CRASH_AT=f"transaction.committed@{flag}")
            await applications.start()
            answer = await submit(api, application_ids[-1], aigerim, f"one-key-{number}")
            assert (answer.status_code, answer.headers.get("Idempotency-Replayed")) == (200, "true")
            assert answer.json()["status"] == "submitted"
            await applications.stop()
        await applications.start()
        await count_submissions(counts, place, tap, application_ids)
    counts.redelivered = len(application_ids)


BODIES = [{"service_id": service_id, "post_id": post_id} for service_id in (REGISTRATION, RETURN) for post_id in ("yek", "ist")]


async def start_draft(api: httpx.AsyncClient, body: dict[str, str], who: Headers, key: str) -> httpx.Response:
    while True:
        answer = await api.post("/api/applications", json=body, headers=who | {"Idempotency-Key": key})
        if answer.status_code != 503:
            return answer
        await asyncio.sleep(float(answer.headers["Retry-After"]))


async def test_one_key_with_other_bodies_is_refused_with_422_and_changes_nothing_fifty_at_once_too(
    place: Place, applications: ServiceProcess, tokens: TestTokens, counts: Counts
) -> None:
    aigerim, chance, drafts = tokens.citizen("aigerim"), Random(3), set()
    await applications.start()
    async with client_of(applications) as api, database_of(place) as db:
        for number in range(counts.pick(3, 40)):
            sent = [chance.choice(BODIES) for _ in range(50)]
            answers = await asyncio.gather(*(start_draft(api, body, aigerim, f"mixed-key-{number}") for body in sent))
            made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
            assert len(made) == 1
            drafts |= made
            stored = await db.applications.find_one({"_id": {"$in": list(made)}})
            assert stored is not None
            for body, answer in zip(sent, answers, strict=True):
                same = (body["service_id"], body["post_id"]) == (stored["service_id"], stored["post_id"])
                assert answer.status_code == (201 if same else 422), answer.text
                assert same or answer.json()["type"] == "/problems/idempotency-key-reused"
            before = await everything_in(db)
            for body in BODIES:  # and one after the other, long after
                await start_draft(api, body, aigerim, f"mixed-key-{number}")
            assert await everything_in(db) == before
            counts.redelivered += 49 + len(BODIES)
        kept = Counter([application["_id"] async for application in db.applications.find({})])
        counts.compare(drafts, drafts, kept)
    counts.check()


async def everything_in(db: Db) -> dict[str, list[Document]]:
    """What the service keeps, but for leases, which are renewed all the time, and the audit's log, which follows the entries."""
    names = [name for name in await db.list_collection_names() if name not in ("leases", LOG, HEAD, TILES, CHECKPOINTS)]
    return {name: await db[name].find({}).sort("_id", 1).to_list() for name in names}
