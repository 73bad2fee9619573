"""What must hold among messages: each event that is told to a citizen has one by each channel, and each message has its job."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifications.domain.notification import Channel, State, notification_id
from services.notifications.event_handlers import (
    HANDLERS,
    on_application_approved,
    on_application_message_written,
    on_application_moved,
    on_applications_answered_erasure,
    on_sign_in_code_requested,
)
from services.notifications.retention import MESSAGE
from services.notifications.use_cases.queue_notification import SEND_NOTIFICATION
from shared.jobs.job import JobState
from shared.ledger import KEPT_FOR, Fault, Groups, Side, Verdict, balance
from shared.mongo.database import Db, Document, Session
from shared.mongo.inbox import RETENTION_DAYS, inbox_key
from shared.mongo.ledger import ALL, Span, in_parts, job_states, those
from shared.mongo.purging import REPORTS

MARKS_KEPT = timedelta(days=RETENTION_DAYS)
WAITING = (State.QUEUED, State.SENDING)
GROUPS: Groups = {
    "sent": (State.SENT,),
    "failed": (State.FAILED,),
    "waiting": WAITING,
    "unknown": (State.UNKNOWN,),
    "suppressed": (State.SUPPRESSED,),
}
LIVE = (JobState.WAITING, JobState.LEASED)
# the approval by its outcome; what a citizen wrote is told to nobody; a code is a job and no message; an erasure tells nobody
NOT_ALWAYS = (
    on_application_approved,
    on_application_message_written,
    on_application_moved,  # once a person, whose message is not made of the event
    on_sign_in_code_requested,
    on_applications_answered_erasure,
)
ALWAYS_TELL = [handler.__name__ for handler in HANDLERS.values() if handler not in NOT_ALWAYS]


@dataclass(slots=True)
class Message:
    state: str | None = None
    queued_at: datetime | None = None
    job: str | None = None
    heard: str | None = None  # the inbox's mark of the event that it tells

    def said_by(self, now: datetime) -> str | None:
        if self.heard:
            return "its event was handled"
        if self.job is not None:
            return "a job was ordered to send it"
        return "long ago" if self.state is not None and self.is_old(now) else None

    def is_old(self, now: datetime) -> bool:
        return self.queued_at is not None and now - self.queued_at > KEPT_FOR


class MessagesAccount:
    """span: of the ids of events, and of the ids of messages; what belongs to either is read whole."""

    def __init__(self, db: Db, now: datetime, span: Span = ALL) -> None:
        self._db, self._now, self._span = db, now, span
        self._since = now - MARKS_KEPT

    async def gather(self, session: Session | None, again: Mapping[str, Message] | None) -> dict[str, Message]:
        messages: dict[str, Message] = defaultdict(Message)
        self._since = await self._asked_since(session)
        if again is not None:
            await self._hear(messages, those(message.heard for message in again.values() if message.heard), session)
            messages = defaultdict(Message, {key: message for key, message in messages.items() if key in again})
            await self._read(messages, list(again), session)
        else:
            for handler in ALWAYS_TELL:
                await self._hear(messages, self._span.of(prefix=f"{handler}:"), session)
            await self._read(messages, None, session)
            if self._span != ALL:
                for part in in_parts([key for key, message in messages.items() if message.state is None]):
                    await self._read(messages, part, session)
        return dict(messages)

    async def _hear(self, messages: dict[str, Message], marks: Document, session: Session | None) -> None:
        """Which messages there must be, as the inbox says: their ids are made of the event's."""
        young = {"handled_at": {"$gt": self._since}}
        async for row in self._db.inbox.find({**marks, **young}, {"_id": 1}, session=session):
            self._note(messages, row["_id"])

    async def _asked_since(self, session: Session | None) -> datetime:
        """Events from when on are asked for: as long as the inbox must remember, for the database's own clock may be behind a
        moved one; and nothing as old as what was deleted by its rule, which is younger than that where a clock was put back."""
        deleted = {"kind": MESSAGE.kind, "closed_to": {"$ne": None}}
        newest = await self._db[REPORTS].find_one(deleted, {"closed_to": 1}, sort=[("closed_to", -1)], session=session)
        kept = self._now - MARKS_KEPT
        return max(kept, newest["closed_to"]) if newest else kept

    async def _read(self, messages: dict[str, Message], keys: Sequence[str] | None, session: Session | None) -> None:
        jobs = await job_states(self._db, SEND_NOTIFICATION, keys, session, self._span)
        for key, state in jobs.items():
            messages[key].job = state
        wanted, told = {"state": 1, "queued_at": 1, "event_id": 1}, {}
        async for row in self._db.notifications.find(those(keys, span=self._span), wanted, session=session):
            message = messages[row["_id"]]
            message.state, message.queued_at = row["state"], row["queued_at"]
            if message.heard is None:
                told[row["_id"]] = row["event_id"]
        await self._hear_of(messages, told, session)

    async def _hear_of(self, messages: dict[str, Message], told: Mapping[str, str], session: Session | None) -> None:
        """The marks of events whose message came between two reads, or that are of another span."""
        marks = [inbox_key(handler, event_id) for event_id in set(told.values()) for handler in ALWAYS_TELL]
        for part in in_parts(marks):
            async for row in self._db.inbox.find(those(part), {"_id": 1}, session=session):
                self._note(messages, row["_id"], only=told.keys())

    @staticmethod
    def _note(messages: dict[str, Message], mark: str, only: Collection[str] | None = None) -> None:
        event_id = mark.partition(":")[2]
        for channel in Channel:
            key = notification_id(event_id, channel)
            if only is None or key in only:
                messages[key].heard = mark

    def judge(self, evidence: Mapping[str, Message]) -> list[Verdict]:
        due = {key: message.said_by(self._now) for key, message in evidence.items()}
        heard = sum(message.heard is not None for message in evidence.values())
        others = sum(said is not None for said in due.values()) - heard
        left = Side("events handled (inbox), and jobs to send them", {"by events": heard, "by jobs alone": others})
        found = {key: message.state for key, message in evidence.items()}
        verdict = balance("messages", left, found, due, GROUPS, "state of each message")
        return [verdict, self._jobs(evidence)]

    def _jobs(self, evidence: Mapping[str, Message]) -> Verdict:
        there = {key: message for key, message in evidence.items() if message.state is not None}
        faults = []
        for key, message in sorted(there.items()):
            if message.state in WAITING and message.job not in LIVE:
                faults.append(Fault(key, key, "it waits, and no job will send it"))
            elif message.job is None and not message.is_old(self._now):
                faults.append(Fault(key, key, "its job is not there"))
        jobs = {"jobs": sum(message.job is not None for message in there.values()), "long ago": 0}
        jobs["long ago"] = len(there) - jobs["jobs"] - sum(fault.what.startswith("its job") for fault in faults)
        return Verdict("message jobs", Side("messages", {"messages": len(there)}), Side("jobs to send them", jobs), tuple(faults))
