"""All that a service keeps about one person, kind by kind, for the person themselves.

A record is the stored document, opened: no list says what is given, so that a new field is given from the day it is kept. What
is left out is named, each with its reason. A page holds so many records; its cursor is a kind and an id of ours.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import bson
from pydantic_core import to_jsonable_python

from shared.audit.reasons import text_of
from shared.base64url import base64url, from_base64url
from shared.cursors import not_ours
from shared.mongo.audit import LOG, OWN_ROWS
from shared.mongo.database import REQUEST_TIMEOUT_S, Db, Document, bounded
from shared.mongo.erasure import ERASURES, HOLDS
from shared.mongo.sealing import SealedFields, opened
from shared.sealing.erased import ERASED
from shared.texts import Texts

SCHEMA_VERSION: Final = 1
COUNTED_UP_TO: Final = 1_000
MOST_OWNED: Final = 2_000  # records that others belong to
_HOW_WE_KEEP_IT = {"schema_version", "version"}  # of every record: they count how it is written
_OTHERS = ("person", "officer", "people")  # in an entry of the audit: oneself, or somebody else
WHO_ACTED: Final = "by, and what ends in _by: ids of officers or of services; which role of which post acted is in the history"


@dataclass(frozen=True, slots=True)
class Words:
    """How a record is told in the language of who asks."""

    texts: Texts
    language: str
    now: datetime

    def say(self, msgid: str, **params: str | int) -> str:
        return self.texts.translate(msgid, self.language, **params)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file that belongs to a record, and where it is had. path: of this service."""

    path: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """whose: the field that holds the person's id, or the list of those it is about. left_out: fields, with the reason. only:
    what else must be so. shaped: for what is not kept as it is said; (row, person). told: what is said besides, in words. file
    or files: of a record, with the fields that they are read from in file_fields, none of them sealed. through: where whose
    holds the id of a record of that collection, which is theirs by that field.
    """

    kind: str
    collection: str
    whose: str
    left_out: Mapping[str, str] = field(default_factory=dict)
    sealed: SealedFields | None = None
    only: Document = field(default_factory=dict)
    through: tuple[str, str] | None = None
    shaped: Callable[[Document, str], Document] | None = None
    told: Callable[[Document, Words], Document] | None = None
    file: Callable[[Document], OwnFile | None] | None = None
    files: Callable[[Document], Sequence[OwnFile]] | None = None
    file_fields: tuple[str, ...] = ()

    async def of(self, db: Db, person: str) -> Document:
        """The filter for what is theirs."""
        if self.through is None:
            return {self.whose: person} | self.only
        collection, field_name = self.through
        found = db[collection].find({field_name: person}, {"_id": 1}).limit(MOST_OWNED)
        ids = [row["_id"] for row in await bounded(found.to_list(), REQUEST_TIMEOUT_S)]
        return {self.whose: {"$in": ids}} | self.only

    def given(self, document: Document, words: Words, person: str, *, erased: bool) -> Document:
        """In: an opened document. Out: the record that its person is given; without a file where none can be read any more."""
        shaped = self.shaped(document, person) if self.shaped else document
        left_out = {*self.left_out, *_HOW_WE_KEEP_IT, "_id", self.whose}
        given = {name: _plain(_nobody(value)) for name, value in shaped.items() if name not in left_out and not _names(name)}
        record: Document = {"record": self.kind, "id": document["_id"], **given}
        if self.told:
            record["in_words"] = self.told(document, words)
        if found := self.file(document) if self.file and not erased else None:
            record["file"] = _described(found)
        if self.files and not erased:
            record["files"] = [_described(each) for each in self.files(document)]
        return record

    def all_files(self, row: Document) -> list[OwnFile]:
        one = self.file(row) if self.file else None
        return ([one] if one else []) + list(self.files(row) if self.files else ())


@dataclass(frozen=True, slots=True)
class OwnData:
    """Of one service. left_out: its collections of which nothing is given, each with the reason."""

    kinds: tuple[OwnRecords, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnPage:
    records: list[Document]
    next: str | None


@dataclass(frozen=True, slots=True)
class OwnSummary:
    """counts: by kind, none more than COUNTED_UP_TO. files, bytes: of those that can be had."""

    counts: Mapping[str, int]
    files: int
    bytes: int


async def is_erased(db: Db, person: str) -> bool:
    """Whether what is sealed here reads as erased."""
    keys = await bounded(db.keys.of([person]), REQUEST_TIMEOUT_S)
    return person in keys and keys[person] is None


async def own_page(
    db: Db, kinds: Sequence[OwnRecords], person: str, words: Words, *, erased: bool, after: str | None, limit: int
) -> OwnPage:
    """Kind after kind, each in the order of its ids. erased: as is_erased says.

    Raises InvalidInput for a cursor that is not ours, DatabaseUnavailable.
    """
    names = [kind.kind for kind in kinds]
    begin, last = (0, None) if after is None else read_cursor(after, names)
    records: list[Document] = []
    for number, kind in enumerate(kinds[begin:]):
        async for document in _rows(db, kind, person, last if number == 0 else None, limit + 1 - len(records)):
            records.append(kind.given(document, words, person, erased=erased))
        if len(records) > limit:
            kept = records[:limit]
            return OwnPage(kept, cursor_after(kept[-1]))
    return OwnPage(records, None)


async def own_summary(db: Db, kinds: Sequence[OwnRecords], person: str, *, erased: bool) -> OwnSummary:
    """Raises DatabaseUnavailable."""
    counts = {}
    for kind in kinds:
        counted = db[kind.collection].count_documents(await kind.of(db, person), limit=COUNTED_UP_TO)
        counts[kind.kind] = await bounded(counted, REQUEST_TIMEOUT_S)
    files = [found async for found in _files(db, kinds, person)] if not erased else []
    return OwnSummary(counts, len(files), sum(one.size for one in files))


async def _rows(db: Db, kind: OwnRecords, person: str, last: str | int | None, limit: int) -> AsyncIterator[Document]:
    query = await kind.of(db, person)
    if last is not None:
        if kind.whose == "_id":  # there is one, and it was given
            return
        query = query | {"_id": {"$gt": last}}
    rows = await bounded(db[kind.collection].find(query).sort("_id", 1).limit(limit).to_list(), REQUEST_TIMEOUT_S)
    if kind.sealed:
        rows = await bounded(opened(kind.sealed, rows, db, whole=True), REQUEST_TIMEOUT_S)
    for row in rows:
        yield row


async def _files(db: Db, kinds: Sequence[OwnRecords], person: str) -> AsyncIterator[OwnFile]:
    for kind in kinds:
        if not kind.file_fields:
            continue
        found = db[kind.collection].find(await kind.of(db, person), dict.fromkeys(kind.file_fields, 1)).limit(COUNTED_UP_TO)
        for row in await bounded(found.to_list(), REQUEST_TIMEOUT_S):
            for one in kind.all_files(row):
                yield one


def _described(found: OwnFile) -> Document:
    return {"path": found.path, "media_type": found.media_type, "size": found.size}


def _names(field_name: str) -> bool:
    return field_name == "by" or field_name.endswith("_by")


def _nobody(value: Any) -> Any:
    """The same without who acted, however deep."""
    match value:
        case Mapping():
            return {name: _nobody(item) for name, item in value.items() if not _names(name)}
        case list():
            return [_nobody(item) for item in value]
        case _:
            return value


def _plain(value: Any) -> Any:
    """As JSON; None for what was erased."""
    return None if value == ERASED else to_jsonable_python(value, bytes_mode="base64")


def cursor_after(record: Document) -> str:
    return base64url(json.dumps([record["record"], record["id"]]).encode())


def read_cursor(text: str, names: Sequence[str]) -> tuple[int, str | int]:
    """Whatever it says, only records of the person who asks are looked for."""
    try:
        kind, last = json.loads(from_base64url(text))
        if kind in names and type(last) in (str, int):
            bson.encode({"_id": last})  # an integer may be too long for the database, and a text may hold half a sign
            return names.index(kind), last
    except (ValueError, TypeError, OverflowError, bson.errors.BSONError):
        pass
    raise not_ours()


def _history(row: Document, person: str) -> Document:
    entry = json.loads(row["text"])
    about = {name: value for name, value in entry["about"].items() if name not in _OTHERS}
    said = {name: entry[name] for name in ("at", "act", "reason")}
    return said | {"entry": entry["kind"], "who": acted(entry["who"], person), "about": about}


def acted(who: Mapping[str, Any], person: str) -> Document:
    """By role and post, and never by name or id; one's own acts with the sign-in they were done in."""
    own = who["id"] == person
    known: Document = {"kind": who["kind"], "role": who.get("role"), "post": who.get("post"), "you": own}
    return known | ({"session": who.get("session")} if own else {})


HISTORY = OwnRecords(
    "history",
    LOG,
    "person",
    {
        "text": "the entry as it was hashed; it is given field by field, without ids of officers and of other people",
        "hash": "how the entry is chained",
        "link": "how the entry is chained",
    },
    only={
        "id": {"$gte": OWN_ROWS.entry_id(""), "$lt": f"{OWN_ROWS.collection};"}
    },  # what has rows of its own is given from there
    shaped=_history,
    told=lambda row, words: {"why": text_of(json.loads(row["text"])["reason"], words.language)},
)
ERASURE = OwnRecords("erasure", ERASURES, "_id")
HELD = OwnRecords("legal-hold", HOLDS, "person_id")
OF_EVERY_SERVICE = (HISTORY, ERASURE, HELD)
LEFT_OUT_EVERYWHERE: Mapping[str, str] = {
    "outbox": "events: ids and times of what stands in the records, until they are sent",
    "published_events": "ids and types of events",
    "inbox": "ids of events that were heard",
    "jobs": "work to be done: ids and numbers of what stands in the records",
    "dead_letters": "messages between services that could not be handled: ids and times of what stands in the records",
    "data_keys": "the key that the person's data is sealed with: a secret, and nothing about them",
    "audit": "what is given as history, before it has its number: a second later it is there",
    "audit_head": "numbers and hashes",
    "audit_tiles": "hashes",
    "audit_checkpoints": "hashes and signatures",
    "ledger": "ids of events and counts",
    "leases": "names of parts and processes",
    "purge_state": "times of the last purge",
    "purge_reports": "counts of what was deleted by its rule",
    "purged": "ids of cases that were deleted by their rule; whose they were is not kept",
    "idempotency_keys": "answers to the person's own requests, for a week: copies of what stands in the records",
}
