"""Which fields of a collection are sealed, and the one way in and out: sealed before it is written, opened after it is read.

The database itself refuses a document of such a collection with one of these fields in plain (its validator), and a mapper
refuses one that was not opened: neither a write nor a read can forget. What lies in plain is bound by a proof where that matters:
who can write the database and has no keys could else give roles, or one person's session to another.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import bson
import structlog

from shared.metrics import metrics
from shared.mongo.database import Db, Document
from shared.mongo.transactions import UnitOfWork
from shared.sealing.blind import BlindIndex, BlindKind
from shared.sealing.envelopes import DataKey, Place, Sealed, is_sealed
from shared.sealing.errors import PersonIsErased, SealBroken
from shared.sealing.proofs import canonical, prove, verify

log = structlog.get_logger(__name__)

PROOF: Final = "proof"
_AWARE: bson.CodecOptions[Document] = bson.CodecOptions(tz_aware=True)


@dataclass(frozen=True, slots=True)
class Blind:
    """An index of a sealed field. split: where one value has several, as a name has words; the index is then a list."""

    source: str
    kind: BlindKind
    split: Callable[[Any], Iterable[str]] | None = None

    def of(self, value: Any, index: BlindIndex) -> str | list[str] | None:
        if value is None:
            return None
        if self.split is None:
            return index.of(self.kind, value)
        return sorted({index.of(self.kind, part) for part in self.split(value)})


@dataclass(frozen=True, slots=True)
class SealedFields:
    """person: the field that holds whose data it is ("_id" where the record is the person). fields: dotted paths, with what each
    reads as once the person was erased. indexes: fields that are made at writing, of the plain values, and never read back.

    None is not sealed: that a value is missing can be seen.

    proven: each document carries a proof under its person's data key that it is, with its version and all that lies in plain, as
    this service wrote it, and that person's; a mapper refuses one without. unproven: fields that change by themselves, as a count
    of tries. Once the person was erased, nothing can prove it, and nothing may rest on it.
    """

    collection: str
    person: str
    fields: Mapping[str, Any]
    indexes: Mapping[str, Blind] = field(default_factory=dict)
    proven: bool = False
    unproven: Collection[str] = ()

    def sealed(self, document: Document, key: DataKey | None, index: BlindIndex) -> Document:
        """What may be written. key None: the person was erased, and only what reads as erased may be there.

        Raises PersonIsErased.
        """
        written = dict(document)
        for name, blind in self.indexes.items():
            hashed = None if key is None else blind.of(_get(document, blind.source), index)
            if hashed is not None:
                written[name] = hashed
        for path, erased in self.fields.items():
            value = _get(document, path)
            if value is None:
                continue
            if key is None:
                if value != erased:
                    raise PersonIsErased
                _put(written, path, None)
            else:
                _put(written, path, key.seal(bson.encode({"v": value}), self._place(document, path)))
        return self.with_proof(written, key)

    def with_proof(self, written: Document, key: DataKey | None) -> Document:
        """written: as it will lie there."""
        if not self.proven:
            return written
        return {**written, PROOF: prove(self._proven_part(written), key, self._place(written, PROOF)) if key else None}

    def must_be_proven(self, document: Document, key: DataKey | None) -> None:
        """document: whole, as it lies there. Raises SealBroken."""
        if key is None or not self.proven:
            return
        if not is_sealed(document.get(PROOF)):
            raise SealBroken("not-proven")
        verify(self._proven_part(document), document[PROOF], key, self._place(document, PROOF))

    def _proven_part(self, document: Document) -> bytes:
        left_out = {*self.unproven, PROOF}
        return canonical({name: value for name, value in document.items() if name not in left_out})

    def opened(self, document: Document, key: DataKey | None) -> Document:
        """What was written, or a part of it with _id and the person. key None: the person was erased. Raises SealBroken."""
        read = self.without_indexes(document)
        for path, erased in self.fields.items():
            if not _has(document, path):
                continue
            value = _get(document, path)
            if key is None:
                _put(read, path, erased)
            elif value is not None:
                if not is_sealed(value):
                    raise SealBroken("not-sealed")
                _put(read, path, _decoded(key.open(value, self._place(document, path))))
        return read

    def without_indexes(self, document: Document) -> Document:
        return {name: value for name, value in document.items() if name not in self.indexes and name != PROOF}

    def still_sealed(self, document: Document) -> bool:
        return any(is_sealed(_get(document, path)) for path in self.fields)

    def has_values(self, document: Document) -> bool:
        return any(_get(document, path) is not None for path in self.fields)

    def where(self, db: Db, name: str, value: str) -> Document:
        """The filter that finds documents by a blind index, for one value or one word of it."""
        return {name: db.keys.blind.of(self.indexes[name].kind, value)}

    def validator(self) -> Document:
        """For MongoDB: each of the fields is absent, null or an envelope, and the proof, where there is to be one, is there."""
        envelope: Document = {
            "bsonType": "object",
            "required": list(Sealed.__annotations__),
            "properties": {"k": {"bsonType": "string"}, "n": {"bsonType": "binData"}, "c": {"bsonType": "binData"}},
        }
        schema: Document = {}
        for path in self.fields:
            into = schema
            *parents, last = path.split(".")
            for parent in parents:
                into = into.setdefault("properties", {}).setdefault(parent, {})
            into.setdefault("properties", {})[last] = {"oneOf": [{"bsonType": "null"}, envelope]}
        if self.proven:
            schema |= {"required": [PROOF]}
            schema.setdefault("properties", {})[PROOF] = {"oneOf": [{"bsonType": "null"}, envelope]}
        return {"$jsonSchema": schema}

    def _place(self, document: Document, path: str) -> Place:
        return Place(self.collection, str(document["_id"]), path)


async def key_for(uow: UnitOfWork, person_id: str) -> DataKey | None:
    """The key to write a person's data with, made where there is none; None: the person was erased."""
    return await uow.db.keys.get_or_make(person_id, session=uow.session, made=uow.inserts.data_keys, at=uow.at)


async def sealed(fields: SealedFields, document: Document, uow: UnitOfWork) -> Document:
    """What may be written. Raises PersonIsErased."""
    key = await key_for(uow, document[fields.person])
    return fields.sealed(document, key, uow.db.keys.blind)


async def opened(
    fields: SealedFields, documents: Sequence[Document], db: Db, *, uow: UnitOfWork | None = None, whole: bool = False
) -> list[Document]:
    """What was read, opened: whole documents, or projections that hold _id and the person. One look-up of keys for all.

    whole: they are, so that their proofs are asked for. Raises KeyAway, and SealBroken after it was counted and logged.
    """
    keys = await _keys_of(fields, documents, db, uow)
    return [_opened_or_alarm(fields, document, keys, whole=whole) for document in documents]


async def changed(fields: SealedFields, uow: UnitOfWork, query: Document, change: Document, *, next_version: bool = True) -> int:
    """Set plain fields of all documents that a query finds, and prove them anew, each as its next version. Out: how many.

    One whose proof does not hold gets the change, for that may be its end, and no new proof: it stays refused.
    """
    await uow.written(fields.collection)
    documents = await uow.db[fields.collection].find(query, session=uow.session).to_list()
    keys = await _keys_of(fields, documents, uow.db, uow)
    for document in documents:
        after = document | change | ({"version": document["version"] + 1} if next_version else {})
        try:
            _opened_or_alarm(fields, document, keys, whole=True)
            after = fields.with_proof(after, keys[document[fields.person]])
        except SealBroken:
            pass  # told already
        await uow.db[fields.collection].replace_one({"_id": document["_id"]}, after, session=uow.session)
    return len(documents)


async def _keys_of(
    fields: SealedFields, documents: Sequence[Document], db: Db, uow: UnitOfWork | None
) -> Mapping[str, DataKey | None]:
    made: Mapping[str, DataKey | None] = uow.inserts.data_keys if uow else {}
    persons = {document[fields.person] for document in documents}
    return {**await db.keys.of(persons - made.keys(), uow.session if uow else None), **made}


def _opened_or_alarm(fields: SealedFields, document: Document, keys: Mapping[str, DataKey | None], *, whole: bool) -> Document:
    try:
        if (person := document[fields.person]) in keys:
            if whole:
                fields.must_be_proven(document, keys[person])
            return fields.opened(document, keys[person])
        if (whole and fields.proven) or fields.still_sealed(document):
            raise SealBroken("no-data-key")
        if fields.has_values(document):  # who took the row of the key away could else put in what they like
            raise SealBroken("not-sealed")
        return fields.without_indexes(document)  # nothing of this person was ever sealed
    except SealBroken as error:
        alarm(error, fields.collection, document["_id"])
        raise


def alarm(error: SealBroken, collection: str, record: object) -> None:
    """Count it, and log where it is; no content."""
    metrics().seals_broken.labels(error.reason).inc()
    log.error("seal_broken", collection=collection, record=str(record), reason=error.reason)


def _has(document: Mapping[str, Any], path: str) -> bool:
    *parents, last = path.split(".")
    inside: Any = document
    for parent in parents:
        inside = inside.get(parent) if isinstance(inside, Mapping) else None
    return isinstance(inside, Mapping) and last in inside


def _get(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _put(document: Document, path: str, value: Any) -> None:
    """Documents on the way are copied, for the caller keeps the one it gave. What the path does not reach stays as it is."""
    *parents, last = path.split(".")
    inside = document
    for parent in parents:
        inside[parent] = inside = dict(inside[parent])
    inside[last] = value


def _decoded(content: bytes) -> Any:
    return bson.decode(content, codec_options=_AWARE)["v"]
