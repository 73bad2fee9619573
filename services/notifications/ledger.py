"""What must hold among messages: each event that is told to a citizen has one by each channel, and each message has its job."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.notifications.domain.notification import Channel, State, notification_id
from services.notifications.event_handlers import HANDLERS, on_application_approved
from services.notifications.use_cases.queue_notification import SEND_NOTIFICATION
from shared.jobs.job import JobState
from shared.ledger import KEPT_FOR, Fault, Groups, Side, Verdict, balance
from shared.mongo.database import Db, Session
from shared.mongo.inbox import inbox_key
from shared.mongo.ledger import job_states, starting_with, those

WAITING = (State.QUEUED, State.SENDING)
GROUPS: Groups = {
    "sent": (State.SENT,),
    "failed": (State.FAILED,),
    "waiting": WAITING,
    "unknown": (State.UNKNOWN,),
    "suppressed": (),
}
LIVE = (JobState.WAITING, JobState.LEASED)
ALWAYS_TELL = [handler.__name__ for handler in HANDLERS.values() if handler is not on_application_approved]  # by its outcome


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
    def __init__(self, db: Db, now: datetime) -> None:
        self._db, self._now = db, now

    async def gather(self, session: Session | None, again: Mapping[str, Message] | None) -> dict[str, Message]:
        keys = None if again is None else list(again)
        messages: dict[str, Message] = defaultdict(Message)
        await self._hear(messages, session, again)
        for key, state in (await job_states(self._db, SEND_NOTIFICATION, keys, session)).items():
            messages[key].job = state
        rows = self._db.notifications.find(those(keys), {"state": 1, "queued_at": 1, "event_id": 1}, session=session)
        told = {}
        async for row in rows:
            messages[row["_id"]].state, messages[row["_id"]].queued_at = row["state"], row["queued_at"]
            told[row["_id"]] = row["event_id"]
        if again is not None:
            await self._hear_of(messages, told, session)
        return dict(messages)

    async def _hear(self, messages: dict[str, Message], session: Session | None, again: Mapping[str, Message] | None) -> None:
        """Which messages there must be, as the inbox says: their ids are made of the event's."""
        if again is not None:
            marks = {message.heard: key for key, message in again.items() if message.heard}
            async for row in self._db.inbox.find(those(marks), {"_id": 1}, session=session):
                self._note(messages, row["_id"], only=set(again))
            return
        for handler in ALWAYS_TELL:
            async for row in self._db.inbox.find(starting_with(f"{handler}:"), {"_id": 1}, session=session):
                self._note(messages, row["_id"])

    async def _hear_of(self, messages: dict[str, Message], told: Mapping[str, str], session: Session | None) -> None:
        """The marks of events whose message came between the two reads."""
        marks = [inbox_key(handler, event_id) for event_id in set(told.values()) for handler in ALWAYS_TELL]
        async for row in self._db.inbox.find(those(marks), {"_id": 1}, session=session):
            self._note(messages, row["_id"], only=set(told))

    @staticmethod
    def _note(messages: dict[str, Message], mark: str, only: set[str] | None = None) -> None:
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
