"""W14: the handler of W4 as a user of FastStream writes it: one event, one transaction, acknowledged when it returns.

FastStream hands over one message at a time and has no inbox; the handler keeps one, with the same documents as ours. Up to a
prefetch of them run side by side. Reported without a target: what it lacks is the batch, and that is not its fault.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.read_concern import ReadConcern

from cli.bench.bare_consume import HANDLER, PREFETCH
from cli.bench.child import Link
from cli.bench.queued import PROJECTION, QUEUE, SERVICE, standing
from shared.contracts.applications import ApplicationApproved


async def consume(link: Link) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(link.place.mongo_url, tz_aware=True, w="majority", journal=True)
    db = client[f"{link.place.database_prefix}{SERVICE}"]
    broker = RabbitBroker(
        link.place.rabbit_url,
        default_channel=Channel(prefetch_count=PREFETCH, publisher_confirms=True),
        logger=None,
    )
    left, done = link.settings["messages"], asyncio.Event()

    async def on_approved(body: bytes) -> None:
        nonlocal left
        envelope = json.loads(body)
        event = ApplicationApproved.model_validate(envelope["data"])
        await handle(client, db, f"{HANDLER}:{envelope['id']}", standing(event.model_dump(mode="json")))
        left -= 1
        if left <= 0:
            done.set()

    # passive: the quorum queue is there, made by the topology
    broker.subscriber(RabbitQueue(QUEUE, durable=True, declare=False), ack_policy=AckPolicy.NACK_ON_ERROR)(on_approved)
    await broker.connect()
    link.say(ready=True)
    await link.heard("begin")
    await broker.start()
    await done.wait()
    link.say(done=True)
    await broker.stop()
    link.say(stopped=True)


async def handle(client: AsyncMongoClient[dict[str, Any]], db: Any, key: str, row: dict[str, Any]) -> None:
    async def body(session: Any) -> None:
        if await db.inbox.find_one({"_id": key}, {"_id": 1}, session=session) is None:
            await db[PROJECTION].insert_one(row, session=session)
            await db.inbox.insert_one({"_id": key, "handled_at": datetime.now(UTC)}, session=session)

    async with client.start_session() as session:
        await session.with_transaction(
            body, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern(w="majority", j=True)
        )
