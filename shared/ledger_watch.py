"""Each service keeps its own ledger: every minute what became of the events it published, and a part of its own accounts.

The minute's look reads published events by their index on `at`, from where the last look ended, and asks the services that
hear them by HTTP: only ids travel. What has not arrived is carried on to the next look. Its own accounts, as ./eshik ledger
reads them, are read in parts by ranges of ids: each part once in an hour, so that a big database costs little at any moment.
One process of a service does it, the one that holds the lease. The result is the document `last` of the collection ledger.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from pymongo.errors import PyMongoError

from shared.errors import NotFound, Unavailable
from shared.ledger import KEPT_FOR, SETTLED_AFTER, Delivery, Queued, Verdict, Watched, missing_faults, watch
from shared.messaging import topology
from shared.mongo.audit_account import AuditAccount
from shared.mongo.database import BACKGROUND_TIMEOUT_S, Db, Document, within
from shared.mongo.leases import Lease
from shared.mongo.ledger import (
    UNTIL_TAKEN_UP_S,
    Account,
    JobsAccount,
    Span,
    in_outbox,
    in_parts,
    is_due,
    note_heard,
    parts_of_all,
    published,
    settled,
)
from shared.mongo.seals_account import SealsAccount
from shared.runtime import Runtime

log = structlog.get_logger(__name__)

EVERY_S = 60.0
PARTS, PARTS_AT_ONCE = 256, 5  # of the accounts: all of them in 52 minutes, and no look is a big one
BROKEN_AT_ONCE = 20
SPANS = parts_of_all(PARTS)
JOBS = -1  # stands for the part of all jobs
LEASE_TTL_S = 180.0
AT_FIRST = timedelta(hours=1)  # how far back the very first look goes; ./eshik ledger looks at all of it
OVERLAP = timedelta(minutes=2)  # an event is dated when its work begins, and is there when it is committed
AT_MOST = 20_000  # events of one look, and deliveries carried on
ASKED_AT_ONCE = 500
IDS_TOLD = 20

Accounts = Callable[[Db, datetime, Span], Sequence[Account[Any]]]


class Peer(Protocol):
    """A service that hears our events."""

    async def known(self, events: Mapping[str, Sequence[str]]) -> tuple[Mapping[str, str], int | None]:
        """events: ids by type. Out: where those that it knows are, and how many messages wait in its queues.

        Raises Unavailable.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Carried:
    delivery: Delivery
    kind: str


class LedgerWatch:
    def __init__(self, runtime: Runtime, accounts: Accounts, peers: Mapping[str, Peer]) -> None:
        self._runtime, self._accounts, self._peers = runtime, accounts, peers
        self._told: Document = {}

    @property
    def _db(self) -> Db:
        return self._runtime.database.db

    async def run(self) -> None:
        """Until cancelled."""
        await self._runtime.prepared()
        lease = Lease(self._db.leases, "ledger", ttl_s=LEASE_TTL_S)
        try:
            while True:
                await asyncio.sleep(EVERY_S)
                with suppress(Unavailable):
                    if await lease.hold():
                        await self.look()
        finally:
            with suppress(Unavailable):
                await lease.release()

    async def look(self) -> None:
        """One look at what is due. Raises DatabaseUnavailable; another service that is away is looked at the next time."""
        now = self._runtime.clock.now()
        faults = {**await self._look_at_own(now), "events": await self._look_at_events(now)}
        with within(BACKGROUND_TIMEOUT_S):
            found = {rule: ids for rule, ids in faults.items() if ids}
            last = {"at": now, "holds": not found, "faults": {rule: len(ids) for rule, ids in found.items()}}
            ids = {rule: ids[:IDS_TOLD] for rule, ids in found.items()}
            await self._db.ledger.replace_one({"_id": "last"}, {**last, "ids": ids}, upsert=True)
        if ids != self._told:  # once, and again when there are others
            for rule, some in ids.items():
                log.error("ledger_does_not_hold", rule=rule, count=len(found[rule]), ids=some)
            self._told = ids

    async def _look_at_own(self, now: datetime) -> dict[str, list[str]]:
        """The next parts of the accounts, and all jobs. Out: ids by rule, of all parts as they were looked at last."""
        with within(BACKGROUND_TIMEOUT_S):
            own = await self._db.ledger.find_one({"_id": "own"}) or {"next": 0, "faults": []}
        turn = [(own["next"] + offset) % PARTS for offset in range(PARTS_AT_ONCE)]
        broken = sorted({fault["part"] for fault in own["faults"]} - {JOBS, *turn})[:BROKEN_AT_ONCE]
        numbers = [*turn, *broken]  # what was broken is looked at each time, so that it is told when it holds again
        faults = [fault for fault in own["faults"] if fault["part"] not in (*numbers, JOBS)]
        client = self._runtime.database.client
        try:
            for number in numbers:
                for account in (*self._kernels(now, SPANS[number]), *self._accounts(self._db, now, SPANS[number])):
                    faults += _as_rows(number, await settled(client, account))
            faults += _as_rows(JOBS, await settled(client, JobsAccount(self._db, only_suspects=True), wait_s=UNTIL_TAKEN_UP_S))
        except PyMongoError as error:  # the same parts the next time
            log.warning("ledger_not_read", error=type(error).__name__)
            faults, turn = own["faults"], []
        kept = {"next": (own["next"] + len(turn)) % PARTS, "faults": faults[:AT_MOST]}
        with within(BACKGROUND_TIMEOUT_S):
            await self._db.ledger.replace_one({"_id": "own"}, kept, upsert=True)
        ids: dict[str, list[str]] = {}
        for fault in faults:
            ids.setdefault(fault["rule"], []).append(fault["id"])
        return ids

    def _kernels(self, now: datetime, span: Span) -> Sequence[Account[Any]]:
        """What every service keeps."""
        audit = AuditAccount(self._db, self._runtime.name, now, self._runtime.audit_sources, span)
        return (audit, SealsAccount(self._db, self._runtime.sealed, span)) if self._runtime.sealed else (audit,)

    async def _look_at_events(self, now: datetime) -> list[str]:
        """Out: the ids of events that are lost."""
        with within(BACKGROUND_TIMEOUT_S):
            carried, watched = await self._carried(now)
            until = await self._read_new(carried, now)
            unsent = await in_outbox(self._db, list({one.delivery.event_id for one in carried.values()}))
        places, queues = await self._ask({key: one for key, one in carried.items() if one.delivery.event_id not in unsent})
        there = [replace(carried[key].delivery, place=place) for key, place in places.items()]
        left = {key: one for key, one in carried.items() if key not in places}
        # who did not answer is asked the next time; what lies in the outbox cannot be anywhere else
        missing = [one.delivery for one in left.values() if one.delivery.event_id not in unsent]
        nowhere = [delivery for delivery in missing if delivery.subscriber in queues]
        seen = watch(nowhere, there, queues, watched, now)
        faults = missing_faults(nowhere, queues, seen, now, exact=False)
        await self._keep(left, watched | seen, until)
        return sorted({fault.id for fault in faults})

    async def _read_new(self, carried: dict[str, _Carried], now: datetime) -> datetime:
        """Add what was published since the last look. Out: where the next one begins."""
        mark = await self._db.ledger.find_one({"_id": "mark"})
        since: datetime = mark["until"] if mark else now - AT_FIRST
        room = AT_MOST - len(carried)
        if room <= 0:
            return since  # what is carried comes first
        hearing = [(service, event.type) for service, events in topology.SUBSCRIPTIONS.items() for event in events]
        heard = await note_heard(self._db, hearing, now)
        rows = await published(self._db, since - OVERLAP, now, limit=room)
        for event_id, kind, at in rows:
            for service in topology.subscribers(kind):
                if is_due(heard, service, kind, at):
                    delivery = Delivery(event_id, service, at)
                    carried[delivery.key] = _Carried(delivery, kind)
        # where there were more, the next look goes on from the last of these: what lies behind it was not read
        read_to = now - SETTLED_AFTER if len(rows) < room else min(rows[-1][2] + OVERLAP, now - SETTLED_AFTER)
        return max(since, read_to)

    async def _ask(self, carried: Mapping[str, _Carried]) -> tuple[dict[str, str], dict[str, Queued]]:
        places: dict[str, str] = {}
        queues: dict[str, Queued] = {}
        for service in sorted({one.delivery.subscriber for one in carried.values()} & self._peers.keys()):
            of_this = [one for one in carried.values() if one.delivery.subscriber == service]
            try:
                for part in in_parts(of_this, ASKED_AT_ONCE):
                    known, queued = await self._peers[service].known(_by_type(part))
                    places |= {f"{service}:{event_id}": place for event_id, place in known.items()}
                queues[service] = Queued(queued)
            except (Unavailable, NotFound) as error:
                log.warning("ledger_not_answered", service=service, error=type(error).__name__)
        return places, queues

    async def _carried(self, now: datetime) -> tuple[dict[str, _Carried], dict[str, Watched]]:
        """What the last look left over; not what is older than all that a ledger looks at, nor what is heard no longer."""
        row = await self._db.ledger.find_one({"_id": "missing"}) or {}
        carried, watched = {}, {}
        for item in row.get("deliveries", []):
            if item["at"] < now - KEPT_FOR or item["subscriber"] not in topology.subscribers(item["type"]):
                continue
            carried[item["key"]] = _Carried(Delivery(item["event_id"], item["subscriber"], item["at"]), item["type"])
            if item["since"]:
                watched[item["key"]] = Watched(item["since"], item["empty_since"], item["overtaken_since"])
        return carried, watched

    async def _keep(self, left: Mapping[str, _Carried], watched: Mapping[str, Watched], until: datetime) -> None:
        items = []
        for key, one in left.items():
            seen = watched.get(key)
            since = {name: getattr(seen, name) if seen else None for name in ("since", "empty_since", "overtaken_since")}
            delivery = one.delivery
            about = {"key": key, "event_id": delivery.event_id, "subscriber": delivery.subscriber, "at": delivery.at}
            items.append({**about, "type": one.kind, **since})
        with within(BACKGROUND_TIMEOUT_S):
            await self._db.ledger.replace_one({"_id": "missing"}, {"deliveries": items}, upsert=True)
            await self._db.ledger.replace_one({"_id": "mark"}, {"until": until}, upsert=True)


def _as_rows(part: int, verdicts: Sequence[Verdict]) -> list[Document]:
    return [{"part": part, "rule": verdict.rule, "id": fault.id} for verdict in verdicts for fault in verdict.faults]


def _by_type(part: Sequence[_Carried]) -> dict[str, list[str]]:
    events: dict[str, list[str]] = {}
    for one in part:
        events.setdefault(one.kind, []).append(one.delivery.event_id)
    return events
