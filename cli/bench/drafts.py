"""Applications that are complete and not handed in yet: what W1 submits, put into the database as the service would."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from cli.bench.child import KEYS
from cli.bench.documents import Document, renewed
from cli.seed_cases import HOLDERS, REGISTRATION
from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.attachments import Attachment
from services.applications.schema import CASES, INDEXES, MAPPER, SEALED
from shared.actors import Citizen
from shared.clock import SystemClock
from shared.mongo.database import Database
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.sealing import key_for
from shared.mongo.transactions import Transactions, UnitOfWork
from shared.sealing.envelopes import DataKey
from shared.sealing.key_file import keys_from_text

CITIZEN = Citizen("a5f0c0de-0000-4000-8000-000000000001")
_FIRST = "00000000"
_BASE = 0xB0000000_0000_4000_8000_000000000000


def case_id(number: int) -> str:
    return str(UUID(int=_BASE + number))


def reference(number: int) -> str:
    return f"YEK-26-{number:08d}"


async def put_drafts(mongo_url: str, prefix: str, count: int) -> None:
    """In the database of applications, with all its collections and indexes."""
    database = Database(mongo_url, f"{prefix}applications", service="applications", keys=keys_from_text(KEYS))
    try:
        await database.ensure_indexes({**KERNEL_INDEXES, **INDEXES}, {each.collection: each.validator() for each in SEALED})
        model, key = _model(), await _key(database)
        instead = [{case_id(0): case_id(number), reference(0): reference(number)} for number in range(count)]
        for first in range(0, count, 500):
            drafts = [renewed(model, these) for these in instead[first : first + 500]]
            blind = database.db.keys.blind
            await database.db.applications.insert_many([CASES.sealed(draft, key, blind) for draft in drafts])
    finally:
        await database.close()


async def _key(database: Database) -> DataKey | None:
    return await Transactions(database, SystemClock()).run(_key_of, CITIZEN.id)


async def _key_of(person_id: str, uow: UnitOfWork) -> DataKey | None:
    return await key_for(uow, person_id)


def _model() -> Document:
    return MAPPER.to_document(model_of_a_draft())


def model_of_a_draft() -> Application:
    catalogue = the_catalogue()
    at = datetime.now(UTC).replace(microsecond=0)
    application, _ = Application.start(
        case_id(0),
        reference(0),
        by=CITIZEN,
        language="ky",
        definition=catalogue.service(REGISTRATION),
        post=catalogue.post("yek"),
        at=at,
    )
    application.save_answers(_answers(), by=CITIZEN, at=at)
    application.attach(Attachment(_FIRST * 4, "image/png", 2008, "0" * 64, at), by=CITIZEN, at=at)
    return application


def _answers() -> dict[str, str]:
    holder = HOLDERS["janyl"]
    return holder.answers | {
        "document_number": holder.document_number,
        "registration_kind": "temporary",
        "country_of_stay": "RU",
        "address_abroad": "Екатеринбург, көчө Мира 1",
    }
