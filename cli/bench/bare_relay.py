"""The floor of W2 and W3: the change stream tells the rows, 128 are published at a time, and deleted by $in once confirmed."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractExchange
from pymongo import AsyncMongoClient

from cli.bench.child import Link
from shared.messaging.topology import EXCHANGE

TOGETHER = 128


async def relay(link: Link) -> None:
    """settings: service, and how many events to expect. Says when each was confirmed, on the clock that processes share."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(link.place.mongo_url, tz_aware=True, w="majority", journal=True)
    outbox = client[f"{link.place.database_prefix}{link.settings['service']}"].outbox
    connection = await aio_pika.connect(link.place.rabbit_url)
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    exchange = await channel.get_exchange(EXCHANGE, ensure=False)
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    left: int = link.settings["events"]
    confirmed: dict[str, float] = {}
    async with await outbox.watch([{"$match": {"operationType": "insert"}}], max_await_time_ms=1_000) as stream:
        link.say(ready=True)  # before the rows are written
        await link.heard("begin")
        reading = asyncio.create_task(_read(stream, told))
        while left:
            rows = [await told.get()]
            while len(rows) < TOGETHER and not told.empty():
                rows.append(told.get_nowait())
            await asyncio.gather(*(publish(exchange, row) for row in rows))
            at = time.monotonic()
            await outbox.delete_many({"_id": {"$in": [row["_id"] for row in rows]}})
            confirmed |= {row["_id"]: at for row in rows}
            left -= len(rows)
        link.say(done=confirmed)
        reading.cancel()


async def _read(stream: Any, told: asyncio.Queue[dict[str, Any]]) -> None:
    async for change in stream:
        told.put_nowait(change["fullDocument"])


async def publish(exchange: AbstractExchange, row: dict[str, Any]) -> None:
    """The same message as ours, in every property."""
    message = aio_pika.Message(
        row["body"].encode(),
        content_type="application/cloudevents+json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=f"{row['_id']}.{uuid4().hex[:12]}",
        correlation_id=row["correlation_id"],
        type=row["type"],
        timestamp=row["occurred_at"],
        headers={"event-id": row["_id"]},
    )
    await exchange.publish(message, row["type"], mandatory=True)
