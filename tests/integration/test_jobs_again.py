"""What ./eshik jobs shows and puts back: on the real database, with the documents service's own job and use cases."""

from datetime import UTC, date, datetime, timedelta
from typing import cast

from pymongo import MongoClient

from cli.jobs import look_at_jobs, try_again
from services.documents.dossiers import Dossiers
from services.documents.issuing import IssuedFile, Issuer
from services.documents.jobs import Desk, jobs_of
from services.documents.repository import INDEXES
from services.documents.use_cases.order_document import ISSUE_DOCUMENT, order_document
from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved
from shared.contracts.http import Dossier
from shared.jobs.job import GiveUp, JobState, NewJob
from shared.jobs.worker import Worker
from shared.mongo.database import Database, Document
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.integration.test_kernel_jobs import add, working
from tests.support.kept import database_with_keys
from tests.support.places import Place
from tests.support.serving import eventually

NAMES = {"ky": "Консулдук", "ru": "Консульство", "en": "Consulate"}
DOSSIER = Dossier(
    application_id="a-1",
    reference="YEK-26-0000AAAA",
    citizen_id="c-1",
    service_id="consular-registration-certificate",
    document_kind="consular-registration-certificate",
    outcome="digital_document",
    post_id="yek",
    post_names=NAMES,
    post_cities=NAMES,
    post_time_zone="Asia/Yekaterinburg",
    holder_name="Айгерим Токтобекова",
    holder_name_latin="AIGERIM TOKTOBEKOVA",
    holder_birth_date=date(1990, 4, 23),
    language="ky",
    approved_at=datetime(2026, 11, 22, tzinfo=UTC),
)
APPROVED = ApplicationApproved(
    sequence=4,
    occurred_at=DOSSIER.approved_at,
    application_id=DOSSIER.application_id,
    citizen_id=DOSSIER.citizen_id,
    reference=DOSSIER.reference,
    service_id=DOSSIER.service_id,
    post_id=DOSSIER.post_id,
    outcome=DOSSIER.outcome,
)


class Press:
    """Stands for the dossier's service and for the signer, which gives up until it is mended."""

    mended = False

    async def of(self, _application_id: str) -> Dossier:
        return DOSSIER

    async def issue(self, _paper: object) -> IssuedFile:
        if not self.mended:
            raise GiveUp("signer-broken")
        return IssuedFile(pdf=b"%PDF", sha256="0" * 64, seal_url="https://example/")


async def test_a_document_whose_issuing_failed_is_issued_once_its_job_is_put_back(place: Place) -> None:
    database = database_with_keys(place, "documents")
    await database.ensure_indexes({**KERNEL_INDEXES, **INDEXES})
    transactions, press = Transactions(database, SystemClock()), Press()
    desk = Desk(cast(Dossiers, press), cast(Issuer, press), "https://example", lambda: transactions)

    async def entry(state: str) -> Document | None:
        return await database.db.documents.find_one({"state": state})

    async def order(event: ApplicationApproved, uow: UnitOfWork) -> None:
        await order_document(event, uow)

    with MongoClient[Document](place.mongo_url, tz_aware=True) as client:
        databases = {"documents": client[database.name]}
        async with working(Worker(database, transactions, SystemClock(), jobs_of(desk))):
            await transactions.run(order, APPROVED)
            failed = await eventually(lambda: entry("failed"))
            now = SystemClock().now()
            found = look_at_jobs(databases, now)
            assert [(job.service, job.kind, job.key, job.reason, job.tries) for job in found.given_up] == [
                ("documents", ISSUE_DOCUMENT, failed["_id"], "signer-broken", 1)
            ]
            assert abs(found.given_up[0].since - now) < timedelta(minutes=1)
            assert (found.due, found.later) == (0, 1)  # the sweep of its files, in an hour

            press.mended = True
            assert try_again(databases, "another_kind", now) == {}
            assert try_again(databases, ISSUE_DOCUMENT, now) == {("documents", ISSUE_DOCUMENT): 1}
            issued = await eventually(lambda: entry("issued"))
    assert issued["numbering"] == failed["numbering"]
    assert issued["failure"] is None
    kinds = [row["type"] async for row in database.db.outbox.find({}, sort=[("sequence", 1)])]
    assert kinds == ["document.issue_failed.v1", "document.issued.v1"]
    await database.close()


async def test_only_what_is_given_up_is_put_back(place: Place) -> None:
    database = Database(place.mongo_url, f"{place.database_prefix}applications")
    await database.ensure_indexes(KERNEL_INDEXES)
    transactions, now = Transactions(database, SystemClock()), SystemClock().now()
    for state in JobState:
        await transactions.run(add, NewJob("count", state, now + timedelta(days=1)))
        given = {"state": state, "attempts": 3, "fence": 5}
        await database.db.jobs.update_one({"_id": f"count:{state}"}, {"$set": given})
    with MongoClient[Document](place.mongo_url, tz_aware=True) as client:
        assert try_again({"applications": client[database.name]}, "", now, who="ainura") == {("applications", "count"): 1}
    (entry,) = await database.db.audit.find().to_list()
    assert (entry["who"]["id"], entry["act"], entry["about"]) == (
        "ainura",
        "jobs:again",
        {"jobs": ["count:alarmed"], "filter": {}},
    )
    rows = {row["key"]: row async for row in database.db.jobs.find()}
    put_back = rows.pop("alarmed")
    assert (put_back["state"], put_back["attempts"], put_back["fence"], put_back["due_at"]) == ("waiting", 0, 5, now)
    assert all((row["state"], row["attempts"]) == (key, 3) for key, row in rows.items())
    await database.close()
