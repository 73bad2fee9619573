"""What is there after it all: read from the databases, the sinks, and the register as anyone may ask it."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cli.soak.cases import CITIZENS
from cli.soak.client import Client
from cli.soak.place import SoakedStack
from cli.soak.settling import databases
from deploy.local.environment import SERVICES
from deploy.local.keys import Keys
from deploy.local.sinks.received import received
from services.applications.schema import CASES
from shared.mongo.database import Database
from shared.mongo.sealing import opened
from shared.sealing.key_file import keys_from_file

AT_ONCE = 6
PAGE = 100
# its message stays declared unknown, and is counted as that: the gateway was killed before it kept what it had taken
ASKS_AND_MAY_GIVE_UP = "ask_about_notification"
Row = dict[str, Any]


@dataclass
class Evidence:
    """By application, where it is of one. verified: document id -> what the register says of it."""

    applications: dict[str, Row] = field(default_factory=dict)
    journal: dict[str, list[Row]] = field(default_factory=dict)
    documents: dict[str, list[Row]] = field(default_factory=dict)
    verified: dict[str, str] = field(default_factory=dict)
    messages: dict[str, list[Row]] = field(default_factory=dict)
    arrived: Counter[str] = field(default_factory=Counter)
    answered: dict[str, Row] = field(default_factory=dict)  # Idempotency-Key -> the stored answer
    dead: list[Row] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)  # jobs
    listed: dict[str, str] = field(default_factory=dict)  # application -> status, as its citizen's list of cases shows it


async def gather_evidence(soaked: SoakedStack, client: Client) -> Evidence:
    found = await asyncio.to_thread(_stored, soaked)
    await _open_answers(soaked, found)
    gate = asyncio.Semaphore(AT_ONCE)

    async def verify(document: Row) -> None:
        printed = {name: document["numbering"][name] for name in ("number", "check_code")}
        printed["issued_on"] = str(document["numbering"]["issued_on"])[:10]
        async with gate:
            answer = await client.ask("/api/verifications", printed, "documents")
        found.verified[document["_id"]] = answer.json().get("status", "") if answer.is_success else f"HTTP {answer.status_code}"

    issued = [row for rows in found.documents.values() for row in rows if row.get("numbering")]
    await asyncio.gather(*(verify(document) for document in issued))
    for citizen in CITIZENS:
        found.listed |= await _listed(client, citizen)
    return found


async def _open_answers(soaked: SoakedStack, found: Evidence) -> None:
    """What the citizens typed lies sealed: with the key file of the stack it is read as the service reads it."""
    service = "applications"
    keys = keys_from_file(Keys(soaked.places.keys).key_encryption_keys(service))
    database = Database(soaked.ports.mongo_url, service, service=service, keys=keys)
    try:
        rows = await opened(CASES, list(found.applications.values()), database.db)
    finally:
        await database.close()
    found.applications = {row["_id"]: row for row in rows}


async def _listed(client: Client, citizen: str) -> dict[str, str]:
    """Page by page, as a person reads it."""
    listed: dict[str, str] = {}
    after = ""
    while True:
        answer = await client.get(citizen, f"/api/applications?limit={PAGE}{after}")
        if not answer.is_success:
            return listed
        page = answer.json()
        listed |= {row["id"]: row["status"] for row in page["applications"]}
        if not page["next"]:
            return listed
        after = f"&after={page['next']}"


def _stored(soaked: SoakedStack) -> Evidence:
    client, found = databases(soaked.ports)
    with client:
        applications, documents, notifications = (found[name] for name in ("applications", "documents", "notifications"))
        kept = {"status": 1, "version": 1, "reference": 1, "citizen_id": 1, "outcome": 1, "document_id": 1, "answers": 1}
        return Evidence(
            applications={row["_id"]: row for row in applications.applications.find({}, kept)},
            journal=_by(applications.journal.find({}, {"application_id": 1, "sequence": 1, "action": 1}), _application),
            documents=_by(documents.documents.find({}), _application),
            messages=_by(notifications.notifications.find({}), _application),
            arrived=_arrived(soaked),
            answered={row["_id"]: row["response"] for row in applications.idempotency_keys.find({})},
            dead=[
                {"service": name, **row}
                for name in SERVICES
                for row in found[name].dead_letters.find({}, {"queue": 1, "reason": 1, "event_type": 1})
            ],
            given_up=[
                f"{name}: {row['_id']} ({row['reason']})"
                for name in SERVICES
                for row in found[name].jobs.find({"state": "alarmed", "kind": {"$ne": ASKS_AND_MAY_GIVE_UP}}, {"reason": 1})
            ],
        )


def _by(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[key(row)].append(row)
    return dict(grouped)


def _application(row: Row) -> str:
    return str(row["application_id"])


def _arrived(soaked: SoakedStack) -> Counter[str]:
    """How often each message was handed over, by its id; an e-mail's is its Message-ID: <id @ the sender's domain>."""
    arrived: Counter[str] = Counter()
    for message in received(soaked.places.inbox):
        arrived[message.id.strip("<").partition("@")[0]] += message.deliveries
    return arrived
