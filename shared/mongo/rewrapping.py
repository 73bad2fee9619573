"""Rotation: data keys that lie under an older key-encryption key are wrapped anew under the current one, while all goes on.

What is still to do is read off the rows themselves, so that a kill on the way loses nothing and the next pass goes on; two
processes that do it at once do not disturb each other. The data keys stay what they are, and so does all that is sealed.
"""

import asyncio
from typing import Final

import structlog
from pymongo.errors import PyMongoError

from shared.crash_points import crash_point
from shared.errors import Unavailable
from shared.metrics import metrics
from shared.mongo.data_keys import COLLECTION, Row, as_stored, wrapped_in
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Database, within
from shared.sealing.errors import SealBroken
from shared.sealing.key_encryption import KeyEncryption, Owner
from shared.waiting import told_to_end

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 5.0
AT_ONCE: Final = 100


class Rewrapper:
    """Looks at the key file every few seconds; where it knows one key only, there is nothing to wrap anew. Each time it also
    hears which keys were destroyed, so that this process forgets them."""

    def __init__(self, database: Database, encryption: KeyEncryption, service: str) -> None:
        self._database, self._encryption, self._service = database, encryption, service

    async def run(self) -> None:
        while not told_to_end():
            try:
                await self.bring_up_to_date()
                with within(BACKGROUND_TIMEOUT_S):
                    await self._database.db.keys.hear_of_destroyed()
            except (Unavailable, PyMongoError) as error:
                log.warning("data_keys_wait", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def bring_up_to_date(self) -> int:
        """One pass. Out: how many were wrapped anew. What does not open is counted, and stays as it is."""
        current = self._encryption.current
        moved = sum([await self._from(kek) for kek in sorted(set(self._encryption.known()) - {current})])
        if moved:
            log.info("data_keys_wrapped_anew", keys=moved, current=current)
        return moved

    async def _from(self, kek: str) -> int:
        moved, after = 0, ""
        while rows := await self._next(kek, after):
            for row in rows:
                moved += await self._wrap_anew(row)
                crash_point("data_keys.wrapped_anew")
            after = rows[-1]["_id"]
        return moved

    async def _next(self, kek: str, after: str) -> list[Row]:
        with within(BACKGROUND_TIMEOUT_S):
            found = self._database.db[COLLECTION].find({"kek": kek, "_id": {"$gt": after}})
            return await found.sort("_id", 1).limit(AT_ONCE).to_list()

    async def _wrap_anew(self, row: Row) -> int:
        owner, old = Owner(self._service, row["_id"], row["key_id"]), wrapped_in(row)
        try:
            fresh = await self._encryption.wrap(await self._encryption.unwrap(old, owner), owner)
        except SealBroken as error:
            metrics().seals_broken.labels(error.reason).inc()
            log.error("data_key_broken", reason=error.reason)
            return 0
        unchanged = {"_id": row["_id"], **as_stored(old)}  # not destroyed meanwhile, nor wrapped by another process
        with within(BACKGROUND_TIMEOUT_S):
            done = await self._database.db[COLLECTION].update_one(unchanged, {"$set": as_stored(fresh)})
        return done.modified_count
