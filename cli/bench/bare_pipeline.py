"""The floor of W5: the same three processes on bare drivers; in batches, or one by one as a simple relay would (W14)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from pymongo import AsyncMongoClient, ReadPreference, WriteConcern
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.read_concern import ReadConcern

from cli.bench.cases import case_document, case_id, list_row, note
from cli.bench.child import Link, Place
from cli.bench.documents import Document, recall, renewed
from cli.bench.pipeline import CONSUMER, PRODUCER, Key, all_of, driven
from shared.contracts.envelope import CONTENT_TYPE
from shared.messaging import topology
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES

ROUND, BATCH, PREFETCH = 200, 50, 100
Body = Callable[[AsyncClientSession], Awaitable[None]]


def connected(place: Place) -> AsyncMongoClient[Document]:
    return AsyncMongoClient(place.mongo_url, tz_aware=True, maxPoolSize=64, w="majority", journal=True)


async def in_transaction(client: AsyncMongoClient[Document], body: Body) -> None:
    async with client.start_session() as session:
        await session.with_transaction(
            body,
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern(w="majority", j=True),
            read_preference=ReadPreference.PRIMARY,
        )


async def produce(link: Link) -> None:
    """The rows that ours writes for an event (settings: learned), in one transaction each."""
    learned = recall(link.settings["learned"])
    await _collections(link.place, PRODUCER, "cases")
    client = connected(link.place)
    db = client[f"{link.place.database_prefix}{PRODUCER}"]
    link.say(ready=True)
    while plan := await link.heard("plan"):
        rows = {number: _rows(learned, number) for number in range(plan["first"], plan["first"] + plan["count"])}

        async def do(number: int, rows: dict[int, dict[str, Document]] = rows) -> None:
            async def body(session: AsyncClientSession) -> None:
                for name, row in rows[number].items():
                    await db[name].insert_one(row, session=session)

            await in_transaction(client, body)

        link.say(done=await driven(plan, do))


def _rows(learned: dict[str, list[Document]], number: int) -> dict[str, Document]:
    event: str = learned["outbox"][0]["_id"]
    instead = {event: f"{event[:-8]}{number:08d}", case_id(0): case_id(number), f"YEK-26-{0:08d}": f"YEK-26-{number:08d}"}
    return {name: renewed(documents[0], instead) for name, documents in learned.items()} | {"cases": case_document(number, 1)}


async def relay(link: Link) -> None:
    """Woken by the change stream; up to 200 rows a round, all confirms awaited together, one delete."""
    db = connected(link.place)[f"{link.place.database_prefix}{PRODUCER}"]
    connection = await aio_pika.connect_robust(link.place.rabbit_url)
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    await topology.declare(channel)
    exchange = await channel.get_exchange(topology.EXCHANGE, ensure=False)
    publish_all = _one_by_one if link.settings["one_by_one"] else _together
    link.say(ready=True)
    async with await db.outbox.watch([{"$match": {"operationType": "insert"}}, {"$project": {"_id": 1}}]) as stream:
        while True:
            while rows := await db.outbox.find({}).limit(ROUND).to_list():
                await publish_all(db, exchange, rows)
            await stream.next()


async def _together(db: Any, exchange: Any, rows: Sequence[Document]) -> None:
    await asyncio.gather(*(_publish(exchange, row) for row in rows))
    await db.outbox.delete_many({"_id": {"$in": [row["_id"] for row in rows]}})


async def _one_by_one(db: Any, exchange: Any, rows: Sequence[Document]) -> None:
    for row in rows:
        await _publish(exchange, row)
        await db.outbox.delete_one({"_id": row["_id"]})


async def _publish(exchange: Any, row: Document) -> None:
    message = aio_pika.Message(
        row["body"].encode(),
        content_type=CONTENT_TYPE,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=f"{row['_id']}.{uuid4().hex[:12]}",
        correlation_id=row["correlation_id"],
        type=row["type"],
        timestamp=row["occurred_at"],
        headers={"event-id": row["_id"], "traceparent": row["traceparent"]},
    )
    await exchange.publish(message, row["type"], mandatory=True)


async def consume(link: Link) -> None:
    """50 a transaction with $in de-duplication; all of them acknowledged by the last one's tag."""
    await _collections(link.place, CONSUMER, "notes", "list_rows")
    client = connected(link.place)
    db = client[f"{link.place.database_prefix}{CONSUMER}"]
    handled: dict[Key, float] = {}
    taken: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    connection = await aio_pika.connect_robust(link.place.rabbit_url)
    channel = await connection.channel()
    await topology.declare(channel)
    await channel.set_qos(prefetch_count=PREFETCH)
    queue = await channel.get_queue(topology.inbox(CONSUMER))
    await queue.consume(taken.put)
    batch = 1 if link.settings["one_by_one"] else BATCH
    running = asyncio.create_task(_handle_all(client, db, taken, handled, batch))
    link.say(ready=True)
    while wanted := await link.heard("wanted"):
        link.say(done=await all_of(handled, wanted))
    running.cancel()


async def _handle_all(client: Any, db: Any, taken: asyncio.Queue[AbstractIncomingMessage], handled: Any, batch: int) -> None:
    while True:
        messages = [await taken.get()]
        while len(messages) < batch and not taken.empty():
            messages.append(taken.get_nowait())
        events = [json.loads(message.body) for message in messages]
        await in_transaction(client, _effects(db, events))
        committed = time.monotonic()
        for event in events:
            handled.setdefault((event["subject"], event["data"]["sequence"]), committed)
        await messages[-1].ack(multiple=True)


def _effects(db: Any, events: Sequence[Document]) -> Body:
    keys = {f"on_submitted:{event['id']}": event["data"] for event in events}

    async def body(session: AsyncClientSession) -> None:
        known = db.inbox.find({"_id": {"$in": list(keys)}}, {"_id": 1}, session=session)
        there = {row["_id"] async for row in known}
        at, fresh = datetime.now(UTC), {key: facts for key, facts in keys.items() if key not in there}
        if not fresh:
            return
        about = [(f"{facts['application_id']}:{facts['sequence']}", facts) for facts in fresh.values()]
        await db.inbox.insert_many([{"_id": key, "handled_at": at} for key in fresh], session=session)
        notes = [note(key, facts["application_id"], facts["citizen_id"], at) for key, facts in about]
        await db.notes.insert_many(notes, session=session)
        rows = [list_row(key, facts["application_id"], facts["reference"], facts["sequence"], at) for key, facts in about]
        await db.list_rows.insert_many(rows, session=session)

    return body


async def _collections(place: Place, service: str, *further: str) -> None:
    database = Database(place.mongo_url, f"{place.database_prefix}{service}")
    await database.ensure_indexes({**KERNEL_INDEXES, **{name: [] for name in further}})
    await database.close()
