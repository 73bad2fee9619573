"""A document that cannot be printed takes no number, and one that can takes the next: on the real database."""

from dataclasses import dataclass
from typing import cast

import pytest

from services.documents.dossiers import Dossiers
from services.documents.issuing import IssuedFile, Issuer
from services.documents.jobs import Desk, jobs_of
from services.documents.repository import INDEXES
from services.documents.use_cases.order_document import order_document
from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved
from shared.contracts.http import Dossier
from shared.jobs.worker import Worker
from shared.mongo.database import Document
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.integration.test_jobs_again import APPROVED, DOSSIER
from tests.integration.test_kernel_jobs import working
from tests.support.kept import database_with_keys
from tests.support.places import Place
from tests.support.serving import eventually

pytestmark = pytest.mark.places_again


@dataclass
class Press:
    """Stands for the dossier's service and for the signer."""

    dossier: Dossier

    async def of(self, _application_id: str) -> Dossier:
        return self.dossier

    async def issue(self, _paper: object) -> IssuedFile:
        return IssuedFile(pdf=b"%PDF", sha256="0" * 64, seal_url="https://example/")


async def test_what_cannot_be_printed_takes_no_number_and_what_was_mended_takes_the_first(place: Place) -> None:
    database = database_with_keys(place, "documents")
    await database.ensure_indexes({**KERNEL_INDEXES, **INDEXES})
    transactions = Transactions(database, SystemClock())
    press = Press(DOSSIER.model_copy(update={"holder_name": "漢字"}))
    desk = Desk(cast(Dossiers, press), cast(Issuer, press), "https://example", lambda: transactions)

    async def entry(state: str, application_id: str) -> Document | None:
        return await database.db.documents.find_one({"state": state, "application_id": application_id})

    async def order(event: ApplicationApproved, uow: UnitOfWork) -> None:
        await order_document(event, uow)

    async with working(Worker(database, transactions, SystemClock(), jobs_of(desk))):
        await transactions.run(order, APPROVED)
        failed = await eventually(lambda: entry("failed", "a-1"))
        assert (failed["failure"], failed["numbering"]) == ("unprintable-text", None)
        assert await database.db.number_series.count_documents({}) == 0

        press.dossier = DOSSIER
        await transactions.run(order, APPROVED.model_copy(update={"application_id": "a-2"}))
        issued = await eventually(lambda: entry("issued", "a-2"))
    assert issued["numbering"]["number"].endswith("-000001")
    await database.close()
