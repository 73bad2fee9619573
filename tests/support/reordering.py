"""A house of three services on the real database, in which a test decides what is delivered next, how often and with what."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from services.applications import event_handlers as applications
from services.applications.schema import CASES, MAPPER
from services.applications.schema import INDEXES as OF_APPLICATIONS
from services.applications.use_cases.record_handover import RecordHandover, record_handover
from services.documents import event_handlers as documents
from services.documents.repository import INDEXES as OF_DOCUMENTS
from services.documents.use_cases.note_issue_failure import note_issue_failure
from services.documents.use_cases.record_issued import RecordIssued, record_issued
from services.documents.use_cases.reserve_number import ReserveNumber, reserve_number
from services.notifications import event_handlers as notifications
from services.notifications.schema import INDEXES as OF_NOTIFICATIONS
from services.notifications.use_cases.fail_notification import FailNotification, fail_notification
from shared.contracts.base import Event
from shared.contracts.envelope import Envelope
from shared.jobs.job import Alarm, Job
from shared.messaging.topology import SUBSCRIPTIONS
from shared.mongo.database import Database, Document, Indexes
from shared.mongo.indexes import KERNEL_INDEXES
from shared.mongo.operation import Operation
from shared.mongo.sealing import opened
from shared.mongo.transactions import Handler, Transactions, UnitOfWork
from tests.support.kept import database_with_keys
from tests.support.lives import Life
from tests.support.places import Place

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
HANDLERS: dict[str, Mapping[type[Event], Handler]] = {
    "applications": applications.HANDLERS, "documents": documents.HANDLERS, "notifications": notifications.HANDLERS,
}  # fmt: skip
INDEXES: dict[str, Indexes] = {"applications": OF_APPLICATIONS, "documents": OF_DOCUMENTS, "notifications": OF_NOTIFICATIONS}


class Still:
    """A clock that stands: what differs between two ways of delivery is then no time."""

    def now(self) -> datetime:
        return AT


@dataclass(frozen=True, slots=True)
class Delivery:
    service: str
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Act:
    """Something a service does by itself, when the test lets it: issue, hand over."""

    run: Callable[[], Awaitable[None]]


@dataclass
class House:
    """pending: what is to come, in the order in which it became possible."""

    databases: dict[str, Database]
    lives: dict[str, Life] = field(default_factory=dict)
    pending: list[Delivery | Act] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)

    def transactions(self, service: str) -> Transactions:
        return Transactions(self.databases[service], Still())

    async def clear(self) -> None:
        for database in self.databases.values():
            for name in await database.db.list_collection_names():
                await database.db[name].delete_many({})
        self.lives, self.pending, self.begun = {}, [], set()

    async def close(self) -> None:
        for database in self.databases.values():
            await database.close()

    async def bring_in(self, life: Life) -> None:
        """The case as its post left it, and all that it published on the way."""

        async def store(_command: None, uow: UnitOfWork) -> None:
            await uow.db.applications.insert_one(await MAPPER.written(life.application, uow), session=uow.session)
            for event in life.events:
                uow.publish(event)

        self.lives[life.application.id] = life
        await self._run("applications", store, None, f"{life.application.id}:life")

    async def deliver(self, service: str, envelopes: list[Envelope]) -> None:
        """Together, as a consumer does; then what follows from them becomes possible."""
        await self.transactions(service).run_batch(HANDLERS[service], envelopes)
        for envelope in envelopes:
            await self._go_on(service, self.lives[envelope.to_body()["data"]["application_id"]])

    async def _go_on(self, service: str, life: Life) -> None:
        case = {"application_id": life.application.id}
        if service == "documents" and (entry := await self.databases[service].db.documents.find_one(case)):
            if self._first(f"issuing {entry['_id']}"):
                self._issue_next(life, entry["_id"], 0)
        elif service == "notifications":
            async for message in self.databases[service].db.notifications.find(case | {"channel": life.channel_that_fails}):
                if self._first(f"failing {message['_id']}"):
                    command = FailNotification(message["_id"], "no-such-number")
                    await self._run(service, fail_notification, command, f"fail:{message['_id']}")
        elif service == "applications" and life.handed_over_by:
            row = await self.databases[service].db.applications.find_one({"_id": life.application.id, "status": "ready"})
            if row and self._first(f"handover {row['_id']}"):
                command_ = RecordHandover(row["_id"], life.handed_over_by)
                self.pending.append(Act(lambda: self._run(service, record_handover, command_, f"handover:{row['_id']}")))

    def _first(self, what: str) -> bool:
        first = what not in self.begun
        self.begun.add(what)
        return first

    def _issue_next(self, life: Life, document_id: str, step: int) -> None:
        """One try after the other, as the one job of a document makes them; an operator puts it back to work in between."""
        if step == len(life.tries):
            return

        async def act() -> None:
            reason, name = life.tries[step], f"{document_id}:{step}"
            reserve = ReserveNumber(document_id, "kind", f"CODE{step}", AT, AT.date(), None, {"ky": "x"})
            await self._run("documents", reserve_number, reserve, f"{name}:reserve")
            if reason is None:
                issued = RecordIssued(document_id, f"{document_id}.1", "0" * 64, 1)
                await self._run("documents", record_issued, issued, f"{name}:issue")
            else:
                job = Job(f"issue_document:{document_id}", "issue_document", document_id, {"document_id": document_id},
                          0, 1, AT, "corr", None, None)  # fmt: skip
                await self._run("documents", note_issue_failure, Alarm(job, reason, AT), f"{name}:fail")
            self._issue_next(life, document_id, step + 1)

        self.pending.append(Act(act))

    async def _run(self, service: str, use_case: Any, command: Any, operation_id: str) -> None:
        """With an id of its own that is the same in each house; what it publishes is then to be delivered."""
        operation = Operation(operation_id, AT, "corr-1234")
        await self.transactions(service).run(use_case, command, operation=operation)
        await self._collect(service)

    async def _collect(self, service: str) -> None:
        outbox = self.databases[service].db.outbox
        for row in sorted(await outbox.find({}).to_list(), key=lambda row: (row["sequence"], row["position"])):
            envelope = Envelope.from_body(row["body"].encode())
            hearers = [name for name, events in SUBSCRIPTIONS.items() if type(envelope.event) in events]
            self.pending += [Delivery(name, envelope) for name in hearers]
            await outbox.delete_one({"_id": row["_id"]})

    async def state(self) -> list[str]:
        """What must be the same however the events came. Left out: how often a case was written (a late failure is not), the
        journal's line of a failure that was overtaken, and which of two documents was numbered first."""
        rows: list[Document] = []
        db = self.databases["applications"].db
        rows += [{**row, "version": 0} for row in await opened(CASES, await db.applications.find({}).to_list(), db)]
        lines = [row async for row in db.journal.find({"action": {"$ne": "application:note_issue_problem"}})]
        rows += [{**row, "_id": "", "sequence": 0} for row in lines]
        async for entry in self.databases["documents"].db.documents.find({}):
            numbering = entry["numbering"]
            rows += [{**entry, "numbering": None}] + ([{"number": numbering["number"]}] if numbering else [])
        rows += [row async for row in self.databases["notifications"].db.notifications.find({})]
        for name, database in self.databases.items():
            rows += [{"service": name, "job": row["_id"], "state": row["state"]} async for row in database.db.jobs.find({})]
        return sorted(str(sorted(row.items())) for row in rows)


async def house_in(place: Place) -> House:
    databases = {name: database_with_keys(place, name) for name in HANDLERS}
    for name, database in databases.items():
        await database.ensure_indexes({**KERNEL_INDEXES, **INDEXES[name]})
    return House(databases)
