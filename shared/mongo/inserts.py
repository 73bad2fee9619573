"""New documents of a transaction, gathered and written at its end: each collection once, for a request or a batch of events."""

from collections import defaultdict

from shared.crash_points import crash_point
from shared.mongo.database import Db, Document, Session
from shared.sealing.envelopes import DataKey


class Inserts:
    """What is gathered here is not seen by reads before write_out."""

    def __init__(self, db: Db, session: Session) -> None:
        self._db, self._session = db, session
        self.data_keys: dict[str, DataKey] = {}  # made in this transaction, by person: nobody else's before it is committed
        self._new: dict[str, list[Document]] = defaultdict(list)
        self._once: dict[str, dict[str, Document]] = defaultdict(dict)
        self.written: dict[str, list[str]] = defaultdict(list)  # ids by collection

    def add(self, collection: str, document: Document) -> None:
        """A document whose _id must be new: one that is there already fails the transaction."""
        self._new[collection].append(document)

    def add_once(self, collection: str, document: Document) -> None:
        """A document that is passed over where its _id is there already, or was gathered before."""
        self._once[collection].setdefault(document["_id"], document)

    def holds(self, collection: str) -> bool:
        return collection in self._new or collection in self._once

    async def write_out(self) -> None:
        crash_point("transaction.state_written")
        for collection, documents in self._once.items():
            known = self._db[collection].find({"_id": {"$in": list(documents)}}, {"_id": 1}, session=self._session)
            there = {row["_id"] async for row in known}
            if missing := [document for key, document in documents.items() if key not in there]:
                self._new[collection] += missing
        self._once.clear()
        for collection, rows in self._new.items():
            await self._db[collection].insert_many(rows, session=self._session)
            self.written[collection] += [row["_id"] for row in rows]
        self._new.clear()
