"""Messages, originals and pouches in MongoDB: beside the cases, in the same transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import DESCENDING, IndexModel

from services.applications.domain.correspondence import Message, Original, Pouch
from services.applications.domain.life_errors import OriginalNotFound, PouchNotFound
from services.applications.scopes import any_of
from shared.contracts.applications import Writer
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Db, Document, Indexes
from shared.mongo.sealing import SealedFields
from shared.mongo.transactions import UnitOfWork
from shared.sealing.erased import ERASED

MESSAGES, ORIGINALS, POUCHES = "messages_of_cases", "originals", "pouches"
SAID = SealedFields(MESSAGES, person="citizen_id", fields={"text": ERASED})
HELD = SealedFields(ORIGINALS, person="citizen_id", fields={"kept_where": ERASED})
SEALED = (SAID, HELD)
MESSAGE: Mapper[Message] = Mapper(Message, sealed=SAID)
ORIGINAL: Mapper[Original] = Mapper(Original, sealed=HELD)
POUCH: Mapper[Pouch] = Mapper(Pouch)
INDEXES: Indexes = {
    MESSAGES: [IndexModel([("application_id", 1), ("at", 1), ("_id", 1)]), IndexModel([("citizen_id", 1), ("_id", 1)])],
    ORIGINALS: [
        IndexModel([("application_id", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("returned_at", 1), ("_id", 1)]),
        IndexModel([("citizen_id", 1), ("_id", 1)]),
    ],
    POUCHES: [
        IndexModel([("post_id", 1), ("sent_at", DESCENDING), ("_id", 1)]),
        IndexModel([("to", 1), ("sent_at", DESCENDING), ("_id", 1)]),
    ],
}
MOST_OF_A_CASE = 500
MOST_POUCHES = 100
MOST_AT_A_POST = 500


@dataclass(frozen=True, slots=True)
class Carried:
    """An original, and the reference of its case."""

    original: Original
    reference: str


class Messages(Aggregates[Message]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, MESSAGES, MESSAGE)

    async def unanswered(self, application_id: str, since: Any) -> int:
        """How many the citizen wrote since the first that has no answer."""
        if since is None:
            return 0
        wanted = {"application_id": application_id, "written_by": Writer.CITIZEN.value, "at": {"$gte": since}}
        return int(await self.collection.count_documents(wanted, session=self.session))


class Originals(Aggregates[Original]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, ORIGINALS, ORIGINAL)

    async def of(self, application_id: str, original_id: str) -> Original:
        """Raises OriginalNotFound."""
        found = await self.find({"_id": original_id, "application_id": application_id})
        if found is None:
            raise OriginalNotFound
        return found


class Pouches(Aggregates[Pouch]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, POUCHES, POUCH)

    async def of_place(self, places: frozenset[str], pouch_id: str) -> Pouch:
        """One that left one of them, or was sent there. Raises PouchNotFound."""
        found = await self.find({"_id": pouch_id})
        if found is None or not places & {found.post_id, found.to}:
            raise PouchNotFound
        return found


async def messages_of(db: Db, application_id: str) -> list[Message]:
    """Oldest first; of more than so many, the newest."""
    found = db[MESSAGES].find({"application_id": application_id}).sort([("at", -1), ("_id", -1)])
    return await MESSAGE.read_all(db, (await found.limit(MOST_OF_A_CASE).to_list())[::-1])


async def originals_of(db: Db, application_id: str) -> list[Original]:
    rows = await db[ORIGINALS].find({"application_id": application_id}).sort("_id", 1).limit(MOST_OF_A_CASE).to_list()
    return sorted(await ORIGINAL.read_all(db, rows), key=lambda each: (each.received_at, each.id))


async def pouches_for(db: Db, places: Collection[str], *, coming: bool) -> list[Pouch]:
    """Those that left these places, or, where they are coming, were sent there; newest first."""
    end: Document = {"to" if coming else "post_id": any_of(places)}
    rows = await db[POUCHES].find(end).sort([("sent_at", -1), ("_id", 1)]).limit(MOST_POUCHES).to_list()
    return [POUCH.from_document(row) for row in rows]


async def pouch_for(db: Db, places: Collection[str], pouch_id: str) -> tuple[Pouch, list[Carried]]:
    """With what it carries. Raises PouchNotFound."""
    row = await db[POUCHES].find_one({"_id": pouch_id})
    if row is None or not {row["post_id"], row["to"]} & set(places):
        raise PouchNotFound
    pouch = POUCH.from_document(row)
    held = await db[ORIGINALS].find({"_id": {"$in": [*pouch.originals]}}).to_list()
    return pouch, await _carried(db, await ORIGINAL.read_all(db, held))


async def originals_at(db: Db, posts: Collection[str]) -> list[Carried]:
    """What lies at these posts and could be sent on, by the references of the cases; no more than MOST_AT_A_POST."""
    there: Document = {"post_id": any_of(posts), "returned_at": None}
    rows = await db[ORIGINALS].find(there).sort("_id", 1).limit(MOST_AT_A_POST).to_list()
    return await _carried(db, await ORIGINAL.read_all(db, [row for row in rows if not row.get("pouch_id")]))


async def _carried(db: Db, originals: Sequence[Original]) -> list[Carried]:
    ids = sorted({each.application_id for each in originals})
    found = await db.applications.find({"_id": {"$in": ids}}, {"reference": 1}).to_list()
    references = {row["_id"]: row["reference"] for row in found}
    carried = [Carried(each, references.get(each.application_id, "")) for each in originals]
    return sorted(carried, key=lambda each: (each.reference, each.original.received_at))
