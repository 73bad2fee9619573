"""The floor of W4: up to 50 messages in one transaction, known ones found by $in, one acknowledgement for all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from pymongo import AsyncMongoClient, WriteConcern
from pymongo.read_concern import ReadConcern

from cli.bench.child import Link
from cli.bench.queued import PROJECTION, QUEUE, SERVICE, standing

PREFETCH = 100
HANDLER = "project"  # what the inbox's keys begin with, as in ours


async def consume(link: Link) -> None:
    """settings: messages to expect, batch (how many in a transaction), at_once (how many transactions side by side)."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(link.place.mongo_url, tz_aware=True, w="majority", journal=True)
    db = client[f"{link.place.database_prefix}{SERVICE}"]
    connection = await aio_pika.connect(link.place.rabbit_url)
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=PREFETCH)
    queue = await channel.get_queue(QUEUE, ensure=False)
    taken: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    batch, left, done = link.settings["batch"], link.settings["messages"], asyncio.Event()

    async def work() -> None:
        nonlocal left
        while left > 0:
            messages = [await taken.get()]
            while len(messages) < batch and not taken.empty():
                messages.append(taken.get_nowait())
            await handle(client, db, [json.loads(message.body) for message in messages])
            await messages[-1].ack(multiple=batch > 1)
            left -= len(messages)
        done.set()

    link.say(ready=True)
    await link.heard("begin")
    await queue.consume(taken.put)
    workers = [asyncio.create_task(work()) for _ in range(link.settings["at_once"])]
    await done.wait()
    link.say(done=True, stopped=True)
    for worker in workers:
        worker.cancel()


async def handle(client: AsyncMongoClient[dict[str, Any]], db: Any, envelopes: Sequence[dict[str, Any]]) -> None:
    keyed = {f"{HANDLER}:{envelope['id']}": envelope for envelope in envelopes}

    async def body(session: Any) -> None:
        seen = {row["_id"] async for row in db.inbox.find({"_id": {"$in": list(keyed)}}, {"_id": 1}, session=session)}
        fresh = {key: envelope for key, envelope in keyed.items() if key not in seen}
        if fresh:
            at = datetime.now(UTC)
            await db[PROJECTION].insert_many([standing(one["data"]) for one in fresh.values()], session=session)
            await db.inbox.insert_many([{"_id": key, "handled_at": at} for key in fresh], session=session)

    async with client.start_session() as session:
        await session.with_transaction(
            body, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern(w="majority", j=True)
        )
