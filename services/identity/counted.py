"""What is counted outside of any transaction, before the work it bounds: codes asked for, and tries at a code.

Each count is one atomic write, so that a thousand requests at once cannot all see the same number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pymongo.errors import DuplicateKeyError

from services.identity.domain.challenge import TRIES, Challenge
from shared.mongo.database import Db


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many in each whole span of the clock. what: contact, address or all."""

    what: str
    key: str
    most: int
    span: timedelta


async def over_cap(db: Db, caps: Sequence[Cap], *, at: datetime) -> tuple[Cap, timedelta] | None:
    """Count one for each cap. Out: the first that is full, and how long it stays so; those before it have counted."""
    for cap in caps:
        began = _beginning(at, cap.span)
        ends = began + cap.span
        if not await _count(db, f"{cap.what}:{cap.key}:{int(cap.span.total_seconds())}:{began:%Y%m%d%H%M}", cap.most, ends):
            return cap, ends - at
    return None


async def _count(db: Db, name: str, most: int, until: datetime) -> bool:
    room, one = {"_id": name, "count": {"$lt": most}}, {"$inc": {"count": 1}}
    if (await db.sign_in_counts.update_one(room, one)).matched_count:
        return True
    try:
        await db.sign_in_counts.insert_one({"_id": name, "count": 1, "until": until})
    except DuplicateKeyError:  # it is full, or somebody made it this moment
        return bool((await db.sign_in_counts.update_one(room, one)).matched_count)
    return most > 0


async def take_a_try(db: Db, challenge_id: str, *, at: datetime) -> Challenge | None:
    """One of the challenge's tries, used up before the code is looked at. None where there is none left, or no such challenge."""
    live = {"_id": challenge_id, "used_at": None, "expires_at": {"$gt": at}, "tries": {"$lt": TRIES}}
    if not (await db.sign_in_challenges.update_one(live, {"$inc": {"tries": 1}})).matched_count:
        return None
    row = await db.sign_in_challenges.find_one({"_id": challenge_id})
    return Challenge.of_document(row) if row else None


def _beginning(at: datetime, span: timedelta) -> datetime:
    seconds = int(span.total_seconds())
    return datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
