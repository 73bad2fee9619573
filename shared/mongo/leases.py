"""A lease with a fencing number: one holder at a time, by the database's own clock, so that skewed clocks do not matter."""

import time
from uuid import uuid4

from pymongo.errors import DuplicateKeyError

from shared.mongo.database import REQUEST_TIMEOUT_S, Collection, within

# as a number: SecantusDB compares $$NOW with a stored date wrongly (always "not earlier"), and numbers rightly
NOW_MS = {"$toLong": "$$NOW"}


def until(ttl_s: float) -> dict[str, list[object]]:
    """An aggregation expression: the epoch milliseconds ttl_s from now, on the database's clock."""
    return {"$add": [NOW_MS, round(ttl_s * 1000)]}


def is_over(field: str) -> dict[str, list[object]]:
    """An aggregation expression: the moment kept in that field, as until() gives it, has passed."""
    return {"$lt": [f"${field}", NOW_MS]}


class Lease:
    """Held by one owner until it is released or not renewed for ttl_s. Every new holder gets a greater fence."""

    def __init__(self, leases: Collection, name: str, *, ttl_s: float = 10.0) -> None:
        self._leases, self._name, self._ttl_s = leases, name, ttl_s
        self._owner = str(uuid4())
        self._held_until = 0.0  # monotonic, and earlier than the database thinks: counted from before the call
        self.fence = 0

    @property
    def held(self) -> bool:
        """False as soon as we can't be sure any more, as after a long pause of this process."""
        return time.monotonic() < self._held_until

    async def hold(self) -> bool:
        """Renew, or acquire when it is free. Out: whether we hold it now. Raises DatabaseUnavailable."""
        if self.held and time.monotonic() < self._held_until - self._ttl_s / 2:
            return True
        asked_at = time.monotonic()
        with within(REQUEST_TIMEOUT_S):
            if await self._renew() or await self._acquire():
                self._held_until = asked_at + self._ttl_s * 0.8
                return True
        self._held_until = 0.0
        return False

    async def release(self) -> None:
        self._held_until = 0.0
        with within(REQUEST_TIMEOUT_S):
            mine = {"_id": self._name, "owner": self._owner}
            await self._leases.update_one(mine, {"$set": {"owner": None, "until_ms": 0}})

    async def _renew(self) -> bool:
        if not self.fence:
            return False
        renewed = await self._leases.update_one(
            {"_id": self._name, "owner": self._owner, "fence": self.fence}, [{"$set": {"until_ms": until(self._ttl_s)}}]
        )
        return renewed.matched_count == 1

    async def _acquire(self) -> bool:
        free = {"_id": self._name, "$or": [{"owner": None}, {"$expr": is_over("until_ms")}]}
        taken = {"owner": self._owner, "until_ms": until(self._ttl_s), "fence": {"$add": ["$fence", 1]}}
        result = await self._leases.update_one(free, [{"$set": taken}])
        if not result.matched_count:
            try:
                await self._leases.insert_one({"_id": self._name, "owner": None, "until_ms": 0, "fence": 0})
            except DuplicateKeyError:
                return False  # someone else holds it
            return await self._acquire()
        row = await self._leases.find_one({"_id": self._name, "owner": self._owner}, {"fence": 1})
        self.fence = row["fence"] if row else 0
        return row is not None
