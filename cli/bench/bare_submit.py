"""The floor of W1: the reads and writes of a submission in one PyMongo transaction, in a bare process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import AsyncMongoClient, ReadPreference, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern

from cli.bench.child import Link
from cli.bench.documents import Document, recall, renewed
from cli.bench.drafts import case_id, reference
from cli.bench.pace import at_once

MAJORITY = WriteConcern(w="majority", j=True)


async def submit(link: Link) -> None:
    """Told {level: {first, count, at_once}}, it submits those drafts and says how long each took."""
    learned = recall(link.settings["learned"])
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        link.place.mongo_url, tz_aware=True, maxPoolSize=64, w="majority", journal=True
    )
    db = client[f"{link.place.database_prefix}applications"]
    link.say(ready=True)
    while level := await link.heard("level"):
        numbers = range(level["first"], level["first"] + level["count"])
        writes = {number: _written(learned, number) for number in numbers}

        async def do(number: int, writes: Mapping[int, dict[str, Document]] = writes) -> None:
            await _one(client, db, case_id(number), writes[number])

        link.say(set_up=True)
        await link.heard("begin")
        link.say(done=(await at_once(numbers, level["at_once"], do)).as_data())


def _written(learned: dict[str, list[Document]], number: int) -> dict[str, Document]:
    old = learned["applications"][0]
    event = learned["outbox"][0]["_id"]
    instead = {old["_id"]: case_id(number), old["reference"]: reference(number), event: f"{event[:-8]}{number:08d}"}
    written = {name: renewed(documents[0], instead) for name, documents in learned.items()}
    key: str = written["idempotency_keys"]["_id"]
    written["idempotency_keys"]["_id"] = f"{key[:-8]}{number:08d}"
    return written


async def _one(client: AsyncMongoClient[Document], db: Any, application_id: str, written: dict[str, Document]) -> None:
    inserts: Sequence[str] = [name for name in written if name not in ("applications", "draft")]

    async def body(session: AsyncClientSession) -> None:
        await db.idempotency_keys.find_one({"_id": written["idempotency_keys"]["_id"]}, session=session)
        found = await db.applications.find_one({"_id": application_id}, session=session)
        guard = {"_id": application_id, "version": found["version"]}
        await db.applications.replace_one(guard, written["applications"], session=session)
        for name in inserts:
            await db[name].insert_one(written[name], session=session)

    async with client.start_session() as session:
        await session.with_transaction(
            body, read_concern=ReadConcern("snapshot"), write_concern=MAJORITY, read_preference=ReadPreference.PRIMARY
        )
