"""Reads: a person by id or account name, and the accounts of a local stack."""

from services.identity.domain.person import Person
from services.identity.schema import MAPPER
from shared.errors import NotFound
from shared.mongo.database import Db

MOST_ACCOUNTS = 100


async def person(db: Db, person_id: str) -> Person:
    """Raises NotFound."""
    document = await db.people.find_one({"_id": person_id})
    if document is None:
        raise NotFound
    return MAPPER.from_document(document)


async def person_of_account(db: Db, account: str) -> Person:
    """By login or by id. Raises NotFound."""
    document = await db.people.find_one({"$or": [{"login": account}, {"_id": account}]})
    if document is None:
        raise NotFound
    return MAPPER.from_document(document)


async def accounts(db: Db) -> list[Person]:
    rows = await db.people.find().sort([("kind", 1), ("login", 1)]).limit(MOST_ACCOUNTS).to_list()
    return [MAPPER.from_document(row) for row in rows]
