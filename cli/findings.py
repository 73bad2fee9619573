"""What ./eshik status finds out about a running stack: read only, and every question has a short time limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from cli.stack import Stack
from deploy.local.environment import SERVICES
from deploy.local.parts import unready_over_http
from deploy.local.ports import LOOPBACK
from deploy.local.record import PartRecord

ANSWER_WITHIN_S = 2
JOB_STATES = ("waiting", "leased", "alarmed", "done")
LATE_AFTER_S = 60


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


class StoreFinding(BaseModel):
    """One service's database."""

    service: str
    unsent: int
    oldest_unsent_s: float | None
    dead_letters: int
    jobs: dict[str, int]
    unknown_messages: int | None = None


class Findings(BaseModel):
    """All of it. problems make status end with exit code 1; attention does not."""

    running: bool
    healthy: bool = False
    phase: str
    port_base: int
    parts: list[PartFinding] = []
    queues: list[QueueFinding] | None = None
    stores: list[StoreFinding] | None = None
    problems: list[str] = []
    attention: list[str] = []


def look(stack: Stack, environment: Mapping[str, str]) -> Findings:
    """Ask every part, the broker and the database."""
    record = stack.record()
    if record is None:
        return _down(stack)
    with ThreadPoolExecutor() as pool:
        queues = pool.submit(_queues, _management_url(stack, environment))
        stores = pool.submit(_stores, _mongo_url(stack, environment), environment, _clock_offset(stack.places.clock))
        parts = list(pool.map(_part, record.parts))
    found = Findings(
        running=True,
        phase=record.phase,
        port_base=record.port_base,
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


def _part(part: PartRecord) -> PartFinding:
    finding = PartFinding(
        name=part.name,
        address=part.address,
        state=part.state,
        note=part.note,
        healthy=part.state in ("ready", "absent"),
    )
    if part.name in SERVICES and part.state == "ready":
        missing = unready_over_http(f"{part.address}/health/ready")()
        if missing is not None:
            return finding.model_copy(update={"healthy": False, "state": "not ready", "note": missing})
    if part.restarts and not finding.note:
        finding.note = f"restarted {part.restarts}x"
    return finding


def _management_url(stack: Stack, environment: Mapping[str, str]) -> str | None:
    if environment.get("ESHIK_RABBIT_URL"):
        return environment.get("ESHIK_RABBIT_MANAGEMENT_URL")
    return f"http://guest:guest@{LOOPBACK}:{stack.ports.rabbit_management}"


def _mongo_url(stack: Stack, environment: Mapping[str, str]) -> str:
    return environment.get("ESHIK_MONGO_URL") or stack.ports.mongo_url


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


def _stores(url: str, environment: Mapping[str, str], clock_offset: timedelta) -> list[StoreFinding] | None:
    prefix = environment.get("ESHIK_DATABASE_PREFIX", "")
    client: MongoClient[dict[str, Any]] = MongoClient(
        url, serverSelectionTimeoutMS=ANSWER_WITHIN_S * 1000, timeoutMS=ANSWER_WITHIN_S * 1000, tz_aware=True
    )
    try:
        return [_store(client, name, f"{prefix}{name}", datetime.now(UTC) + clock_offset) for name in SERVICES]
    except PyMongoError:
        return None
    finally:
        client.close()


def _store(client: MongoClient[dict[str, Any]], service: str, database: str, now: datetime) -> StoreFinding:
    db = client[database]
    times = [row["occurred_at"] for row in db.outbox.find({}, {"occurred_at": 1}).limit(1000)]
    jobs = {state: db.jobs.count_documents({"state": state}) for state in JOB_STATES}
    return StoreFinding(
        service=service,
        unsent=db.outbox.estimated_document_count() if times else 0,
        oldest_unsent_s=round((now - min(times)).total_seconds(), 1) if times else None,
        dead_letters=db.dead_letters.count_documents({"state": "parked"}),
        jobs={state: count for state, count in jobs.items() if count},
        unknown_messages=(db.notifications.count_documents({"state": "unknown"}) if service == "notifications" else None),
    )


def _clock_offset(file: Path) -> timedelta:
    """How far demo and tests moved the stack's clock."""
    try:
        return timedelta(seconds=float(file.read_text() or 0))
    except (OSError, ValueError):
        return timedelta(0)


def _problems(found: Findings) -> list[str]:
    problems = [f"{part.name} is {part.state}{f': {part.note}' if part.note else ''}" for part in found.parts if not part.healthy]
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
            attention.append(f"{store.service} has {store.dead_letters} dead letters")
        if store.jobs.get("alarmed"):
            attention.append(f"{store.service} gave up {store.jobs['alarmed']} jobs: a person must look")
        if store.unknown_messages:
            attention.append(f"{store.unknown_messages} messages may or may not have reached their person")
    if found.queues is None:
        attention.append("queues are not known: the broker's management address does not answer or is not set")
    return attention
