"""Waking whoever works in a collection when a process, this one or another, inserted something there: by a change stream."""

import asyncio
import time

import structlog
from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.errors import PyMongoError

from shared.errors import DatabaseUnavailable
from shared.mongo.database import Database, Document, away_is_unavailable
from shared.mongo.signs import Listener
from shared.waiting import told_to_end

log = structlog.get_logger(__name__)

AWAIT_MS = 2_000
AGAIN_AFTER_S = 1.0
PAUSE_S, LONGEST_PAUSE_S = 0.01, 0.1  # the longer, the more SecantusDB has to look through at once, while all others wait
SILENCE = 8  # the part of the time without news that a pause takes


async def watch_inserts(database: Database, collection: str, wake: asyncio.Event) -> None:
    """Until cancelled: wake at once for what this process commits there, and for what others do when the stream tells it."""
    inserts: list[Document] = [{"$match": {"operationType": "insert"}}, {"$project": {"documentKey": 1}}]
    with database.signs.listener(collection, wake) as listener:
        while not told_to_end():
            try:
                with away_is_unavailable():
                    async with await database.db[collection].watch(inserts, max_await_time_ms=AWAIT_MS) as stream:
                        await _listen(stream, listener)
            except (DatabaseUnavailable, PyMongoError) as error:
                # no token is kept: what happened meanwhile is found by who looks without a sign
                log.warning("watch_lost", collection=collection, error=type(error).__name__)
                await asyncio.sleep(AGAIN_AFTER_S)


async def _listen(stream: AsyncChangeStream[Document], listener: Listener) -> None:
    """With a pause after each answer, the longer the longer nothing new was told. SecantusDB answers a stream at every write to
    any database, most often with nothing: asked again at once, it cost more commands than the events themselves."""
    news_at = paused_at = time.monotonic()
    while stream.alive and not told_to_end():
        asked_at = time.monotonic()
        told = await stream.try_next()
        now = time.monotonic()
        if told is not None and not listener.is_own(told["documentKey"]["_id"]):
            news_at = now
            listener.wake.set()
        waited_in_vain = now - asked_at > AWAIT_MS / 2_000
        same_answer = now - paused_at < PAUSE_S / 10  # as the one before: it was read without a command
        if not (waited_in_vain or same_answer):
            await asyncio.sleep(min(max(PAUSE_S, (now - news_at) / SILENCE), LONGEST_PAUSE_S))
            paused_at = time.monotonic()
