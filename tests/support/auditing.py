"""Small means for tests of the audit: a key, entries written as a service writes them, and the log as it lies in the database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.audit.keys import AuditKey
from shared.audit.second_body import SecondBody
from shared.clock import Clock, SystemClock
from shared.mongo.audit import LOG, OWN_ROWS
from shared.mongo.checkpoints import Checkpoints
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.sequencer import Sequencer
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.support.places import Place

SERVICE = "applications"


def new_key(file: Path) -> AuditKey:
    key = ec.generate_private_key(ec.SECP256R1())
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return AuditKey.load(file)


@asynccontextmanager
async def audited_database(place: Place) -> AsyncIterator[Database]:
    database = Database(place.mongo_url, f"{place.database_prefix}{SERVICE}")
    await database.ensure_indexes({**KERNEL_INDEXES, "cases": []})
    try:
        yield database
    finally:
        await database.close()


async def note(number: int, uow: UnitOfWork) -> None:
    """A change and its entry."""
    await uow.db.cases.insert_one({"_id": number}, session=uow.session)
    uow.audit("case:note", about={"case": f"case-{number}", "person": f"person-{number % 7}", "post": "yek"})


async def write(database: Database, numbers: Sequence[int]) -> None:
    transactions = Transactions(database, SystemClock())
    for number in numbers:
        await transactions.run(note, number)


def sequencer_of(
    database: Database,
    key: AuditKey | None = None,
    bodies: Sequence[SecondBody] = (),
    *,
    clock: Clock | None = None,
    every_s: float = 300,
) -> Sequencer:
    clock = clock or SystemClock()
    checkpoints = Checkpoints(SERVICE, clock, key, bodies, timedelta(seconds=every_s))
    return Sequencer(database, Transactions(database, clock), clock, SERVICE, [OWN_ROWS], checkpoints)


async def log_of(database: Database) -> list[dict[str, Any]]:
    return await database.db[LOG].find().sort("_id", 1).to_list()


async def size_of(database: Database) -> int:
    return await database.db[LOG].count_documents({})
