"""One request, event or job outcome is one transaction: aggregates, journal, outbox, jobs, inbox mark, stored response.

Returning commits, raising rolls back. A use case may run twice (write conflicts), so it does nothing but MongoDB, and
every id it makes comes from the operation and is the same in each run.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid5

from pymongo import ReadPreference, WriteConcern
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern

from shared.audit.entry import About, Kind, Who
from shared.clock import Clock
from shared.contracts.base import Event
from shared.contracts.envelope import Envelope
from shared.crash_points import crash_point
from shared.errors import DatabaseUnavailable
from shared.handling import count_duplicates, handling
from shared.jobs.job import NewJob, job_document
from shared.mongo.audit import AUDIT, audit_row
from shared.mongo.database import BACKGROUND_TIMEOUT_S, REQUEST_TIMEOUT_S, Database, Db, Document, Session, bounded, within
from shared.mongo.inbox import inbox_key, inbox_row, keys_seen
from shared.mongo.inserts import Inserts
from shared.mongo.operation import Operation
from shared.mongo.outbox import outbox_row, published_row
from shared.spans import span

_IDS = UUID("5a0f9d1c-6f0e-4d0b-9d4e-e5b1c0a5e5b1")
C = TypeVar("C")
R = TypeVar("R")
T = TypeVar("T")


@dataclass
class UnitOfWork:
    """What a use case or handler may touch.

    What it saves by db and session is written at once. New documents that it gives to insert, insert_once, publish and
    schedule are gathered, and written when it has returned - in a batch of events, when the last of them is handled: each
    collection once. A repository's find() writes what is gathered for its collection first, so that it sees what an earlier
    event of the batch did; whoever reads such a collection by db calls written() before.
    """

    db: Db
    session: Session
    operation: Operation
    source: str
    inserts: Inserts
    heard: Envelope | None = None  # the event that is being handled, where it is one
    entry: tuple[str, Document] | None = None  # the last row that is an entry of the audit, with its collection
    _published: int = 0
    _ids: int = 0

    @property
    def at(self) -> datetime:
        return self.operation.at

    def new_id(self) -> str:
        """A UUID that is the same when the transaction runs again."""
        self._ids += 1
        return str(uuid5(_IDS, f"{self.operation.operation_id}:{self._ids}"))

    def publish(self, event: Event) -> str:
        """Put the event in the outbox with this transaction. Out: the event id, for the journal."""
        operation = self.operation
        envelope = Envelope(
            event_id=str(uuid5(_IDS, f"{operation.operation_id}:event:{self._published}")),
            source=f"eshik/{self.source}",
            event=event,
            correlation_id=operation.correlation_id,
            causation_id=operation.causation_id,
            traceparent=operation.traceparent,
        )
        self.insert("outbox", outbox_row(envelope, self._published))
        self.insert("published_events", published_row(envelope, self.at))
        self._published += 1
        return envelope.event_id

    def schedule(self, job: NewJob, *, is_new: bool = False) -> None:
        """Store work that leaves the transaction or waits for a time. The same kind and key twice is one job. is_new: its key is
        of this change alone, so that nobody need look whether it is there."""
        (self.insert if is_new else self.insert_once)("jobs", job_document(job, self.operation))

    @property
    def who(self) -> Who:
        """Who asked for this; for an event the service that told it, for a job this service itself."""
        return self.operation.who or Who("system", self.source)

    def audit(
        self, act: str, *, about: About, reason: str | None = None, role: str | None = None, post: str | None = None
    ) -> None:
        """An entry of the audit about a change, written with it. act: as grant:give; about: ids by what they are (case, person,
        post, ...); reason: a code; role and post: those that allowed it, where the token alone does not say.

        Raises NotAnId where about holds what is no id or code: no name, no contact and no text gets into an entry.
        """
        who = replace(self.who, role=role or self.who.role, post=post or self.who.post)
        request = self.operation.correlation_id
        row = audit_row(self.new_id(), self.at, who, act, about, kind=Kind.CHANGE, reason=reason, request=request)
        self.insert_entry(AUDIT, row)

    def insert_entry(self, collection: str, row: Document) -> None:
        """A row that is an entry of the audit itself, as one of a journal."""
        self.entry = (collection, row)
        self.insert(collection, row)

    def insert(self, collection: str, document: Document) -> None:
        """A new document; one with its _id that is there already fails the transaction."""
        self.inserts.add(collection, document)

    def insert_once(self, collection: str, document: Document) -> None:
        """A new document; passed over where one with its _id is there already, or comes earlier in the batch."""
        self.inserts.add_once(collection, document)

    async def written(self, collection: str) -> None:
        """Make sure that reads see what was gathered for this collection."""
        if self.inserts.holds(collection):
            await self.inserts.write_out()


class Guard(Protocol):
    """Something that must still hold when the transaction is written, as a job's lease. Raises where it does not."""

    async def enter(self, uow: UnitOfWork) -> None: ...


@dataclass(frozen=True, slots=True)
class OnceOnly:
    """An Idempotency-Key: scope (caller and key), hash of the request, and how the result becomes a stored response."""

    scope: str
    request_hash: str


class KeyReusedForOtherRequest(Exception):
    """The Idempotency-Key came before with a different request."""


UseCase = Callable[[C, UnitOfWork], Awaitable[R]]
Handler = Callable[[Any, UnitOfWork], Awaitable[None]]
Body = Callable[[Session, Inserts], Awaitable[T]]


class Transactions:
    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock

    async def run(
        self,
        use_case: UseCase[C, R],
        command: C,
        *,
        operation: Operation | None = None,
        guard: Guard | None = None,
        timeout_s: float = BACKGROUND_TIMEOUT_S,
    ) -> R:
        """Run one use case in one transaction. Raises what it raises, or DatabaseUnavailable."""
        fixed = operation or Operation.now(self.clock)

        async def body(session: Session, inserts: Inserts) -> R:
            uow = self._unit_of_work(session, fixed, inserts)
            if guard:
                await guard.enter(uow)
            result = await use_case(command, uow)
            await inserts.write_out()
            return result

        return await self._in_transaction(_name(use_case), body, timeout_s)

    async def run_idempotently(
        self,
        use_case: UseCase[C, R],
        command: C,
        once: OnceOnly,
        *,
        operation: Operation,
        respond: Callable[[R], Document],
        receipt: Callable[[UnitOfWork], Document] | None = None,
    ) -> tuple[Document, bool]:
        """Like run, for a request with an Idempotency-Key: (response, was it stored before). receipt: what the answer says
        besides, of what was written.

        The key is written with the effect, so a crash leaves both or neither. Raises KeyReusedForOtherRequest.
        """

        once = replace(once, request_hash=self.database.db.keys.hash_of_request(once.request_hash))

        async def body(session: Session, inserts: Inserts) -> tuple[Document, bool]:
            uow = self._unit_of_work(session, operation, inserts)
            if stored := await uow.db.idempotency_keys.find_one({"_id": once.scope}, session=session):
                return _same_request(stored, once), True
            response = respond(await use_case(command, uow))
            if receipt:
                response |= receipt(uow)
            document = {"_id": once.scope, "request_hash": once.request_hash, "response": response, "at": operation.at}
            uow.insert("idempotency_keys", document)
            await inserts.write_out()
            crash_point("transaction.before_commit")
            return response, False

        try:
            return await self._in_transaction(_name(use_case), body, REQUEST_TIMEOUT_S)
        except (DuplicateKeyError, BulkWriteError):
            with within(REQUEST_TIMEOUT_S):
                stored = await self.database.db.idempotency_keys.find_one({"_id": once.scope})
            if stored is None:
                raise
            return _same_request(stored, once), True

    async def run_once(self, handler: Handler, envelope: Envelope) -> None:
        """Handle one event with at most one effect per handler, however often it is delivered."""
        await self.run_batch({type(envelope.event): handler}, [envelope])

    async def run_batch(self, handlers: Mapping[type[Event], Handler], envelopes: Sequence[Envelope]) -> None:
        """Handle events together in one transaction: all of them or, when one fails, none. Known ones are passed over.

        Each event's handler runs to its end before the next one begins. What they gather is written once for all of them,
        after the last.
        """
        keyed = {inbox_key(handlers[type(e.event)].__name__, e.event_id): e for e in envelopes}  # twins in the batch: one

        async def body(session: Session, inserts: Inserts) -> set[str]:
            seen = await keys_seen(self.database.db, list(keyed), session)
            for key, envelope in keyed.items():
                if key in seen:
                    continue
                handler = handlers[type(envelope.event)]
                with handling(envelope):
                    operation = Operation.of(envelope, handler.__name__, self.clock).in_span()
                    uow = UnitOfWork(self.database.db, session, operation, self.database.name, inserts, envelope)
                    await handler(envelope.event, uow)
                uow.insert("inbox", inbox_row(key, operation.at))
            await inserts.write_out()
            crash_point("consumer.before_commit")
            return seen

        try:
            seen = await self._in_transaction("events", body, BACKGROUND_TIMEOUT_S)
        except (DuplicateKeyError, BulkWriteError):
            # another consumer may have been first with some: then their marks are there, and the others are still to do
            with within(BACKGROUND_TIMEOUT_S):
                seen = await keys_seen(self.database.db, list(keyed))
            if not seen:
                raise
            if left := [envelope for key, envelope in keyed.items() if key not in seen]:
                await self.run_batch(handlers, left)
        count_duplicates(envelopes, [envelope for key, envelope in keyed.items() if key not in seen])

    def _unit_of_work(self, session: Session, operation: Operation, inserts: Inserts) -> UnitOfWork:
        return UnitOfWork(self.database.db, session, operation.in_span(), self.database.name, inserts)

    async def _in_transaction(self, name: str, body: Body[T], timeout_s: float) -> T:
        if not self.database.prepared:
            # on SecantusDB a transaction that meets the making of its collection, and that making, wait for ever
            raise DatabaseUnavailable("collections-not-made-yet")

        async def run() -> T:
            crash_point("transaction.before")
            with self.database.signs.transaction() as expect:

                async def once(session: Session) -> T:
                    inserts = Inserts(self.database.db, session)
                    result = await body(session, inserts)
                    expect(inserts.written)
                    return result

                async with self.database.client.start_session() as session:
                    result = await session.with_transaction(
                        once,
                        read_concern=ReadConcern("snapshot"),
                        write_concern=WriteConcern(w="majority", j=True),
                        read_preference=ReadPreference.PRIMARY,
                    )
            crash_point("transaction.committed")
            return result

        with span(f"transaction {name}"):
            return await bounded(run(), timeout_s)


def _name(use_case: Callable[..., object]) -> str:
    return getattr(use_case, "__name__", type(use_case).__name__)


def _same_request(stored: Document, once: OnceOnly) -> Document:
    if stored["request_hash"] != once.request_hash:
        raise KeyReusedForOtherRequest(once.scope)
    response: Document = stored["response"]
    return response
