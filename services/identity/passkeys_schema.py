"""How passkeys and their ceremonies lie in MongoDB, and how one is found."""

from hashlib import sha256

from pymongo import IndexModel

from services.identity.domain.passkey import Ceremony, Passkey
from shared.errors import NotFound
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Db, Indexes
from shared.mongo.sealing import SealedFields
from shared.mongo.transactions import UnitOfWork

PASSKEYS_SEALED = SealedFields("passkeys", person="person_id", fields={"device": ""}, proven=True)
PASSKEYS = Mapper(Passkey, sealed=PASSKEYS_SEALED)
SEALED = (PASSKEYS_SEALED,)
INDEXES: Indexes = {
    "passkeys": [
        IndexModel("person_id"),
        IndexModel(
            [("person_id", 1), ("slot", 1)], unique=True, partialFilterExpression={"slot": {"$gt": 0}}, name="one_for_each_slot"
        ),
    ],
    "passkey_ceremonies": [IndexModel("expires_at", expireAfterSeconds=3_600)],
}


class Passkeys(Aggregates[Passkey]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "passkeys", PASSKEYS)


def passkey_id(credential_id: bytes) -> str:
    """The credential's own id is random of 128 bits and more; its hash is an id of ours."""
    return sha256(credential_id).hexdigest()[:32]


async def own_passkeys(db: Db, person_id: str) -> list[Passkey]:
    rows = await db.passkeys.find({"person_id": person_id}).sort("created_at", 1).limit(50).to_list()
    return await PASSKEYS.read_all(db, rows)


async def passkey(db: Db, found_id: str) -> Passkey:
    """Raises NotFound."""
    row = await db.passkeys.find_one({"_id": found_id})
    if row is None:
        raise NotFound
    return await PASSKEYS.read(db, row)


async def use_ceremony(db: Db, ceremony_id: str, *, at: object) -> Ceremony | None:
    """Once, before the answer is looked at."""
    live = {"_id": ceremony_id, "used_at": None, "expires_at": {"$gt": at}}
    if not (await db.passkey_ceremonies.update_one(live, {"$set": {"used_at": at}})).matched_count:
        return None
    row = await db.passkey_ceremonies.find_one({"_id": ceremony_id})
    return Ceremony(row["_id"], bytes(row["challenge"]), row["binding"], row["person_id"]) if row else None
