"""Gives the entries of the audit their numbers: one process of a service at a time, by a lease.

Once a second it reads from a change stream what was committed since, and appends it to the log in one transaction that also
keeps how far the stream was read: a kill at any moment neither skips an entry nor takes one twice. The stream alone is not
trusted: at the first start, after lost history and part by part all the time, the ids of the rows are compared with the log.

Why not a mark on each row, cleared when it is numbered: that update cost the local database 0.6 ms of CPU an entry, one
thirteenth of a submission; reading the stream once a second costs 0.04 (docs/adr/0017).
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog
from pymongo.asynchronous.change_stream import AsyncDatabaseChangeStream
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError

from shared.audit.entry import Entry
from shared.clock import Clock
from shared.crash_points import crash_point
from shared.errors import DatabaseUnavailable
from shared.metrics import metrics
from shared.mongo.audit import HEAD, LOG, Source
from shared.mongo.audit_continuity import LogBroken
from shared.mongo.audit_log import THE_HEAD, Append, Head, TurnLost, append, begin_log, known_ids, note_token
from shared.mongo.checkpoints import Checkpoints
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Database, Db, Document, away_is_unavailable, is_away, within
from shared.mongo.leases import Lease
from shared.mongo.ledger import ALL, Span, in_parts, parts_of_all, those
from shared.mongo.operation import Operation
from shared.mongo.transactions import Transactions
from shared.waiting import told_to_end

log = structlog.get_logger(__name__)

ROUND_S = 1.0
AT_ONCE = 500  # entries of one transaction
AGAIN_S = 1.0
LOOK_AGAIN_AFTER = 30  # times that: at a log that is not what was signed
COMPARED_WHOLE = 50_000  # rows; more are compared part by part, so that memory stays small
SWEEP_EVERY_S = 12.0  # one part of 256: all of them in 51 minutes, as the ledger does
NOTE_TOKEN_EVERY_S = 60.0
SPANS = parts_of_all(256)
LEASE = "audit"
_OPENING_MS = 20  # how long an empty read of the stream waits


class _StreamLost(Exception):
    """The change stream ended: what it has not told is found by comparing."""


class Sequencer:
    def __init__(
        self,
        database: Database,
        transactions: Transactions,
        clock: Clock,
        service: str,
        sources: Sequence[Source],
        checkpoints: Checkpoints,
    ) -> None:
        self._database, self._transactions, self._clock, self._service = database, transactions, clock, service
        self._sources = {source.collection: source for source in sources}
        self._checkpoints = checkpoints
        self._lease = Lease(database.db.leases, LEASE)
        self._next_part = 0
        self._broken: str | None = None  # why it stands still

    @property
    def _db(self) -> Db:
        return self._database.db

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while not told_to_end():
                try:
                    with away_is_unavailable():
                        if await self._lease.hold():
                            await self._while_held()
                except (DatabaseUnavailable, TurnLost, _StreamLost) as error:
                    log.info("audit_begins_again", error=type(error).__name__)
                except PyMongoError as error:
                    log.warning("audit_round_failed", error=type(error).__name__)
                except LogBroken as broken:
                    await self._stand_still(broken)
                await asyncio.sleep(AGAIN_S)
        finally:
            with suppress(DatabaseUnavailable):
                await self._lease.release()

    async def _stand_still(self, broken: LogBroken) -> None:
        """Entries go on being written, and wait for their numbers: what is appended to a false log would make it true."""
        if self._broken != broken.reason:
            log.error("audit_stands_still", reason=broken.reason)
        self._broken = broken.reason
        metrics().audit_stands_still.inc()
        for _ in range(LOOK_AGAIN_AFTER):
            if told_to_end() or not await self._lease.hold():
                return
            await asyncio.sleep(AGAIN_S)

    async def _while_held(self) -> None:
        """Raises LogBroken, _StreamLost, TurnLost, DatabaseUnavailable, PyMongoError: each time all is begun anew from what is
        stored."""
        await begin_log(self._db, self._service)
        head = await self._checkpoints.begin(self._db)
        self._broken = None
        stream, goes_on = await self._opened(head)
        async with stream:
            # whatever is committed from here on is told; what was before is compared, and where that is little, always
            head = await self._compare_all(head, even_if_much=not goes_on)
            swept_at = noted_at = time.monotonic()
            while await self._lease.hold() and not told_to_end():
                began = time.monotonic()
                head = await self._follow(stream, head)
                if began - swept_at >= SWEEP_EVERY_S:
                    head, swept_at = await self._compare(head, self._part()), began
                if began - noted_at >= NOTE_TOKEN_EVERY_S and stream.resume_token:
                    head, noted_at = await note_token(self._db, head, stream.resume_token), began
                await self._checkpoints.keep_up(self._db, head)
                await asyncio.sleep(max(0.0, ROUND_S - (time.monotonic() - began)))

    async def _opened(self, head: Head) -> tuple[AsyncDatabaseChangeStream[Document], bool]:
        """The stream, and whether it goes on from where the log left off; where that is forgotten, it begins now."""
        chosen = [{"$match": {"operationType": "insert", "ns.coll": {"$in": sorted(self._sources)}}}]
        try:
            return await self._db.watch(chosen, resume_after=head.token, max_await_time_ms=_OPENING_MS), head.token is not None
        except OperationFailure as error:
            if head.token is None or is_away(error):
                raise
            log.warning("audit_history_lost", code=error.code)
            return await self._db.watch(chosen, max_await_time_ms=_OPENING_MS), False

    async def _follow(self, stream: AsyncDatabaseChangeStream[Document], head: Head) -> Head:
        """Append all that the stream tells now. Asked once a round: asked all the time, each entry would cost an answer."""
        while True:
            told: list[Document] = []
            while len(told) < AT_ONCE:
                change = await self._next(stream)
                if change is None:
                    break
                told.append(change)
            if not told:
                return head
            rows = [(self._sources[change["ns"]["coll"]], change["fullDocument"]) for change in told]
            head = await self._append([source.read(self._service, row) for source, row in rows], told[-1]["_id"])
            if len(told) < AT_ONCE:
                return head

    async def _next(self, stream: AsyncDatabaseChangeStream[Document]) -> Document | None:
        try:
            change = await stream.try_next()
        except OperationFailure as error:
            if not is_away(error):
                await self._forget_token()
            raise
        if change is None and not stream.alive:
            await self._forget_token()
            raise _StreamLost
        return change

    async def _forget_token(self) -> None:
        """The stream cannot go on from there: the next begin compares all."""
        with within(BACKGROUND_TIMEOUT_S):
            await self._db[HEAD].update_one({"_id": THE_HEAD}, {"$set": {"token": None}})

    async def _append(self, entries: Sequence[Entry], token: Mapping[str, Any] | None = None) -> Head:
        """Without those that are in the log already: a comparison and the stream may both find one."""
        try:
            return await self._run(entries, token)
        except (DuplicateKeyError, BulkWriteError):
            known = await known_ids(self._db, [entry.id for entry in entries])
            if not known:
                raise TurnLost from None  # not an entry but a number was there: another sequencer was faster
            return await self._run([entry for entry in entries if entry.id not in known], token)

    async def _run(self, entries: Iterable[Entry], token: Mapping[str, Any] | None) -> Head:
        command = Append(self._service, list(entries), self._lease.fence, token)
        head = await self._transactions.run(append, command, operation=Operation.now(self._clock))
        crash_point("audit.appended")
        metrics().audit_sequenced.inc(len(command.entries))
        return head

    def _part(self) -> Span:
        self._next_part = (self._next_part + 1) % len(SPANS)
        return SPANS[self._next_part]

    async def _compare_all(self, head: Head, *, even_if_much: bool) -> Head:
        rows = sum([await self._db[name].estimated_document_count() for name in self._sources])
        much = rows > COMPARED_WHOLE
        if even_if_much or not much:
            for span in SPANS if much else [ALL]:
                head = await self._compare(head, span)
        return head

    async def _compare(self, head: Head, span: Span) -> Head:
        """Append what lies in the rows and not in the log."""
        for source in self._sources.values():
            rows = self._db[source.collection]
            there = {source.entry_id(row["_id"]): row["_id"] async for row in rows.find(span.of(), {"_id": 1})}
            prefix = f"{source.collection}:"
            numbered = {row["id"] async for row in self._db[LOG].find(span.of("id", prefix) or {}, {"id": 1})}
            missing = [row_id for entry_id, row_id in there.items() if entry_id not in numbered]
            for part in in_parts(missing, AT_ONCE):
                found = [source.read(self._service, row) async for row in rows.find(those(part))]
                head = await self._append(sorted(found, key=lambda entry: entry.at))
                log.info("audit_compared", source=source.collection, found=len(found))
        return head
