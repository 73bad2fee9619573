"""The data keys of a service: one for each person, wrapped, in its own collection; unwrapped ones are remembered for a while.

Steady state: a key that is remembered costs no command. One that is not costs a find by _id; a person who is new one insert.
A key that was destroyed leaves its row behind: it says that no other may be made.
"""

import os
from collections import OrderedDict
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import uuid4

import structlog
from pymongo import IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError, OperationFailure

from shared.metrics import metrics
from shared.sealing.blind import BlindIndex
from shared.sealing.envelopes import KEY_BYTES, DataKey
from shared.sealing.errors import KeyAway, SealBroken, UnusableKeys
from shared.sealing.key_encryption import Owner, Wrapped
from shared.sealing.key_file import ServiceKeys

log = structlog.get_logger(__name__)

COLLECTION: Final = "data_keys"
INDEXES = {COLLECTION: [IndexModel("kek"), IndexModel("destroyed_at", sparse=True)]}
REMEMBERED: Final = 5_000
ASKED_AT_ONCE: Final = 50  # SecantusDB compares each that it finds with each that is asked for: 2,000 at once took it 20 s
LIFE_S: Final = 300.0  # and no longer, should it not be heard that the key was destroyed
HEARD_BACK: Final = timedelta(minutes=15)  # of what was heard last: a destruction is dated when its work begins, by another clock

_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Remembered:
    key: DataKey | None  # None: destroyed
    until: float


class DataKeys:
    """service: as in the owner that wrapped keys are bound to; keys: None where the process has no key file."""

    def __init__(self, collection: AsyncCollection[Row], service: str, keys: ServiceKeys | None) -> None:
        self._collection, self._service, self._keys = collection, service, keys
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._heard_until: datetime | None = None  # when the newest key was destroyed that we know of

    @property
    def blind(self) -> BlindIndex:
        return self._given.blind

    def hash_of_request(self, digest: str) -> str:
        """Keyed, where this process has keys."""
        return self._keys.blind.of_request(digest) if self._keys else digest

    @property
    def keys(self) -> ServiceKeys:
        """Raises UnusableKeys."""
        return self._given

    async def of(self, persons: Iterable[str], session: AsyncClientSession | None = None) -> Mapping[str, DataKey | None]:
        """The keys of these people: None where it was destroyed; who never had one is left out. One find for each
        ASKED_AT_ONCE that are not remembered. Raises KeyAway, SealBroken, and what the database raises."""
        found: dict[str, DataKey | None] = {}
        missing = []
        for person in set(persons):
            if known := self._recall(person):
                found[person] = known.key
            else:
                missing.append(person)
        for first in range(0, len(missing), ASKED_AT_ONCE):
            part = missing[first : first + ASKED_AT_ONCE]
            metrics().data_key_reads.inc()
            wanted = {"_id": part[0]} if len(part) == 1 else {"_id": {"$in": part}}
            async for row in self._collection.find(wanted, session=session):
                key = found[row["_id"]] = await self._unwrapped(row)
                if key or session is None:  # that it was destroyed may be of this transaction, and not be committed
                    self._remember(row["_id"], key)
        return found

    async def get_or_make(
        self, person: str, *, session: AsyncClientSession, made: MutableMapping[str, DataKey], at: datetime
    ) -> DataKey | None:
        """The person's key, made in this transaction where there is none; None: it was destroyed, and there will be no other.

        made: keys of this transaction, which nobody else knows before it is committed, so that they are not remembered. Of two
        transactions that make one at once, one runs again and finds the other's.
        """
        if key := made.get(person):
            return key
        found = await self.of([person], session)
        if person in found:
            return found[person]
        made[person] = await self._make(person, session, at)
        return made[person]

    def forget(self, person: str) -> None:
        self._remembered.pop(person, None)

    async def hear_of_destroyed(self) -> None:
        """Forget the keys that another process destroyed: asked every few seconds, an erasure is one everywhere by then. Read by
        the index on when they were. Raises what the database raises."""
        if self._heard_until is None:
            newest = await self._collection.find_one({"destroyed_at": {"$exists": True}}, sort=[("destroyed_at", -1)])
            self._heard_until = newest["destroyed_at"] if newest else _LONG_AGO
        gone = {"destroyed_at": {"$gt": self._heard_until - HEARD_BACK}}
        async for row in self._collection.find(gone, {"destroyed_at": 1}):
            known = self._remembered.get(row["_id"])
            if known is not None and known.key is not None:
                self.forget(row["_id"])
            self._heard_until = max(self._heard_until, row["destroyed_at"])

    @property
    def _given(self) -> ServiceKeys:
        if self._keys is None:
            raise UnusableKeys("no keys were given to this process")
        return self._keys

    def _recall(self, person: str) -> _Remembered | None:
        known = self._remembered.get(person)
        if known is None or known.until <= monotonic():
            return None
        self._remembered.move_to_end(person)
        return known

    def _remember(self, person: str, key: DataKey | None) -> None:
        self._remembered[person] = _Remembered(key, monotonic() + LIFE_S)
        self._remembered.move_to_end(person)
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)

    async def _unwrapped(self, row: Row) -> DataKey | None:
        if "destroyed_at" in row:
            return None
        owner = Owner(self._service, row["_id"], row["key_id"])
        try:
            secret = await self._given.encryption.unwrap(wrapped_in(row), owner)
        except SealBroken as error:
            metrics().seals_broken.labels(error.reason).inc()
            raise
        except KeyAway:
            metrics().seals_broken.labels("key-encryption-key-missing").inc()
            log.error("key_encryption_key_missing", kek=row["kek"])
            raise
        return DataKey(row["key_id"], secret)

    async def _make(self, person: str, session: AsyncClientSession, at: datetime) -> DataKey:
        key_id, secret = uuid4().hex, os.urandom(KEY_BYTES)  # not from the operation: a repeated transaction makes another one
        wrapped = await self._given.encryption.wrap(secret, Owner(self._service, person, key_id))
        row = {"_id": person, "key_id": key_id, **as_stored(wrapped), "made_at": at}
        try:
            await self._collection.insert_one(row, session=session)
        except DuplicateKeyError as error:
            # made by another one since we looked: run the transaction again, and find it
            again = OperationFailure("data key made meanwhile", error.code)
            again._add_error_label("TransientTransactionError")  # what with_transaction looks for
            raise again from error
        return DataKey(key_id, secret)


def wrapped_in(row: Mapping[str, Any]) -> Wrapped:
    return Wrapped(row["kek"], row["nonce"], row["wrapped"])


def as_stored(wrapped: Wrapped) -> Row:
    return {"kek": wrapped.kek, "nonce": wrapped.nonce, "wrapped": wrapped.secret}
