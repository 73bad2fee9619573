"""What is counted outside of any transaction, before the work it bounds: codes asked for, and tries at a code.

Each count is one atomic write, so that a thousand requests at once cannot all see the same number. The window moves: a row holds
the times of the last that were counted, and the oldest of them says whether there is room, so that nobody has twice as many
around the full hour.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError, PyMongoError

from services.identity.domain.challenge import TRIES, Challenge
from shared.errors import Unavailable
from shared.mongo.database import Db

KEPT_LONGER = timedelta(hours=1)  # than it counts: the database deletes by its own clock


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many in any span of that length. what: contact, range, address or all."""

    what: str
    key: str
    most: int
    span: timedelta

    @property
    def row(self) -> str:
        return f"{self.what}:{self.key}:{int(self.span.total_seconds())}"


async def over_cap(db: Db, caps: Sequence[Cap], *, at: datetime) -> tuple[Cap, timedelta] | None:
    """Count one for each cap. Out: the first that is full, and how long it stays so; those before it have counted."""
    for cap in caps:
        if not await _count(db, cap, at):
            return cap, await _wait(db, cap, at)
    return None


async def uncount(db: Db, caps: Sequence[Cap]) -> None:
    """What was counted came to nothing by our own fault. The newest is taken away, whosever it is: the number is right."""
    for cap in caps:
        await db.sign_in_counts.update_one({"_id": cap.row}, {"$pop": {"times": 1}})


async def _count(db: Db, cap: Cap, at: datetime) -> bool:
    until = at + cap.span + KEPT_LONGER
    if await _count_more(db, cap, at, until):
        return True
    try:
        await db.sign_in_counts.insert_one({"_id": cap.row, "times": [at], "until": until})
    except DuplicateKeyError:  # it is full, or somebody made it this moment
        return await _count_more(db, cap, at, until)
    return True


async def _count_more(db: Db, cap: Cap, at: datetime, until: datetime) -> bool:
    """Whether the row is there and has room: it is not full, or its oldest is over; asked apart, each by its id."""
    one = {"$push": {"times": {"$each": [at], "$slice": -cap.most}}, "$max": {"until": until}}
    for room in ({f"times.{cap.most - 1}": {"$exists": False}}, {"times.0": {"$lte": at - cap.span}}):
        if (await db.sign_in_counts.update_one({"_id": cap.row, **room}, one)).matched_count:
            return True
    return False


async def _wait(db: Db, cap: Cap, at: datetime) -> timedelta:
    row = await db.sign_in_counts.find_one({"_id": cap.row})
    oldest = row["times"][0] if row and row["times"] else at
    return timedelta(seconds=(oldest + cap.span - at).total_seconds())


async def take_a_try(db: Db, challenge_id: str, *, at: datetime) -> Challenge | None:
    """One of the challenge's tries, used up before the code is looked at. None where there is none left, or no such challenge."""
    live = {"_id": challenge_id, "used_at": None, "expires_at": {"$gt": at}, "tries": {"$lt": TRIES}}
    if not (await db.sign_in_challenges.update_one(live, {"$inc": {"tries": 1}})).matched_count:
        return None
    row = await db.sign_in_challenges.find_one({"_id": challenge_id})
    return Challenge.of_document(row) if row else None


async def give_try_back(db: Db, challenge_id: str) -> None:
    await db.sign_in_challenges.update_one({"_id": challenge_id, "tries": {"$gt": 0}}, {"$inc": {"tries": -1}})


@asynccontextmanager
async def given_back_if_away(give_back: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """A try is not used up where nobody was told what came of it, because something here was away."""
    try:
        yield
    except (Unavailable, PyMongoError):
        with suppress(Unavailable, PyMongoError):
            await give_back()
        raise
