"""What ./eshik status finds out about a running stack: read only, and every question has a short time limit."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel
from pymongo.database import Database
from pymongo.errors import PyMongoError

from cli.databases import ANSWER_WITHIN_S, service_databases, stack_now
from cli.stack import Stack
from deploy.local import broker, database
from deploy.local.environment import PROCESSES
from deploy.local.parts import unready_over_http
from deploy.local.ports import LOOPBACK
from deploy.local.record import PartRecord

LATE_AFTER_S = 60
UNCHECKED_AFTER_S = 600  # ten rounds of each service's own check of its ledger
SILENT = "does not answer"


class PartFinding(BaseModel):
    """One process: what its supervisor says, and what it answers itself."""

    name: str
    address: str
    state: str
    note: str = ""
    healthy: bool


class QueueFinding(BaseModel):
    name: str
    messages: int
    unacknowledged: int
    consumers: int


class LedgerFinding(BaseModel):
    """The last check that a service made of its own ledger. faults: how many, by rule."""

    age_s: float
    holds: bool
    faults: dict[str, int] = {}


class StoreFinding(BaseModel):
    """One service's database."""

    service: str
    unsent: int
    oldest_unsent_s: float | None
    dead_letters: int
    jobs: dict[str, int]
    unknown_messages: int | None = None
    ledger: LedgerFinding | None = None


class Findings(BaseModel):
    """All of it. problems make status end with exit code 1; attention does not."""

    running: bool
    healthy: bool = False
    phase: str
    port_base: int
    running_s: float = 0
    parts: list[PartFinding] = []
    queues: list[QueueFinding] | None = None
    stores: list[StoreFinding] | None = None
    problems: list[str] = []
    attention: list[str] = []

    @property
    def gave_up(self) -> bool:
        return any(store.jobs.get("alarmed") for store in self.stores or [])


def look(stack: Stack, environment: Mapping[str, str]) -> Findings:
    """Ask every part, the broker and the database."""
    record = stack.record()
    if record is None:
        return _down(stack)
    with ThreadPoolExecutor() as pool:
        queues = pool.submit(_queues, management_url(stack, environment))
        stores = pool.submit(_stores, stack, environment)
        parts = list(pool.map(_part, record.parts))
    found = Findings(
        running=True,
        phase=record.phase,
        port_base=record.port_base,
        running_s=_seconds_since_changed(stack.places.lock, stack.places.clock),
        parts=parts,
        queues=queues.result(),
        stores=stores.result(),
    )
    found.problems = _problems(found)
    found.attention = _attention(found)
    found.healthy = not found.problems
    return found


def _down(stack: Stack) -> Findings:
    left = sorted(set(stack.leftovers().values()))
    problem = "Eshik is not running: ./eshik up starts it."
    if left:
        problem = f"The supervisor is gone, but these still run: {', '.join(left)}. ./eshik up starts anew, down ends them."
    return Findings(running=False, phase="down", port_base=stack.asked_ports.base, problems=[problem])


def _seconds_since_changed(*files: Path) -> float:
    """Since the supervisor took its lock, or the clock was moved: ages are told by that clock."""
    changed = 0.0
    for file in files:
        with suppress(OSError):
            changed = max(changed, file.stat().st_mtime)
    return max(0.0, time.time() - changed)


def _part(part: PartRecord) -> PartFinding:
    finding = PartFinding(
        name=part.name,
        address=part.address,
        state=part.state,
        note=part.note,
        healthy=part.state in ("ready", "absent"),
    )
    if part.name in PROCESSES and part.state == "ready":
        missing = unready_over_http(f"{part.address}/health/ready")()
        if missing is not None:
            return finding.model_copy(update={"healthy": False, "state": "not ready", "note": missing})
    if part.state == "ready" and not _server_answers(part):
        return finding.model_copy(update={"healthy": False, "state": SILENT, "note": f"asked for {ANSWER_WITHIN_S} s"})
    if part.restarts and not finding.note:
        finding.note = f"restarted {part.restarts}x"
    return finding


def _server_answers(part: PartRecord) -> bool:
    """Broker and database are asked themselves: their supervisor sees that they live, not that they are frozen."""
    if part.name == "rabbitmq":
        return broker.answers(urlsplit(part.address).port or 0, ANSWER_WITHIN_S)
    return part.name != "mongo" or database.answers(part.address, ANSWER_WITHIN_S)


def management_url(stack: Stack, environment: Mapping[str, str]) -> str | None:
    if environment.get("ESHIK_RABBIT_URL"):
        return environment.get("ESHIK_RABBIT_MANAGEMENT_URL")
    return f"http://guest:guest@{LOOPBACK}:{stack.ports.rabbit_management}"


def _queues(management_url: str | None) -> list[QueueFinding] | None:
    if management_url is None:
        return None
    try:
        rows = _asked(f"{management_url}/api/queues")
        listening = Counter(str(row["queue"]["name"]) for row in _asked(f"{management_url}/api/consumers"))
    except (httpx.HTTPError, ValueError):
        return None
    return [
        QueueFinding(
            name=row["name"],
            messages=row.get("messages", 0),
            unacknowledged=row.get("messages_unacknowledged", 0),
            consumers=listening[row["name"]],  # the queue's own count lags by seconds
        )
        for row in sorted(rows, key=lambda row: str(row["name"]))
    ]


def _asked(url: str) -> list[dict[str, Any]]:
    answer = httpx.get(url, timeout=ANSWER_WITHIN_S)
    answer.raise_for_status()
    rows: list[dict[str, Any]] = answer.json()
    return rows


def _stores(stack: Stack, environment: Mapping[str, str]) -> list[StoreFinding] | None:
    try:
        with service_databases(stack, environment) as databases:
            return [_store(db, name, stack_now(stack)) for name, db in databases.items()]
    except PyMongoError:
        return None


def _store(db: Database[dict[str, Any]], service: str, now: datetime) -> StoreFinding:
    times = [row["occurred_at"] for row in db.outbox.find({}, {"occurred_at": 1}).limit(1000)]
    jobs = {name: db.jobs.count_documents(chosen) for name, chosen in _job_groups(now).items()}
    return StoreFinding(
        service=service,
        unsent=db.outbox.estimated_document_count() if times else 0,
        oldest_unsent_s=round((now - min(times)).total_seconds(), 1) if times else None,
        dead_letters=db.dead_letters.count_documents({"state": "parked"}),
        jobs={group: count for group, count in jobs.items() if count},
        ledger=_ledger(db.ledger.find_one({"_id": "last"}), now),
        unknown_messages=(db.notifications.count_documents({"state": "unknown"}) if service == "notifications" else None),
    )


def _ledger(last: Mapping[str, Any] | None, now: datetime) -> LedgerFinding | None:
    if last is None:
        return None
    return LedgerFinding(age_s=round(max(0.0, (now - last["at"]).total_seconds())), holds=last["holds"], faults=last["faults"])


def _job_groups(now: datetime) -> dict[str, dict[str, Any]]:
    """What waits for its time is no backlog."""
    return {
        "due": {"state": "waiting", "due_at": {"$lte": now}},
        "later": {"state": "waiting", "due_at": {"$gt": now}},
        **{state: {"state": state} for state in ("leased", "alarmed", "done")},
    }


def _problems(found: Findings) -> list[str]:
    problems = []
    for part in found.parts:
        if not part.healthy:
            what = SILENT if part.state == SILENT else f"is {part.state}"
            problems.append(f"{part.name} {what}{f': {part.note}' if part.note else ''}")
    if found.stores is None:
        problems.append("the database does not answer")
    for store in found.stores or []:
        if store.oldest_unsent_s is not None and store.oldest_unsent_s > LATE_AFTER_S:
            problems.append(f"{store.service} has an event that was not sent for {store.oldest_unsent_s:.0f} s")
    return problems


def _attention(found: Findings) -> list[str]:
    attention = []
    for store in found.stores or []:
        if store.dead_letters:
            letters = "1 dead letter" if store.dead_letters == 1 else f"{store.dead_letters} dead letters"
            attention.append(f"{store.service} has {letters}: ./eshik dead list says why")
        if store.jobs.get("alarmed"):
            given_up = "1 job" if store.jobs["alarmed"] == 1 else f"{store.jobs['alarmed']} jobs"
            attention.append(f"{store.service} gave up {given_up}: ./eshik jobs says why, ./eshik jobs again tries once more")
        if store.unknown_messages:
            messages = "1 message" if store.unknown_messages == 1 else f"{store.unknown_messages} messages"
            attention.append(f"{messages} may or may not have reached their person")
    attention += [*_unsound_ledgers(found), *_unheard_inboxes(found.queues or [])]
    if found.queues is None:
        attention.append("queues are not known: the broker's management address does not answer or is not set")
    return attention


def _unsound_ledgers(found: Findings) -> Iterable[str]:
    """Of services that run here: the check is theirs."""
    running = {part.name for part in found.parts if part.state != "absent"}
    for store in found.stores or []:
        last = store.ledger
        if last and not last.holds:
            rules = ", ".join(f"{rule} {count}" for rule, count in last.faults.items())
            yield f"the ledger of {store.service} does not hold ({rules}): run ./eshik ledger"
        unchecked = last is None or last.age_s > UNCHECKED_AFTER_S
        if unchecked and store.service in running and found.running_s > UNCHECKED_AFTER_S:
            since = f"for {last.age_s / 60:.0f} minutes" if last else "since it began"
            yield f"{store.service} has not checked its ledger {since}: run ./eshik ledger, which checks it now"


def _unheard_inboxes(queues: Iterable[QueueFinding]) -> Iterable[str]:
    for queue in queues:
        if queue.name.endswith(".inbox") and not queue.consumers:
            yield f"nobody takes from {queue.name} yet"
