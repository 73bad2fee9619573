"""Operators' acts from the command line: who did what, to what, and why. Added to in the act's own transaction, never changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from pymongo import IndexModel, MongoClient, ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database as SyncDatabase
from pymongo.read_concern import ReadConcern

from shared.mongo.database import Document
from shared.mongo.transactions import UnitOfWork

INDEXES = {"audit": [IndexModel("at")]}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """who: a name the person gave, or the operating system's user. about: ids and the filter that chose them, no content."""

    at: datetime
    who: str
    act: str
    about: Mapping[str, Any]
    reason: str | None = None

    def document(self, entry_id: str) -> Document:
        return {
            "_id": entry_id,
            "at": self.at,
            "who": self.who,
            "act": self.act,
            "about": dict(self.about),
            "reason": self.reason,
        }


async def write_audit(entry: AuditEntry, uow: UnitOfWork) -> None:
    await uow.db.audit.insert_one(entry.document(uow.new_id()), session=uow.session)


def audited(
    client: MongoClient[Document],
    db: SyncDatabase[Document],
    change: Callable[[ClientSession], AuditEntry | None],
) -> None:
    """Run a command's change and write its entry, as one transaction; None: nothing was changed, nothing is written.

    The change may run twice. Raises PyMongoError.
    """
    if "audit" not in db.list_collection_names():
        db.create_collection("audit")  # before the transaction: SecantusDB does not make one inside
    entry_id = str(uuid4())

    def body(session: ClientSession) -> None:
        if (entry := change(session)) is not None:
            db.audit.insert_one(entry.document(entry_id), session=session)

    with client.start_session() as session:
        session.with_transaction(
            body,
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern(w="majority", j=True),
            read_preference=ReadPreference.PRIMARY,
        )
