"""One service's database: the client's limits and durability in one place, and which errors mean that it is away."""

import asyncio
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import pymongo
from pymongo import AsyncMongoClient, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, ExecutionTimeout, PyMongoError, WaitQueueTimeoutError

from shared.errors import DatabaseUnavailable
from shared.mongo.data_keys import COLLECTION as DATA_KEYS
from shared.mongo.data_keys import DataKeys
from shared.mongo.signs import Signs
from shared.sealing.key_file import ServiceKeys

Document = dict[str, Any]
Collection = AsyncCollection[Document]
Session = AsyncClientSession

SERVER_SELECTION_MS = 1_200  # how soon "away" is known; a request must answer 503 within 2 s
SOCKET_MS = 10_000
REQUEST_TIMEOUT_S = 1.5
BACKGROUND_TIMEOUT_S = 30.0
LAST_BOUND_S = 0.3
_left_alone: set[asyncio.Task[Any]] = set()  # asyncio itself forgets a task that nobody holds
_TRANSIENT = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")

T = TypeVar("T")
Indexes = dict[str, list[IndexModel]]


class Db(AsyncDatabase[Document]):
    """A service's database, with the keys that its sealed fields are written and read with."""

    def __init__(self, client: AsyncMongoClient[Document], name: str, keys: ServiceKeys | None, service: str) -> None:
        super().__init__(client, name)
        self.keys = DataKeys(self[DATA_KEYS], service, keys)


class Database:
    """A client and the service's database. Open it inside the running loop: a client belongs to one loop.

    service: as data keys are bound to it, whatever the database is called; keys: needed where fields are sealed.
    """

    def __init__(self, url: str, name: str, *, service: str = "", keys: ServiceKeys | None = None) -> None:
        self.client: AsyncMongoClient[Document] = AsyncMongoClient(
            url,
            tz_aware=True,
            serverSelectionTimeoutMS=SERVER_SELECTION_MS,
            connectTimeoutMS=SERVER_SELECTION_MS,
            socketTimeoutMS=SOCKET_MS,
            maxPoolSize=64,
            w="majority",
            journal=True,
            retryWrites=True,
            appname=f"eshik-{name}",
        )
        self.name = name
        self.db = Db(self.client, name, keys, service or name)
        self.prepared = False  # all collections exist
        self.signs = Signs()

    async def ensure_indexes(self, indexes: Indexes, validators: Mapping[str, Document] | None = None) -> None:
        """Create what is missing, collections too: a collection must exist before a transaction writes to it.

        validators: by collection, what the database refuses to store. Raises WrittenBeforeSealing.
        """
        present = {found["name"]: found.get("options", {}) async for found in await self.db.list_collections()}
        validators = validators or {}
        await self._refuse_older_data(present, validators)
        for collection, models in indexes.items():
            validator = validators.get(collection, {})
            if collection not in present:
                await self.db.create_collection(collection, check_exists=False, validator=validator)
            elif present[collection].get("validator", {}) != validator:
                await self.db.command("collMod", collection, validator=validator)
            if models:
                await self.db[collection].create_indexes(models)
        self.prepared = True

    async def _refuse_older_data(self, present: Mapping[str, Document], validators: Mapping[str, Document]) -> None:
        for collection in validators.keys() & present.keys():
            stored = present[collection].get("validator") or {}
            needed = _required(validators[collection]) - _required(stored)
            if not stored and await self.db[collection].find_one({}, {"_id": 1}):
                raise WrittenBeforeSealing(collection)
            for name in needed:
                if await self.db[collection].find_one({name: {"$exists": False}}, {"_id": 1}):
                    raise WrittenBeforeSealing(collection)

    async def ping(self) -> None:
        """Raises DatabaseUnavailable within SERVER_SELECTION_MS where nothing answers."""
        with away_is_unavailable(), pymongo.timeout(REQUEST_TIMEOUT_S):
            await self.client.admin.command("ping")

    async def close(self) -> None:
        await self.client.close()


class WrittenBeforeSealing(Exception):
    """The database holds personal data in plain, or without proofs, from a release that did not write those: delete it, on a
    local stack its home."""


def _required(validator: Mapping[str, Any]) -> set[str]:
    return set(validator.get("$jsonSchema", {}).get("required", ()))


def is_away(error: PyMongoError) -> bool:
    """True where the database cannot be reached or is changing its primary, so that waiting is the answer."""
    return (
        isinstance(error, ConnectionFailure | ExecutionTimeout | WaitQueueTimeoutError)
        or error.timeout
        or any(error.has_error_label(label) for label in _TRANSIENT)
    )


@contextmanager
def away_is_unavailable() -> Iterator[None]:
    """Turn the driver's many errors for an absent database into one: DatabaseUnavailable."""
    try:
        yield
    except PyMongoError as error:
        if is_away(error):
            raise DatabaseUnavailable(type(error).__name__) from error
        raise


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """All database calls inside share this time; past it, or with the database away: DatabaseUnavailable."""
    with away_is_unavailable(), pymongo.timeout(seconds):
        yield


async def bounded(work: Awaitable[T], seconds: float) -> T:
    """Like within, with a last bound of our own should the driver not keep its own: a caller is never left hanging.

    Past it the work is left to end by itself, which it does at the driver's next step, and is not cancelled: a cancel that
    meets the driver's own time-out, as both do in a process that was paused, breaks the driver's locks, and whatever needs a
    connection then waits for good.
    """

    async def timed() -> T:
        with within(seconds):
            return await work

    task = asyncio.create_task(timed())
    try:
        done, _ = await asyncio.wait([task], timeout=seconds + LAST_BOUND_S)
    except asyncio.CancelledError:
        task.cancel()
        _leave_alone(task)  # ending a session takes it a moment
        raise
    if done:
        return task.result()
    _leave_alone(task)
    raise DatabaseUnavailable("TimeoutError")


def _leave_alone(task: asyncio.Task[Any]) -> None:
    _left_alone.add(task)
    task.add_done_callback(_forget)


def _forget(task: asyncio.Task[Any]) -> None:
    _left_alone.discard(task)
    if not task.cancelled():
        task.exception()  # looked at, or asyncio complains: nobody waits for it any more
