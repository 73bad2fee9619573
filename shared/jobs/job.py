"""A job as it is stored, and what its handler may say about it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pymongo import IndexModel

from shared.mongo.operation import Operation

DONE_KEPT_DAYS = 30
INDEXES = {
    "jobs": [
        IndexModel([("state", 1), ("due_at", 1)]),
        IndexModel("done_at", expireAfterSeconds=DONE_KEPT_DAYS * 86_400),
    ]
}


class JobState(StrEnum):
    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    ALARMED = "alarmed"  # given up: a person must look


@dataclass(frozen=True, slots=True)
class NewJob:
    """kind and key name it: the same pair scheduled twice is one job. data: ids and facts only, no personal data."""

    kind: str
    key: str
    due_at: datetime
    data: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.key}"


@dataclass(frozen=True, slots=True)
class Job:
    """A leased job in the hands of its handler. fence grows with each lease, so that a late worker is told from a live one."""

    id: str
    kind: str
    key: str
    data: Mapping[str, Any]
    attempts: int  # failed tries before this one
    fence: int
    due_at: datetime
    correlation_id: str
    traceparent: str | None
    causation_id: str | None


@dataclass(frozen=True, slots=True)
class Finish:
    """How a job ends: this use case runs in the same transaction that marks the job done."""

    use_case: Callable[[Any, Any], Awaitable[Any]]
    command: Any


@dataclass(frozen=True, slots=True)
class Alarm:
    """Command of a job kind's on_alarm: the job was given up, for this reason code."""

    job: Job
    reason: str
    at: datetime


class RetryLater(Exception):
    """This try failed in a way that time may heal. reason: a code, never personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GiveUp(Exception):
    """Trying again cannot help. reason: a code, never personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class JobKind:
    """How one kind of job is worked.

    run: does the work outside any transaction; returns how to finish, or None where marking it done is all.
    max_attempts: after that many failures it is alarmed. retry_s: delay after the first failure; doubled each time,
    with jitter, up to retry_max_s. lease_s: renewed while run works. on_alarm: use case run with an Alarm.
    """

    run: Callable[[Job], Awaitable[Finish | None]]
    max_attempts: int = 10
    retry_s: float = 1.0
    retry_max_s: float = 600.0
    lease_s: float = 10.0
    on_alarm: Callable[[Alarm, Any], Awaitable[None]] | None = None


JobKinds = Mapping[str, JobKind]


def job_document(job: NewJob, operation: Operation) -> dict[str, Any]:
    return {
        "_id": job.id,
        "kind": job.kind,
        "key": job.key,
        "data": dict(job.data),
        "state": JobState.WAITING,
        "due_at": job.due_at,
        "attempts": 0,
        "fence": 0,
        "owner": None,
        "leased_until_ms": 0,
        "reason": None,
        "created_at": operation.at,
        "correlation_id": operation.correlation_id,
        "traceparent": operation.traceparent,
        "causation_id": operation.causation_id or operation.operation_id,
    }
