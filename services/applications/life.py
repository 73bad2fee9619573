"""Messages, originals and pouches in MongoDB: beside the cases, in the same transaction."""

from typing import Any

from pymongo import DESCENDING, IndexModel

from services.applications.domain.correspondence import Message, Original, Pouch
from services.applications.domain.life_errors import OriginalNotFound, PouchNotFound
from services.applications.scopes import any_of
from shared.actors import Officer
from shared.contracts.applications import Writer
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Db, Indexes
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
    POUCHES: [IndexModel([("post_id", 1), ("sent_at", DESCENDING), ("_id", 1)])],
}
MOST_OF_A_CASE = 500
MOST_POUCHES = 100


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

    async def of_post(self, posts: frozenset[str], pouch_id: str) -> Pouch:
        """One that left one of them, or was sent there. Raises PouchNotFound."""
        found = await self.find({"_id": pouch_id})
        if found is None or not posts & {found.post_id, found.to}:
            raise PouchNotFound
        return found


async def messages_of(db: Db, application_id: str) -> list[Message]:
    """Oldest first; of more than so many, the newest."""
    found = db[MESSAGES].find({"application_id": application_id}).sort([("at", -1), ("_id", -1)])
    return await MESSAGE.read_all(db, (await found.limit(MOST_OF_A_CASE).to_list())[::-1])


async def originals_of(db: Db, application_id: str) -> list[Original]:
    rows = await db[ORIGINALS].find({"application_id": application_id}).sort("_id", 1).limit(MOST_OF_A_CASE).to_list()
    return sorted(await ORIGINAL.read_all(db, rows), key=lambda each: (each.received_at, each.id))


async def pouches_for(db: Db, officer: Officer) -> list[Pouch]:
    """Those of the officer's posts, newest first."""
    posts = any_of(officer.posts_with({"intake", "deciding", "head"}))
    rows = await db[POUCHES].find({"post_id": posts}).sort([("sent_at", -1), ("_id", 1)]).limit(MOST_POUCHES).to_list()
    return [POUCH.from_document(row) for row in rows]
