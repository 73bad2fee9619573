"""How often a password may be tried for one login: a few times at once, then after waits that double.

One try is claimed by one conditional write before the password is looked at, so of a thousand at once a few are looked at.
A login that nobody has is counted in the same way.
"""

from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from services.identity.domain.credentials import HALF_TRIES, HalfSignIn
from shared.mongo.database import Db
from shared.mongo.transactions import UnitOfWork

FREE = 5
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
_BEATEN = timedelta(seconds=1)  # somebody else claimed the same try


def wait_after(tries: int) -> timedelta:
    return timedelta(0) if tries < FREE else min(timedelta(seconds=2 ** min(tries - FREE, 20)), LONGEST_WAIT)


async def claim_try(db: Db, key: str, *, at: datetime) -> timedelta | None:
    """None: go on. Else how long to wait; nothing was counted then."""
    row = await db.sign_in_delays.find_one({"_id": key})
    if row is None:
        return await _first(db, key, at)
    if row["next_at"] > at:
        return timedelta(seconds=(row["next_at"] - at).total_seconds())
    tries = row["tries"] + 1
    then = {"tries": tries, "next_at": at + wait_after(tries), "until": at + FORGOTTEN_AFTER}
    claimed = await db.sign_in_delays.update_one({"_id": key, "tries": row["tries"]}, {"$set": then})
    return None if claimed.matched_count else _BEATEN


async def _first(db: Db, key: str, at: datetime) -> timedelta | None:
    try:
        await db.sign_in_delays.insert_one({"_id": key, "tries": 1, "next_at": at, "until": at + FORGOTTEN_AFTER})
    except DuplicateKeyError:
        return _BEATEN
    return None


async def forget_tries(key: str, uow: UnitOfWork) -> None:
    """After the whole sign-in, and not after a right password alone: else who knows it has all tries at the second factor."""
    await uow.db.sign_in_delays.delete_one({"_id": key}, session=uow.session)


async def take_second_try(db: Db, half_id: str, *, at: datetime) -> HalfSignIn | None:
    """One of the three tries at the second factor, used up before the code is looked at."""
    live = {"_id": half_id, "used_at": None, "expires_at": {"$gt": at}, "tries": {"$lt": HALF_TRIES}}
    if not (await db.officer_sign_ins.update_one(live, {"$inc": {"tries": 1}})).matched_count:
        return None
    row = await db.officer_sign_ins.find_one({"_id": half_id})
    return HalfSignIn(row["_id"], row["person_id"], row["binding"], row["set_at"]) if row else None
