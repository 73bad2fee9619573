"""What is asked of database and broker when somebody scrapes: in bounded time, and at most every few seconds.

What could not be asked is absent, not zero, and eshik_scrape_part_up says which part it was.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from pymongo.errors import PyMongoError

from shared.errors import DatabaseUnavailable
from shared.jobs.job import JobState
from shared.messaging import topology
from shared.messaging.depths import DepthsUnknown, queue_depths
from shared.metrics import REASONS, reason_class
from shared.mongo.database import Db, bounded
from shared.mongo.purge_job import BEGAN, LAST
from shared.mongo.purging import STATE
from shared.runtime import Runtime
from shared.web.operator import LATE_AFTER, WITHIN_S, age, outbox_of

KEPT_S = 5.0  # however often somebody scrapes, the parts are asked no more often
COUNTED = 1_000  # rows of one kind that are looked at; what is more is told as that
DEAD_STATES = ("parked", "replaying", "replayed", "discarded")
_RULE = re.compile(r"[a-z][a-z' ]{0,60}")  # as shared/ledger.py and the services name them


class Asked:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._asking = asyncio.Lock()
        self._kept: list[Metric] = []
        self._asked_at = -KEPT_S

    async def families(self) -> Iterable[Metric]:
        async with self._asking:  # several scrapes at once ask once
            if time.monotonic() - self._asked_at >= KEPT_S:
                stored, queues = await asyncio.gather(_stored(self._runtime), _queues(self._runtime))
                up = _gauge("scrape_part_up", "Whether the part could be asked at this scrape", "part")
                up.add_metric(["database"], stored is not None)
                up.add_metric(["broker"], queues is not None)
                self._kept = [up, *(stored or ()), *(queues or ())]
                self._asked_at = time.monotonic()
        return self._kept


async def _stored(runtime: Runtime) -> list[Metric] | None:
    try:
        return await bounded(_read(runtime), WITHIN_S)
    except (DatabaseUnavailable, PyMongoError):
        return None


async def _read(runtime: Runtime) -> list[Metric]:
    db, now = runtime.database.db, runtime.clock.now()
    found = [*await _outbox(db, now), await _dead_letters(db), *await _ledger(db, now), *await _purge(db, now)]
    found += [await measure(db, now) for measure in runtime.measured]
    return [*found, *await _jobs(db, now, runtime.job_kinds)] if runtime.job_kinds else found


async def _outbox(db: Db, now: datetime) -> list[Metric]:
    outbox = await outbox_of(db, now)
    rows = _gauge("outbox_rows", "Events that are committed and not confirmed")
    rows.add_metric([], outbox.waiting)
    oldest = _gauge(
        "oldest_unsent_event_age_seconds", "Age of the oldest event that is committed and not confirmed; 0 where there is none"
    )
    oldest.add_metric([], outbox.oldest_s or 0)
    return [rows, oldest]


async def _dead_letters(db: Db) -> Metric:
    family = _gauge(
        "dead_letters", f"Messages given up, by state and class of reason, counted to {COUNTED} a state", "state", "reason"
    )
    for state in DEAD_STATES:
        rows = await db.dead_letters.find({"state": state}, {"reason": 1}).limit(COUNTED).to_list()
        counts = Counter(reason_class(str(row.get("reason"))) for row in rows)
        for reason in REASONS:
            family.add_metric([state, reason], counts[reason])
    return family


async def _jobs(db: Db, now: datetime, kinds: Iterable[str]) -> list[Metric]:
    waiting: dict[str, Any] = {"state": JobState.WAITING, "due_at": {"$lte": now}}
    due = await db.jobs.find(waiting, {"kind": 1, "due_at": 1}).limit(COUNTED).to_list()
    given_up = await db.jobs.find({"state": JobState.ALARMED}, {"kind": 1}).limit(COUNTED).to_list()
    told = {
        "jobs_due": ("Jobs that could be worked now", Counter(row["kind"] for row in due)),
        "jobs_late": (
            f"Jobs due for more than {LATE_AFTER.seconds} s and not begun",
            Counter(row["kind"] for row in due if now - row["due_at"] > LATE_AFTER),
        ),
        "jobs_alarmed": ("Jobs given up: a person must look", Counter(row["kind"] for row in given_up)),
    }
    families: list[Metric] = []
    for name, (words, counts) in told.items():
        family = _gauge(name, f"{words}; counted to {COUNTED}", "kind")
        for kind in kinds:
            family.add_metric([kind], counts.pop(kind, 0))
        family.add_metric(["unknown"], counts.total())
        families.append(family)
    oldest = _gauge("oldest_due_job_age_seconds", "How long the job that is due for longest has waited; 0 where none is due")
    oldest.add_metric([], age(min((row["due_at"] for row in due), default=None), now) or 0)
    return [*families, oldest]


async def _ledger(db: Db, now: datetime) -> list[Metric]:
    """What the last check of conservation found; absent where none was made."""
    last = await db.ledger.find_one({"_id": "last"})
    if last is None:
        return []
    checked = _gauge("ledger_last_check_age_seconds", "Since the ledger was last checked")
    checked.add_metric([], max(0.0, (now - last["at"]).total_seconds()))
    holds = _gauge("ledger_holds", "1 where the last check found nothing missing and nothing too much")
    holds.add_metric([], bool(last["holds"]))
    faults = _gauge("ledger_faults", "What the last check found, by rule", "rule")
    counts: Counter[str] = Counter()
    for rule, count in dict(last["faults"]).items():
        counts[rule if _RULE.fullmatch(rule) else "unnamed"] += count
    for rule, count in counts.items():
        faults.add_metric([rule], count)
    return [checked, holds, faults]


async def _purge(db: Db, now: datetime) -> list[Metric]:
    """Since the last one, or since the service began where there was none yet; absent where nothing is purged."""
    rows = {row["_id"]: row["at"] async for row in db[STATE].find({"_id": {"$in": [LAST, BEGAN]}})}
    if not rows:
        return []
    ended = _gauge("retention_last_purge_age_seconds", "Since the daily purge last ended, or since it was first due")
    ended.add_metric([], max(0.0, (now - rows.get(LAST, rows.get(BEGAN, now))).total_seconds()))
    return [ended]


async def _queues(runtime: Runtime) -> list[Metric] | None:
    try:
        found = await queue_depths(runtime.broker, runtime.name)
    except DepthsUnknown:
        return None
    messages = _gauge("queue_messages", "Messages that nobody has in hand", "queue", "kind")
    consumers = _gauge("queue_consumers", "Who takes from the queue; a delay queue has nobody", "queue", "kind")
    for queue in found:
        labels = [queue.name, _kind_of(queue.name, runtime.name)]
        messages.add_metric(labels, queue.messages)
        consumers.add_metric(labels, queue.consumers)
    return [messages, consumers]


def _kind_of(queue: str, service: str) -> str:
    if queue == topology.inbox(service):
        return "inbox"
    return "dead" if queue == topology.dead_queue(service) else "ladder"


def _gauge(name: str, told: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"eshik_{name}", told, labels=labels)
