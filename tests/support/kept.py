"""Aggregates with sealed fields as the service itself writes them, for tests that put them into its database."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import PyMongoError

from shared.mongo.aggregates import Mapper, Versioned
from shared.mongo.database import Database, Db, Document
from shared.mongo.sealing import SealedFields
from shared.sealing.envelopes import DataKey
from shared.sealing.key_file import keys_from_text
from tests.support.places import Place
from tests.support.sealing import KEYS_OF_TESTS

A = TypeVar("A", bound=Versioned)


def database_with_keys(place: Place, service: str) -> Database:
    """To be closed."""
    return Database(place.mongo_url, f"{place.database_prefix}{service}", service=service, keys=keys_from_text(KEYS_OF_TESTS))


async def as_kept(mapper: Mapper[A], aggregates: Iterable[A], db: Db) -> list[Document]:
    """The data keys of their people are made where there are none."""
    fields = mapper.sealed
    made: dict[str, DataKey] = {}
    assert fields is not None
    async with db.client.start_session() as session:
        kept = []
        for document in map(mapper.to_document, aggregates):
            person = document[fields.person]
            key = await _key(db, person, session, made)
            kept.append(fields.sealed(document, key, db.keys.blind))
        return kept


async def set_in(db: Db, fields: SealedFields, row_id: str, change: Document) -> None:
    """Plain fields of a row, as if the service had written them: a row that is changed otherwise is refused."""
    row = await db[fields.collection].find_one({"_id": row_id})
    assert row is not None
    key = (await db.keys.of([row[fields.person]]))[row[fields.person]]
    await db[fields.collection].replace_one({"_id": row_id}, fields.with_proof(row | change, key))


async def _key(db: Db, person: str, session: AsyncClientSession, made: dict[str, DataKey]) -> DataKey | None:
    """Looked for again where another one made it meanwhile, as a transaction that is run again does."""
    while True:
        try:
            return await db.keys.get_or_make(person, session=session, made=made, at=datetime.now(UTC))
        except PyMongoError as error:
            if not error.has_error_label("TransientTransactionError"):
                raise
