"""Driving the real applications service over HTTP while it is treated badly: its drafts, its callers, and what it kept."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

import httpx
from fastapi import FastAPI

from services.applications.schema import INDEXES, MAPPER, SEALED
from shared.mongo.database import Database, Db
from shared.mongo.indexes import KERNEL_INDEXES
from tests.integration.applications_client import Headers
from tests.support.kept import as_kept, database_with_keys
from tests.support.places import Place
from tests.support.running import on_a_port
from tests.support.tokens import TestTokens
from tests.unit.applications import cases

CITIZEN = cases.CITIZEN.id
PATIENCE_S = 120
PORTION = 200  # thousands at once outlast the driver's time-out on a busy machine, and it inserts what it sent once more


@asynccontextmanager
async def environment_of(place: Place, tokens: TestTokens) -> AsyncIterator[dict[str, str]]:
    """What the service is started with. The token keys come from a stand-in for identity, which runs meanwhile."""
    identity = FastAPI()
    identity.get("/.well-known/jwks.json")(tokens.keys)
    async with on_a_port(identity, until_ready=False) as keys:
        yield {**os.environ, **place.environment, "ESHIK_IDENTITY_URL": str(keys.base_url)}


@asynccontextmanager
async def database_of(place: Place) -> AsyncIterator[Database]:
    """The service's database, with its collections made."""
    database = database_with_keys(place, "applications")
    await database.ensure_indexes({**KERNEL_INDEXES, **INDEXES}, {each.collection: each.validator() for each in SEALED})
    yield database
    await database.close()


async def insert_drafts(db: Db, count: int, *, submitted: bool = False) -> list[str]:
    """Complete applications of one citizen, as the service itself writes them."""
    made = cases.submitted() if submitted else cases.complete()
    drafts = [replace(made, id=str(uuid4()), reference=f"YEK-26-{uuid4().hex[:8].upper()}") for _ in range(count)]
    documents = await as_kept(MAPPER, drafts, db)
    for start in range(0, count, PORTION):
        await db.applications.insert_many(documents[start : start + PORTION])
    return [draft.id for draft in drafts]


@dataclass
class Caller:
    """A client that repeats with the same Idempotency-Key whatever was not answered, and remembers every answer."""

    api: httpx.AsyncClient
    who: Headers
    acknowledged: set[str] = field(default_factory=set)
    replayed: set[str] = field(default_factory=set)
    broken_off: int = 0

    async def try_once(self, application_id: str) -> httpx.Response | None:
        """None: no answer came."""
        headers = self.who | {"Idempotency-Key": f"submit-{application_id}"}
        try:
            answer = await self.api.post(f"/api/applications/{application_id}/submission", headers=headers)
        except httpx.TransportError:
            self.broken_off += 1
            return None
        if answer.status_code == 200:
            self.acknowledged.add(application_id)
            if answer.headers.get("Idempotency-Replayed"):
                self.replayed.add(application_id)
        return answer

    async def submit(self, application_id: str) -> None:
        """Until it is acknowledged. Raises TimeoutError where it never is, as when the database itself is stuck."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                answer = await self.try_once(application_id)
                if answer is not None and answer.status_code == 200:
                    return
                assert answer is None or answer.status_code == 503, (answer.status_code, answer.text)
                await asyncio.sleep(0.3)


async def submitted_cases(db: Db, among: Sequence[str] | None = None) -> set[str]:
    asked = {"status": "submitted"} | ({"_id": {"$in": list(among)}} if among is not None else {})
    return {row["_id"] async for row in db.applications.find(asked, {"_id": 1})}


async def unsent_events(db: Db) -> Counter[str]:
    """How many events of each application wait in the outbox."""
    return Counter([row["subject"] async for row in db.outbox.find({}, {"subject": 1})])
