"""One change stream on a collection, told to many: each has a short queue, and whoever missed something reads anew.

A change is told after it is committed, perhaps late, never twice by one stream. A subscriber that is too slow, or that was
there while the stream was lost or not yet open, gets one RESET in place of what it missed.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from time import monotonic
from typing import Any

import structlog
from pymongo.asynchronous.command_cursor import AsyncCommandCursor
from pymongo.errors import PyMongoError

from shared.errors import DatabaseUnavailable, Unavailable
from shared.mongo.database import Database, Document, away_is_unavailable
from shared.waiting import told_to_end

log = structlog.get_logger(__name__)

MAX_AWAIT_MS = 2_000
AGAIN_AFTER_S = 1.0
LINGER_S = 10.0  # without listeners: a page that is reloaded does not open the stream anew
WAITING_AT_MOST = 100  # changes kept for one subscriber
SUBSCRIBERS = 500  # of this process
SUBSCRIBERS_PER_PERSON = 6  # what a browser opens to one host at most


class Reset(Enum):
    """Something was missed: read everything again."""

    RESET = "reset"


RESET = Reset.RESET


@dataclass(frozen=True, slots=True)
class Change:
    """A document as it is after the change, with the fields asked for."""

    id: str
    fields: Document


Wanted = Callable[[Change], bool]


class TooManySubscribers(Exception):
    """This person, or everybody together, listens as often as is allowed."""


class Subscription:
    def __init__(self, wanted: Wanted, person: str) -> None:
        self.person = person
        self._wanted = wanted
        self._waiting: deque[Change] = deque()
        self._wake = asyncio.Event()
        self._reset = self._ended = False

    async def next(self) -> Change | Reset | None:
        """The next change, or RESET, whenever it comes. None: it has ended."""
        while True:
            if self._ended:
                return None
            if self._reset:
                self._reset = False
                return RESET
            if self._waiting:
                return self._waiting.popleft()
            self._wake.clear()
            await self._wake.wait()

    def offer(self, change: Change) -> None:
        if self._reset or not self._wanted(change):  # who is about to read everything needs no single change
            return
        self._waiting.append(change)
        self._wake.set()
        if len(self._waiting) > WAITING_AT_MOST:
            self.reset()

    def reset(self) -> None:
        self._waiting.clear()
        self._reset = True
        self._wake.set()

    def end(self) -> None:
        self._ended = True
        self._wake.set()


class ChangeFeed:
    """Tells documents that are inserted or written whole, as aggregates are, by the fields named."""

    def __init__(self, database: Database, collection: str, fields: Sequence[str]) -> None:
        self._collection = database.db[collection]
        self._fields = tuple(fields)
        self._subscriptions: set[Subscription] = set()
        self._per_person: Counter[str] = Counter()
        self._somebody = asyncio.Event()  # set while anybody listens
        self._left_at = 0.0  # when the last one went
        self._closed = False
        self.open = False  # what is committed from now on is told

    @contextmanager
    def subscription(self, person: str, wanted: Wanted) -> Iterator[Subscription]:
        """What that person may hear from now on. Raises TooManySubscribers, or Unavailable where the process is to end."""
        if self._closed:
            raise Unavailable("change-feed-closed")
        if len(self._subscriptions) >= SUBSCRIBERS or self._per_person[person] >= SUBSCRIBERS_PER_PERSON:
            raise TooManySubscribers
        made = Subscription(wanted, person)
        self._subscriptions.add(made)
        self._per_person[person] += 1
        self._somebody.set()
        try:
            yield made
        finally:
            made.end()
            self._subscriptions.discard(made)
            self._per_person -= Counter({person: 1})  # and no entry is left at zero
            if not self._subscriptions:
                self._somebody.clear()
                self._left_at = monotonic()

    @property
    def subscribers(self) -> int:
        return len(self._subscriptions)

    def close(self) -> None:
        """End every subscription and take no more."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.end()

    async def run(self) -> None:
        """Until cancelled. A stream is open while somebody listens, for it costs the database something at every write. However
        it ends meanwhile, it is opened again, and all who are there begin anew."""
        while not told_to_end():
            await self._somebody.wait()
            try:
                with away_is_unavailable():
                    await self._listen()
                log.info("change_stream_closed", subscribers=len(self._subscriptions))
            except (DatabaseUnavailable, PyMongoError) as error:
                log.warning("change_stream_lost", error=type(error).__name__)
            if self._somebody.is_set():
                await asyncio.sleep(AGAIN_AFTER_S)

    async def _listen(self) -> None:
        # not watch(): it takes up a broken stream again by itself, and nobody would be told that something may be missing
        stream: AsyncCommandCursor[Document] = await self._collection.aggregate(self._pipeline(), maxAwaitTimeMS=MAX_AWAIT_MS)
        async with stream:
            self._begin_anew()  # what was changed before this moment nobody has told them
            try:
                while stream.alive and not self._is_for_nobody() and not told_to_end():
                    told = await stream.try_next()
                    if told is not None:
                        self._tell(told)
            finally:
                self.open = False

    def _is_for_nobody(self) -> bool:
        return not self._somebody.is_set() and monotonic() - self._left_at > LINGER_S

    def _pipeline(self) -> list[dict[str, Any]]:
        told = {f"fullDocument.{name}": 1 for name in self._fields}
        written = {"operationType": {"$in": ["insert", "replace"]}}
        return [{"$changeStream": {}}, {"$match": written}, {"$project": {"documentKey": 1, **told}}]

    def _tell(self, told: Document) -> None:
        change = Change(str(told["documentKey"]["_id"]), told["fullDocument"])
        for subscription in self._subscriptions:
            subscription.offer(change)

    def _begin_anew(self) -> None:
        self.open = True
        log.info("change_stream_open", subscribers=len(self._subscriptions))
        for subscription in self._subscriptions:
            subscription.reset()
