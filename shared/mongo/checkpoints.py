"""Signs a checkpoint every few minutes, and puts each where the database's administrator can't reach, until it is there."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from pymongo.errors import DuplicateKeyError

from shared.audit.checkpoint import Checkpoint, digest
from shared.audit.keys import AuditKey, NotSigned
from shared.audit.second_body import NotPlaced, SecondBody
from shared.clock import Clock
from shared.crash_points import crash_point
from shared.metrics import metrics
from shared.mongo.audit import CHECKPOINTS
from shared.mongo.audit_continuity import kept_outside, must_be_the_kept_one, must_go_on
from shared.mongo.audit_log import Head, TurnLost, read_head
from shared.mongo.database import Db, Document

log = structlog.get_logger(__name__)

TRY_AGAIN_S = 10.0
PLACED_AT_ONCE = 20


@dataclass
class Checkpoints:
    """key: None, and nothing is signed: then a rewritten log cannot be told from a true one."""

    service: str
    clock: Clock
    key: AuditKey | None
    bodies: Sequence[SecondBody]
    every: timedelta
    _last: Document | None = None
    _waiting: list[Document] = field(default_factory=list)
    _was_outside: bool = False  # where the last one was found when we began: it may be of an earlier key of ours
    _not_before: float = 0.0

    async def begin(self, db: Db) -> Head:
        """Read where the one stopped that held the lease before. Out: the head. Raises LogBroken where the log is not what was
        signed then."""
        kept = await kept_outside(self.service, self.bodies)
        self._last = await db[CHECKPOINTS].find_one({}, sort=[("_id", -1)])
        self._waiting = await db[CHECKPOINTS].find({"waits_for": {"$exists": True}}).sort("_id", 1).to_list()
        head = await read_head(db, self.service)  # last: what was signed before is in it
        if self.key:
            self._was_outside = await must_be_the_kept_one(db, self._last, kept)
            if self._last:
                await must_go_on(db, self.service, head, self._last, self.key, outside=self._was_outside)
        return head

    async def keep_up(self, db: Db, head: Head) -> None:
        """Raises LogBroken, DatabaseUnavailable, PyMongoError."""
        if self.key and self._is_due(head):
            if self._last:
                await must_go_on(db, self.service, head, self._last, self.key, outside=self._was_outside)
            await self._sign(db, head, self.key, self.clock.now())
        if self._waiting and time.monotonic() >= self._not_before:
            await self._place(db)

    def _is_due(self, head: Head) -> bool:
        if self._last is None:
            return head.size > 0
        # a clock that was moved back is no reason to wait for it
        recent = self._last["at"] <= self.clock.now() < self._last["at"] + self.every
        return head.size > self._last["size"] and not recent

    async def _sign(self, db: Db, head: Head, key: AuditKey, at: datetime) -> None:
        number = self._last["_id"] + 1 if self._last else 1
        previous = digest(self._last["text"]) if self._last else None
        checkpoint = Checkpoint(self.service, number, head.size, head.frontier.root, head.link, at, previous)
        row: Document = {"_id": number, "size": head.size, "at": at, "text": checkpoint.signed(key), "key": key.public}
        row["peaks"] = list(head.frontier.peaks)  # from where what comes behind it is hashed anew before the next is signed
        if self.bodies:
            row["waits_for"] = [body.name for body in self.bodies]
        try:
            await db[CHECKPOINTS].insert_one(row)
        except DuplicateKeyError:
            raise TurnLost from None
        crash_point("audit.checkpoint_signed")
        log.info("audit_checkpoint_signed", number=number, size=head.size)
        metrics().audit_checkpoints.inc()
        self._last, self._was_outside = row, False
        if self.bodies:
            self._waiting.append(row)

    async def _place(self, db: Db) -> None:
        """Oldest first. One body that is away does not keep the others from theirs."""
        away: set[str] = set()
        foreign = [row for row in self._waiting if not self._is_own(row)]
        for row in [row for row in self._waiting if row not in foreign][:PLACED_AT_ONCE]:
            for body in self.bodies:
                if body.name in row["waits_for"] and body.name not in away and not await self._put(body, row):
                    away.add(body.name)
            known = {body.name for body in self.bodies}
            row["waits_for"] = [name for name in row["waits_for"] if name in known]  # one that is no longer configured is no debt
            left = row["waits_for"]
            change = {"$set": {"waits_for": left}} if left else {"$unset": {"waits_for": ""}}
            await db[CHECKPOINTS].update_one({"_id": row["_id"]}, change)
            if not left:
                self._waiting.remove(row)
        if away or foreign:
            self._not_before = time.monotonic() + TRY_AGAIN_S

    def _is_own(self, row: Document) -> bool:
        """What the database has wait here may be anybody's: a key of theirs, laid where others keep ours, would be believed."""
        try:
            own = [self.key.public] if self.key else []
            true = Checkpoint.read(row["text"], own).number == row["_id"] and row["key"] in own
        except NotSigned:
            true = False
        if not true:
            log.error("audit_checkpoint_not_ours", number=row["_id"])
            for body in row["waits_for"]:
                metrics().audit_not_placed.labels(body).inc()
        return true

    async def _put(self, body: SecondBody, row: Document) -> bool:
        try:
            await body.put(self.service, row["_id"], row["text"], row["key"])
        except NotPlaced as error:
            log.error("audit_checkpoint_not_placed", number=row["_id"], body=body.name, reason=error.reason)
            metrics().audit_not_placed.labels(body.name).inc()
            return False
        crash_point("audit.checkpoint_placed")
        row["waits_for"].remove(body.name)
        return True
