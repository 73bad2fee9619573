"""Badges: an aggregate whose rows are proven, for tests of proofs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.clock import SystemClock
from shared.mongo.aggregates import Aggregates, Mapper
from shared.mongo.database import Database, Document
from shared.mongo.erasure import ErasePerson, erase_or_hold
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.sealing import SealedFields, changed
from shared.mongo.transactions import Transactions, UnitOfWork
from shared.sealing.key_file import ServiceKeys, keys_from_text
from tests.support.places import Place
from tests.support.sealing import KEYS_OF_TESTS

FIELDS = SealedFields("badges", person="person_id", fields={"name": "erased", "note": None}, proven=True, unproven={"seen"})


@dataclass
class Badge:
    id: str
    person_id: str
    roles: list[dict[str, Any]]
    issued_at: datetime
    name: str = "Айгерим"
    note: str | None = None
    seen: int = 0
    version: int = 1


MAPPER = Mapper(Badge, sealed=FIELDS)
DAY = datetime(2026, 11, 22, 8, 0, 0, 123456, UTC)  # a database keeps no microseconds


class Badges(Aggregates[Badge]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "badges", MAPPER)


async def add(badge: Badge, uow: UnitOfWork) -> None:
    await Badges(uow).add(badge)


async def give(role: str, uow: UnitOfWork) -> None:
    badge = await Badges(uow).get("b1")
    badge.roles, badge.note, badge.version = [*badge.roles, {"role": role, "posts": ["yek"]}], role, badge.version + 1
    await Badges(uow).save(badge)


async def mark(person: str, uow: UnitOfWork) -> int:
    return await changed(FIELDS, uow, {"person_id": person}, {"issued_at": uow.at})


async def erase(person: str, uow: UnitOfWork) -> None:
    await erase_or_hold(ErasePerson(person), uow, sealed=[FIELDS])


def database_at(place: Place, keys: ServiceKeys) -> Database:
    return Database(place.mongo_url, f"{place.database_prefix}badges", service="badges", keys=keys)


async def run(database: Database, use_case: Any, command: Any) -> Any:
    return await Transactions(database, SystemClock()).run(use_case, command)


async def make_badges(place: Place) -> Database:
    """Two badges of one person and one of another; the validator is gone, as who runs the database can take it away."""
    opened = database_at(place, keys_from_text(KEYS_OF_TESTS))
    await opened.ensure_indexes({**KERNEL_INDEXES, "badges": []}, {"badges": FIELDS.validator()})
    for badge_id, person in (("b1", "p1"), ("b2", "p1"), ("b3", "p2")):
        await run(opened, add, Badge(badge_id, person, [{"role": "intake", "posts": ["yek"]}], DAY, note="one"))
    await run(opened, give, "deciding")
    return opened


async def stored(database: Database) -> dict[str, Document]:
    return {row["_id"]: row for row in await database.db.badges.find().to_list()}


async def put(database: Database, row: Document) -> None:
    await database.db.command("collMod", "badges", validator={})
    await database.db.badges.replace_one({"_id": row["_id"]}, row)


async def read(database: Database, badge_id: str = "b1") -> Badge:
    return await MAPPER.read(database.db, (await stored(database))[badge_id])
