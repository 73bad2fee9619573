"""What ./eshik ledger reads over all services at once: the accounts of each, approvals against the register, and every event."""

from __future__ import annotations

import asyncio
import importlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from cli.databases import ANSWER_WITHIN_S
from services.applications import schema as applications_schema
from services.applications.domain.journal import Action
from services.applications.domain.status import ISSUED
from services.applications.fees.ledger import FeesAccount
from services.applications.journal_rows import JOURNAL
from services.applications.ledger import ApplicationsAccount
from services.applications.retention import REMEMBERED
from services.documents.domain.register_entry import EntryState
from services.documents.ledger import GROUPS, DocumentsAccount
from services.documents.use_cases.order_document import FIRST_REVISION
from services.identity import schema as identity_schema
from services.identity.ledger import RightsAccount
from services.notifications.ledger import MessagesAccount
from shared.contracts.applications import ApplicationApproved, ApplicationClearedForIssue, ApplicationEvent, OutcomeKind
from shared.ledger import Delivery, Fault, Queued, Side, Verdict, Watched, balance, events_verdict, missing_faults
from shared.messaging import topology
from shared.mongo.audit import OWN_ROWS
from shared.mongo.audit_account import AuditAccount
from shared.mongo.database import Database, Db, Session
from shared.mongo.inbox import inbox_key
from shared.mongo.ledger import (
    UNTIL_TAKEN_UP_S,
    JobsAccount,
    first_published,
    heard_since,
    in_outbox,
    in_parts,
    is_due,
    published,
    settled,
    those,
    too_young,
    whereabouts,
)
from shared.mongo.purge_account import PurgeAccount
from shared.mongo.purging import purged_ids
from shared.mongo.seals_account import SealsAccount
from shared.sealing.key_file import ServiceKeys

LOOKS = 3
BETWEEN_S = 6.0  # the broker's counts are up to five seconds old
SEALED = {"identity": identity_schema.SEALED, "applications": applications_schema.SEALED}
ORDERS: Mapping[Action, type[ApplicationEvent]] = {  # the act whose event orders a document, and that event
    Action.APPROVE: ApplicationApproved,
    Action.RECORD_BLANK: ApplicationClearedForIssue,
    Action.RECORD_IDENTITY_CHECK: ApplicationClearedForIssue,
}
Depths = Callable[[], Mapping[str, Queued] | None]  # None: the broker does not answer


@dataclass(frozen=True, slots=True)
class Page:
    """The verdicts of one service, or of what is between services."""

    about: str
    verdicts: list[Verdict]


async def read_all(
    databases: Mapping[str, Database],
    now: datetime,
    depths: Depths,
    *,
    between_s: float = BETWEEN_S,
    keys: Mapping[str, ServiceKeys] | None = None,
) -> list[Page]:
    """keys: by service; where they are not at hand, what lies under them is not judged. Raises PyMongoError."""
    client = databases["applications"].client  # one server holds them all here: one snapshot over several databases
    dbs = {name: Db(client, database.name, (keys or {}).get(name), name) for name, database in databases.items()}
    own: dict[str, list[Any]] = {
        "identity": [RightsAccount(dbs["identity"], now)],
        "applications": [ApplicationsAccount(dbs["applications"], now), FeesAccount(dbs["applications"])],
        "documents": [DocumentsAccount(dbs["documents"], now)],
        "notifications": [MessagesAccount(dbs["notifications"], now)],
    }
    pages = []
    for name, db in dbs.items():
        sources = (OWN_ROWS, JOURNAL) if name == "applications" else (OWN_ROWS,)
        own.setdefault(name, []).append(AuditAccount(db, name, now, sources))
        if name == "applications":
            own[name].append(PurgeAccount(db, REMEMBERED))
        if keys and name in keys and SEALED.get(name):
            own[name].append(SealsAccount(db, SEALED[name]))
        verdicts = [verdict for account in own.get(name, []) for verdict in await settled(client, account)]
        pages.append(Page(name, verdicts + await settled(client, JobsAccount(db), wait_s=UNTIL_TAKEN_UP_S)))
    between = await settled(client, ApprovalsAccount(dbs["applications"], dbs["documents"]))
    events = [await _events(name, dbs, now, depths, between_s) for name in topology.SUBSCRIPTIONS]  # those that publish, too
    return [*pages, Page("between services", [*between, *events])]


@dataclass(slots=True)
class Approval:
    """said: documents has handled the event that orders the paper; status: of the application; state: of the register's entry.
    purged: the application was deleted by its rule, and the register's entry stays."""

    said: bool = False
    approved: bool = False
    purged: bool = False
    status: str | None = None
    state: str | None = None


class ApprovalsAccount:
    """documents ordered = issued + failed + waiting, where the order is what applications' journal says."""

    def __init__(self, applications: Any, documents: Any) -> None:
        self._applications, self._documents = applications, documents

    async def gather(self, session: Session | None, again: Mapping[str, Approval] | None) -> dict[str, Approval]:
        keys = None if again is None else list(again)
        found: dict[str, Approval] = defaultdict(Approval)
        outcomes = {}
        async for row in self._applications.applications.find(those(keys), {"outcome": 1, "status": 1}, session=session):
            outcomes[row["_id"]] = row["outcome"]
            if row["status"] in ISSUED and row["outcome"] != OutcomeKind.MADE_ELSEWHERE:
                found[row["_id"]].status = row["status"]
        await self._read_orders(found, keys, outcomes, session)
        query = {"revision": FIRST_REVISION, **those(keys, "application_id")}
        async for row in self._documents.documents.find(query, {"application_id": 1, "state": 1}, session=session):
            found[row["application_id"]].state = row["state"]
        alone = [key for key, approval in found.items() if approval.state and not approval.approved]
        for part in in_parts(alone):
            for key in await purged_ids(self._applications, part, session):
                found[key].purged = True
        return dict(found)

    async def _read_orders(
        self, found: dict[str, Approval], keys: Sequence[str] | None, outcomes: Mapping[str, str], session: Session | None
    ) -> None:
        acts = {"action": {"$in": [action.value for action in ORDERS]}, **those(keys, "application_id")}
        marks: dict[str, str] = {}
        async for entry in self._applications.journal.find(acts, session=session):
            key, kind = entry["application_id"], ORDERS[Action(entry["action"])]
            if kind is ApplicationApproved and outcomes.get(key) != OutcomeKind.DIGITAL_DOCUMENT:
                continue  # it waits for an act at the post
            found[key].approved = True
            told = dict(zip(entry["event_types"], entry["event_ids"], strict=True))
            if event_id := told.get(kind.type):
                marks[inbox_key(_handlers("documents")[kind.type], event_id)] = key
        for part in in_parts(list(marks)):
            async for row in self._documents.inbox.find(those(part), {"_id": 1}, session=session):
                found[marks[row["_id"]]].said = True

    def judge(self, evidence: Mapping[str, Approval]) -> list[Verdict]:
        due = {key: "approved, and documents has handled the event" for key, approval in evidence.items() if approval.said}
        left = Side("approvals in the journal whose event documents has handled", {"ordered": len(due)})
        due |= {key: "approved, and deleted by its rule since" for key, approval in evidence.items() if approval.purged}
        purged = sum(approval.purged for approval in evidence.values())
        left = Side(left.source, {**left.counts, "cases deleted by rule": purged})
        due |= {key: "approved" for key, approval in evidence.items() if approval.approved and approval.state and key not in due}
        found = {key: approval.state for key, approval in evidence.items()}
        verdict = balance("documents ordered", left, found, due, GROUPS, "state of each entry of the register")
        faults = [
            Fault(key, key, "ready, and its document is not issued" if approval.state else "lost: ready, and it is not there")
            for key, approval in sorted(evidence.items())
            if approval.status
            and approval.state != EntryState.ISSUED
            # told above where the mark says so; the inbox forgets after months, and the register must not
            and not (approval.said and approval.state is None)
        ]
        return [Verdict(verdict.rule, verdict.left, verdict.right, (*verdict.faults, *faults))]


async def _events(publisher: str, dbs: Mapping[str, Any], now: datetime, depths: Depths, between_s: float) -> Verdict:
    """Each event that this service published: in its outbox, or at every service that hears it.

    The outbox first, then the broker's counts, then the inboxes: an event moves that way, and what was in no outbox and in no
    queue must have arrived. Counts are old and two queues are not counted at one moment, so what is missing is looked for
    again, LOOKS times in all.
    """
    since = await first_published(dbs[publisher])
    rows = await published(dbs[publisher], since, now) if since else []
    unsent = await in_outbox(dbs[publisher], [event_id for event_id, _, _ in rows])
    heard = await heard_since(dbs[publisher])
    deliveries = {
        delivery.key: replace(delivery, place="in the outbox") if delivery.event_id in unsent else delivery
        for event_id, kind, at in rows
        for service in topology.subscribers(kind)
        if is_due(heard, service, kind, at)
        for delivery in [Delivery(event_id, service, at)]
    }
    kinds = {event_id: kind for event_id, kind, _ in rows}
    watched = await _watched(dbs[publisher])
    faults: list[Fault] = []
    for look in range(LOOKS):
        missing = [delivery for delivery in deliveries.values() if delivery.place in (None, "in the outbox")]
        if look and not any(delivery.place is None for delivery in missing):
            break
        if look:
            await asyncio.sleep(between_s)
            unsent = await in_outbox(dbs[publisher], [delivery.event_id for delivery in missing])
        queues = (await asyncio.to_thread(depths) if missing else None) or {}
        places = await _places(missing, kinds, dbs)
        for delivery in missing:
            place = places.get(delivery.key) or ("in the outbox" if delivery.event_id in unsent else None)
            deliveries[delivery.key] = replace(delivery, place=place)
        nowhere = [delivery for delivery in deliveries.values() if delivery.place is None]
        faults = missing_faults(nowhere, queues, watched, now, exact=True)
        if not faults:
            break
    left, right = "ids of published events, older than a minute", "its outbox; each subscriber's inbox and dead letters"
    young = sum(len(topology.subscribers(kind)) for kind in await too_young(dbs[publisher], now))
    return events_verdict(publisher, list(deliveries.values()), faults, len(rows), left, right, young=young)


async def _places(missing: Sequence[Delivery], kinds: Mapping[str, str], dbs: Mapping[str, Any]) -> dict[str, str]:
    places: dict[str, str] = {}
    for service in {delivery.subscriber for delivery in missing}:
        names = _handlers(service)
        of_this = {d.event_id: names[kinds[d.event_id]] for d in missing if d.subscriber == service}
        found = await whereabouts(dbs[service], of_this)
        places |= {f"{service}:{event_id}": place for event_id, place in found.items()}
    return places


def _handlers(service: str) -> dict[str, str]:
    """Name of the handler by event type, as the inbox's marks begin."""
    module = importlib.import_module(f"services.{service}.event_handlers")
    return {event.type: handler.__name__ for event, handler in module.HANDLERS.items()}


async def _watched(db: Any) -> dict[str, Watched]:
    """What the publisher's own watch has seen of missing events over time."""
    row = await db.ledger.find_one({"_id": "missing"}) or {}
    return {
        item["key"]: Watched(item["since"], item["empty_since"], item["overtaken_since"]) for item in row.get("deliveries", [])
    }


def queued_at(management_url: str | None, rabbit_url: str) -> Mapping[str, Queued] | None:
    """Messages in all queues of each service, those in a consumer's hands too; None where the broker does not answer."""
    if management_url is None:
        return None
    vhost = urlsplit(rabbit_url).path.removeprefix("/") or "%2F"
    try:
        with httpx.Client(timeout=ANSWER_WITHIN_S, trust_env=False) as client:
            answer = client.get(f"{management_url}/api/queues/{vhost}")
            answer.raise_for_status()
            rows: list[dict[str, Any]] = answer.json()
    except (httpx.HTTPError, ValueError):
        return None
    held: dict[str, int | None] = defaultdict(int)
    for row in rows:
        service, before, counted = row["name"].partition(".")[0], held[row["name"].partition(".")[0]], row.get("messages")
        # a broker that has just come back does not know its counts yet
        held[service] = None if before is None or counted is None else before + counted
    return {service: Queued(count) for service, count in held.items()}
