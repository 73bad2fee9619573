"""A hundred thousand cases of a post, as the service keeps them: what W7 claims and pages through."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pymongo.errors import BulkWriteError

from cli.bench.child import KEYS
from cli.bench.documents import Document, renewed
from cli.bench.drafts import CITIZEN, case_id, model_of_a_draft, reference
from cli.bench.frame import expect
from services.applications.catalogue import the_catalogue
from services.applications.domain.status import Status
from services.applications.schema import CASES, INDEXES, MAPPER, SEALED
from shared.clock import SystemClock
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.sealing import key_for
from shared.mongo.transactions import Transactions, UnitOfWork
from shared.sealing.envelopes import DataKey
from shared.sealing.key_file import keys_from_text

PORTION = 100  # more at once outlast the driver's time-out on a busy machine, and it inserts what it sent once more
SPREAD_OVER_DAYS = 30


def database_at(mongo_url: str, prefix: str) -> Database:
    """To be closed."""
    return Database(mongo_url, f"{prefix}applications", service="applications", keys=keys_from_text(KEYS))


async def put_cases(mongo_url: str, prefix: str, count: int, waiting: int) -> None:
    """`waiting` of them wait to be taken, in the order of their numbers; the others were handed over."""
    database = database_at(mongo_url, prefix)
    try:
        await database.ensure_indexes({**KERNEL_INDEXES, **INDEXES}, {each.collection: each.validator() for each in SEALED})
        models = {True: _model(Status.SUBMITTED), False: _model(Status.HANDED_OVER)}
        key = await Transactions(database, SystemClock()).run(_key_of, CITIZEN.id)
        for first in range(0, count, PORTION):
            rows = [_case(models[n < waiting], n, waiting) for n in range(first, min(first + PORTION, count))]
            sealed = [CASES.sealed(row, key, database.db.keys.blind) for row in rows]
            with suppress(BulkWriteError):  # sent again by the driver; they are counted below
                await database.db.applications.insert_many(sealed, ordered=False)
        expect("cases", await database.db.applications.estimated_document_count(), count)
    finally:
        await database.close()


async def _key_of(person_id: str, uow: UnitOfWork) -> DataKey | None:
    return await key_for(uow, person_id)


def _model(status: Status) -> Document:
    application = model_of_a_draft()
    catalogue = the_catalogue()
    application.submit(
        by=CITIZEN,
        definition=catalogue.service(application.service_id),
        post=catalogue.post("yek"),
        formats=catalogue.formats,
        at=application.started_at,
    )
    return MAPPER.to_document(replace(application, status=status))


def _case(model: Document, number: int, waiting: int) -> Document:
    """With a turn of its own: so many a day, one after the other."""
    day = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(days=number * SPREAD_OVER_DAYS // max(waiting, 1) % 366)
    key = f"1 {day.date().isoformat()} {number:014d}"
    row: Document = renewed(model, {case_id(0): case_id(number), reference(0): reference(number)})
    row |= {"turn": row["turn"] | {"key": key}, "due_on": day.date().isoformat()}
    return row
