"""How often a password may be tried for one login: a few times at once, then after waits that double.

One try is claimed by one conditional write before the password is looked at, so of a thousand at once a few are looked at.
A login that nobody has is counted in the same way. The rows are places of a keyed hash, and not logins, so that whoever invents
logins fills no database; two logins at one place share its waits, and nobody can choose which ones do.
"""

from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from services.identity.domain.credentials import HALF_TRIES, HalfSignIn
from services.identity.domain.sign_in_secret import SignInSecret
from services.identity.officers_schema import SIGN_INS_SEALED
from shared.mongo.database import Db
from shared.mongo.sealing import opened
from shared.mongo.transactions import UnitOfWork

FREE = 5
PLACES = 2**16  # some 6 MB when all are full; of 300 officers about one shares a place with another
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)
_KEPT_LONGER = timedelta(hours=1)  # the database deletes by its own clock
_BEATEN = timedelta(seconds=1)  # somebody else claimed the same try


def wait_after(tries: int) -> timedelta:
    return timedelta(0) if tries < FREE else min(timedelta(seconds=2 ** min(tries - FREE, 20)), LONGEST_WAIT)


def place_of(login: str, secret: SignInSecret) -> str:
    return f"place:{int(secret.index('login', login.casefold()), 16) % PLACES:05}"


async def claim_try(db: Db, key: str, *, at: datetime) -> timedelta | None:
    """None: go on. Else how long to wait; nothing was counted then."""
    row = await db.sign_in_delays.find_one({"_id": key})
    if row is None:
        return await _first(db, key, at)
    if row["next_at"] > at:
        return timedelta(seconds=(row["next_at"] - at).total_seconds())
    tries = row["tries"] + 1 if at < row["until"] - _KEPT_LONGER else 1
    then = {"tries": tries, "next_at": at + wait_after(tries), "until": at + FORGOTTEN_AFTER + _KEPT_LONGER}
    claimed = await db.sign_in_delays.update_one({"_id": key, "tries": row["tries"]}, {"$set": then})
    return None if claimed.matched_count else _BEATEN


async def _first(db: Db, key: str, at: datetime) -> timedelta | None:
    try:
        await db.sign_in_delays.insert_one({"_id": key, "tries": 1, "next_at": at, "until": at + FORGOTTEN_AFTER + _KEPT_LONGER})
    except DuplicateKeyError:
        return _BEATEN
    return None


async def forget_tries(key: str, uow: UnitOfWork) -> None:
    """After the whole sign-in, and not after a right password alone: else who knows it has all tries at the second factor."""
    await uow.db.sign_in_delays.delete_one({"_id": key}, session=uow.session)


async def unclaim_try(db: Db, key: str, *, at: datetime) -> None:
    """Nobody was told what came of it, by our own fault."""
    await db.sign_in_delays.update_one({"_id": key, "tries": {"$gt": 0}}, {"$inc": {"tries": -1}, "$set": {"next_at": at}})


async def give_second_try_back(db: Db, half_id: str) -> None:
    await db.officer_sign_ins.update_one({"_id": half_id, "tries": {"$gt": 0}}, {"$inc": {"tries": -1}})


async def take_second_try(db: Db, half_id: str, *, at: datetime) -> HalfSignIn | None:
    """One of the three tries at the second factor, used up before the code is looked at. Raises SealBroken."""
    live = {"_id": half_id, "used_at": None, "expires_at": {"$gt": at}, "tries": {"$lt": HALF_TRIES}}
    if not (await db.officer_sign_ins.update_one(live, {"$inc": {"tries": 1}})).matched_count:
        return None
    row = await db.officer_sign_ins.find_one({"_id": half_id})
    if row is None:
        return None
    await opened(SIGN_INS_SEALED, [row], db, whole=True)  # or who can write here would need no password
    return HalfSignIn(row["_id"], row["person_id"], row["binding"], row["set_at"])
