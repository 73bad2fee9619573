"""Aggregates in and out of MongoDB: one document each, guarded by a version, readable across schema versions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

from pydantic import TypeAdapter

from shared.errors import ConcurrentUpdate, NotFound
from shared.mongo.database import Db, Document
from shared.mongo.sealing import SealedFields, opened, sealed
from shared.mongo.transactions import UnitOfWork


class Versioned(Protocol):
    id: str
    version: int


A = TypeVar("A", bound=Versioned)
Upgrade = Callable[[Document], Document]


class Mapper(Generic[A]):
    """Turns an aggregate into a document and back.

    schema_version is written on each document. upgrades[n] lifts a document of version n to n + 1; a document newer than
    the code is refused, because saving it would drop what the code does not know. sealed: the fields that are personal data.
    """

    def __init__(
        self,
        kind: type[A],
        *,
        schema_version: int = 1,
        upgrades: Mapping[int, Upgrade] | None = None,
        sealed: SealedFields | None = None,
    ) -> None:
        self.kind, self._adapter = kind, TypeAdapter[A](kind)
        self._schema_version, self._upgrades, self.sealed = schema_version, upgrades or {}, sealed

    async def read(self, db: Db, document: Document) -> A:
        """What a query found, outside a transaction. Raises NewerSchema, SealBroken, KeyAway."""
        return (await self.read_all(db, [document]))[0]

    async def read_all(self, db: Db, documents: Sequence[Document], *, uow: UnitOfWork | None = None) -> list[A]:
        """With one look-up of keys for all. Raises NewerSchema, SealBroken, KeyAway."""
        plain = await opened(self.sealed, documents, db, uow=uow, whole=True) if self.sealed else documents
        return [self.from_document(document) for document in plain]

    async def written(self, aggregate: A, uow: UnitOfWork) -> Document:
        """What is written to the database. Raises PersonIsErased."""
        document = self.to_document(aggregate)
        return await sealed(self.sealed, document, uow) if self.sealed else document

    def to_document(self, aggregate: A) -> Document:
        """In plain: of a mapper with sealed fields not yet what may be written."""
        document: dict[str, Any] = self._adapter.dump_python(aggregate, mode="python")
        return {"_id": document.pop("id"), "schema_version": self._schema_version, **_plain(document)}

    def from_document(self, document: Document) -> A:
        """Raises NewerSchema, and StillSealed where nobody opened it: queries call read."""
        if self.sealed and self.sealed.still_sealed(document):
            raise StillSealed(self.sealed.collection)
        found = document.get("schema_version", 1)
        if found > self._schema_version:
            raise NewerSchema(found)
        for version in range(found, self._schema_version):
            document = self._upgrades[version](document)
        return self._adapter.validate_python({**document, "id": document["_id"]})


class NewerSchema(Exception):
    """The document was written by a newer release than this one: finish the roll-out, or roll forward."""


class StillSealed(Exception):
    """A query read a document with sealed fields and did not open it."""


class Aggregates(Generic[A]):
    """A repository's base: get, add and save inside one transaction."""

    def __init__(self, uow: UnitOfWork, collection: str, mapper: Mapper[A]) -> None:
        self._uow, self.collection, self.session, self.mapper = uow, uow.db[collection], uow.session, mapper

    async def find(self, query: Document) -> A | None:
        await self._uow.written(self.collection.name)
        document = await self.collection.find_one(query, session=self.session)
        if document is None:
            return None
        return (await self.mapper.read_all(self._uow.db, [document], uow=self._uow))[0]

    async def get(self, aggregate_id: str) -> A:
        """Raises NotFound."""
        aggregate = await self.find({"_id": aggregate_id})
        if aggregate is None:
            raise NotFound
        return aggregate

    async def add(self, aggregate: A) -> None:
        await self.collection.insert_one(await self.mapper.written(aggregate, self._uow), session=self.session)

    def add_once(self, aggregate: A) -> None:
        """Add it when the transaction is written, unless one with its id is there already: no read, and one write a batch.

        Not for what is sealed: that needs a key first, and the database refuses it.
        """
        self._uow.insert_once(self.collection.name, self.mapper.to_document(aggregate))

    async def save(self, aggregate: A) -> None:
        """Write the next version. Domain methods set it: the document must still have the one before.

        Raises ConcurrentUpdate where someone else was faster.
        """
        result = await self.collection.replace_one(
            {"_id": aggregate.id, "version": aggregate.version - 1},
            await self.mapper.written(aggregate, self._uow),
            session=self.session,
        )
        if not result.matched_count:
            raise ConcurrentUpdate


def _plain(value: Any) -> Any:
    """What BSON can hold: enums as their values, tuples and sets as lists, a date without time as ISO 8601 text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value
