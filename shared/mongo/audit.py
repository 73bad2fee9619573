"""Entries of the audit as they are written: a change's in its own transaction, an operator's from the command line too.

Rows are added and never changed. The sequencer (shared/mongo/sequencer.py) gives each its number in audit_log.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import bson
from pymongo import IndexModel, MongoClient, ReadPreference, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database as SyncDatabase
from pymongo.read_concern import ReadConcern

from shared.audit.entry import About, Entry, Kind, Who, only_ids, shown
from shared.mongo.database import Document, Indexes

AUDIT, LOG, HEAD, TILES, CHECKPOINTS = "audit", "audit_log", "audit_head", "audit_tiles", "audit_checkpoints"
UNREADABLE = "audit:unreadable-row"
INDEXES: Indexes = {
    AUDIT: [IndexModel("at")],
    LOG: [  # _id is the number
        IndexModel("id", unique=True),
        IndexModel([("case", 1), ("_id", 1)]),
        IndexModel([("person", 1), ("_id", 1)]),
        IndexModel([("by", 1), ("_id", 1)], sparse=True),
        IndexModel([("post", 1), ("_id", 1)]),  # a head's searches
        IndexModel([("act", 1), ("_id", 1)]),
        IndexModel("at"),
    ],
    HEAD: [],
    TILES: [],
    CHECKPOINTS: [],
}


@dataclass(frozen=True, slots=True)
class Source:
    """A collection whose rows are entries, and how one is read as such. What is in a row and not in its entry is not chained.

    belongs_to: of a row's id the id of what it is deleted with by a rule of retention; None: it is not deleted with anything.
    """

    collection: str
    entry: Callable[[str, Document], Entry]  # (the service's name, the row)
    belongs_to: Callable[[str], str] | None = None

    def read(self, service: str, row: Document) -> Entry:
        """The row as an entry. One that is none, which somebody else put in or altered, is an entry that says so: it stands in
        the log with its number, and keeps no other from theirs."""
        try:
            entry = self.entry(service, row)
            entry.canonical()
        except (LookupError, ValueError, TypeError, AttributeError):
            at, about = row.get("at"), {"digest": sha256(bson.encode(row)).hexdigest()}
            known = at if isinstance(at, datetime) else datetime.fromtimestamp(0, UTC)
            return Entry(self.entry_id(row["_id"]), service, Kind.CHANGE, known, Who("system", service), UNREADABLE, about)
        return entry

    def entry_id(self, row_id: object) -> str:
        return f"{self.collection}:{row_id}"


def audit_row(
    row_id: str, at: datetime, who: Who, act: str, about: About, *, kind: Kind, reason: str | None, request: str | None
) -> Document:
    """Raises NotAnId where about holds what is no id or code."""
    return {
        "_id": row_id,
        "at": at,
        "kind": kind.value,
        "who": who.as_data(),
        "act": act,
        "about": only_ids(about),
        "reason": reason,
        "request": request,
    }


def entry_of_row(service: str, row: Document) -> Entry:
    return Entry(
        id=OWN_ROWS.entry_id(row["_id"]),
        service=service,
        kind=Kind(row["kind"]),
        at=row["at"],
        who=Who.of_data(row["who"]),
        act=row["act"],
        about=row["about"],
        reason=row["reason"],
        request=row["request"],
    )


OWN_ROWS = Source(AUDIT, entry_of_row)


@dataclass(frozen=True, slots=True)
class OperatorAct:
    """An act from the command line. who: a name the person gave, or the operating system's user. about: ids and the filter that
    chose them. note: why, in the operator's words; it lies beside the entry and is not part of it."""

    at: datetime
    who: str
    act: str
    about: Mapping[str, Any]
    note: str | None = None

    def document(self, row_id: str) -> Document:
        who = Who("operator", re.sub(r"[^\w.@-]", "_", self.who)[:100] or "unknown")
        about = {name: _as_shown(value) for name, value in self.about.items()}
        row = audit_row(row_id, self.at, who, self.act, about, kind=Kind.CHANGE, reason="operation", request=None)
        return row | {"note": self.note}


def _as_shown(value: Any) -> Any:
    """What an operator typed may be anything."""
    match value:
        case Mapping():
            return {name: _as_shown(item) for name, item in value.items()}
        case str():
            return shown(value)
        case _:
            return [shown(str(item)) for item in value]


def audited(
    client: MongoClient[Document],
    db: SyncDatabase[Document],
    change: Callable[[ClientSession], OperatorAct | None],
) -> None:
    """Run a command's change and write its entry, as one transaction; None: nothing was changed, nothing is written.

    The change may run twice. Raises PyMongoError.
    """
    if AUDIT not in db.list_collection_names():
        db.create_collection(AUDIT)  # before the transaction: SecantusDB does not make one inside
    row_id = str(uuid4())

    def body(session: ClientSession) -> None:
        if (act := change(session)) is not None:
            db[AUDIT].insert_one(act.document(row_id), session=session)

    with client.start_session() as session:
        session.with_transaction(
            body,
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern(w="majority", j=True),
            read_preference=ReadPreference.PRIMARY,
        )
