"""What the daily purge deletes of one kind, in small transactions, each of which asks anew: is it due, is it closed, is it held.

A kind is declared once, beside the schema of its service (services/*/retention.py). What belongs to a row goes with it in the
same transaction. A hold that is placed meanwhile meets the transaction at one row, so that one of the two waits for the other.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pymongo import DESCENDING, IndexModel

from shared.mongo.database import Db, Document, Indexes, Session
from shared.mongo.erasure import HOLDS
from shared.mongo.transactions import UnitOfWork
from shared.retention.rules import KindRule, RulesUnusable
from shared.retention.terms import Term

STATE, REPORTS, PURGED = "purge_state", "purge_reports", "purged"
INDEXES: Indexes = {
    STATE: [],
    REPORTS: [IndexModel([("began_at", DESCENDING), ("_id", DESCENDING)])],
    PURGED: [IndexModel("run")],  # _id is that of what was deleted
}
TURN: Final = ({"_id": "fence"}, {"$inc": {"turn": 1}})  # who places a hold changes this row too, in the same transaction
PURGE_ACT: Final = "retention:purge"
NOT_CLOSED: Final = "not-closed"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that may be due. counted_from: the moment its term is counted from. person and case: by whom it is held."""

    id: Any
    counted_from: datetime
    person: str | None
    case: str | None
    row: Document


Together = Callable[[Sequence[Item], UnitOfWork], Awaitable[None]]
Spared = Callable[[Sequence[Item], Db, Session | None, KindRule, datetime], Awaitable[dict[Any, str]]]  # by id: why not yet


@dataclass(frozen=True, slots=True)
class Purged:
    """A kind as its service deletes it.

    moment, person, case: names of fields, dotted where they lie deeper. closed: which rows are closed. not_closed: those that
    would be due, were they closed, with the field that they are as old as. more: further fields that together and spared read.
    together: what goes with them. spared: why some stay for now. instead: in place of deleting the rows. remembered: the ids are
    written down, for ledgers that compare them with what others keep. at_least: a rule with a shorter term is refused.
    """

    kind: str
    collection: str
    moment: str
    closed: Document = field(default_factory=dict)
    not_closed: tuple[str, Document] | None = None
    person: str | None = None
    case: str | None = None
    more: tuple[str, ...] = ()
    together: Together | None = None
    spared: Spared | None = None
    instead: Together | None = None
    remembered: bool = False
    at_least: str = "PT1S"
    act: str = PURGE_ACT
    at_once: int = 50  # rows of one transaction
    rule_names: str = ""  # the collection under which the rule stands, where that is another one

    def must_suit(self, rule: KindRule) -> None:
        """Raises RulesUnusable."""
        if rule.rule.by != "purge" or (self.rule_names or self.collection) not in rule.rule.collections:
            raise RulesUnusable(f"{rule.kind}: it is not the daily purge that deletes it from {self.collection}")
        if rule.rule.term.shortest < Term.parse(self.at_least).shortest:
            raise RulesUnusable(f"{rule.kind}: {rule.rule.keep_for} is shorter than {self.at_least}, which other parts rely on")

    def due(self, rule: KindRule, now: datetime) -> Document:
        """All that is closed and may be due; whether it is, has_passed tells of each."""
        return {self.moment: {"$lt": rule.due_before(now)}, **self.closed}

    @property
    def wanted(self) -> dict[str, int]:
        names = (self.moment, *(name for name in (self.person, self.case) if name), *self.more)
        return dict.fromkeys(names, 1)

    def item(self, row: Document) -> Item:
        person, case = (_at(row, name) if name else None for name in (self.person, self.case))
        return Item(row["_id"], _at(row, self.moment), person, case, row)

    async def next_ids(self, db: Db, rule: KindRule, now: datetime, after: Any) -> list[Any]:
        """A page of them, in the order of their ids; after: the last one of the page before."""
        query = self.due(rule, now) | ({} if after is None else {"_id": {"$gt": after}})
        rows = await db[self.collection].find(query, {self.moment: 1}).sort("_id", 1).limit(self.at_once).to_list()
        return [row["_id"] for row in rows]

    async def count_due(self, db: Db, rule: KindRule, now: datetime, most: int) -> int:
        return await db[self.collection].count_documents(self.due(rule, now), limit=most)

    async def count_not_closed(self, db: Db, rule: KindRule, now: datetime, most: int) -> int:
        """Old enough, and not closed."""
        if self.not_closed is None:
            return 0
        moment, query = self.not_closed
        return await db[self.collection].count_documents({moment: {"$lt": rule.due_before(now)}, **query}, limit=most)

    async def read(self, db: Db, rule: KindRule, now: datetime, ids: Sequence[Any], session: Session | None) -> list[Item]:
        """Those of the ids that are due, as they are in this transaction."""
        query = {**self.due(rule, now), "_id": {"$in": list(ids)}}
        rows = await db[self.collection].find(query, self.wanted, session=session).to_list()
        return [item for item in map(self.item, rows) if rule.has_passed(item.counted_from, now)]

    async def held(self, items: Sequence[Item], db: Db, session: Session | None, rule: KindRule, now: datetime) -> dict[Any, str]:
        """Which of them stay for now, and why: an open hold of their person or case, or what the kind itself sees."""
        held = await _held(items, db, session)
        free = [item for item in items if item.id not in held]
        return held | (await self.spared(free, db, session, rule, now) if self.spared and free else {})

    async def delete(self, items: Sequence[Item], uow: UnitOfWork) -> None:
        if self.together:
            await self.together(items, uow)
        if self.instead:
            await self.instead(items, uow)
        else:
            ids = [item.id for item in items]
            await uow.db[self.collection].delete_many({"_id": {"$in": ids}}, session=uow.session)


@dataclass(frozen=True, slots=True)
class PurgeBatch:
    """run: names the day's purge. ids: what the last look found."""

    purged: Purged
    rule: KindRule
    run: str
    ids: Sequence[Any]


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    deleted: int
    held: Mapping[str, int]  # by reason


async def purge_batch(command: PurgeBatch, uow: UnitOfWork) -> BatchOutcome:
    """Delete those of the ids that are due, closed and not held, with all that belongs to them, an entry of the audit and the
    line of the report; what was deleted meanwhile is passed over."""
    purged, rule = command.purged, command.rule
    await uow.db[STATE].update_one(*TURN, upsert=True, session=uow.session)
    items = await purged.read(uow.db, rule, uow.at, command.ids, uow.session)
    held = await purged.held(items, uow.db, uow.session, rule, uow.at)
    free = [item for item in items if item.id not in held]
    if free:
        await purged.delete(free, uow)
        _note(command, free, uow)
        await _count(command, free, uow)
    return BatchOutcome(len(free), Counter(held.values()))


async def _held(items: Sequence[Item], db: Db, session: Session | None) -> dict[Any, str]:
    """A hold is placed on a case, and keeps all that is there of its person."""
    persons = sorted({item.person for item in items if item.person})
    cases = sorted({item.case for item in items if item.case})
    if not persons and not cases:
        return {}
    by_person, by_case = {}, {}
    either = {"released_at": None, "$or": [{"person_id": {"$in": persons}}, {"case": {"$in": cases}}]}
    async for hold in db[HOLDS].find(either, session=session):
        by_person[hold["person_id"]] = by_case[hold["case"]] = f"hold-{hold['kind']}"
    reasons = {item.id: by_person.get(item.person) or by_case.get(item.case) for item in items}
    return {key: reason for key, reason in reasons.items() if reason}


def _note(command: PurgeBatch, items: Sequence[Item], uow: UnitOfWork) -> None:
    about: dict[str, Any] = {
        "kind": command.rule.kind,
        "rule": command.rule.version,
        "run": command.run,
        "count": len(items),
    }
    if command.purged.act != PURGE_ACT:
        about["term"] = command.rule.rule.keep_for
        about["numbers"] = spans_of([item.id for item in items])
    elif command.purged.remembered:
        about["ids"] = [str(item.id) for item in items]
        for item in items:
            row = {"_id": str(item.id), "kind": command.rule.kind, "run": report_id(command.run, command.rule.kind), "at": uow.at}
            uow.insert(PURGED, row)
    uow.audit(command.purged.act, about=about, reason="retention")


def spans_of(numbers: Sequence[int]) -> list[str]:
    """1, 2, 3, 7 as 1-3 and 7-7."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return [f"{first}-{last}" for first, last in spans]


def report_id(run: str, kind: str) -> str:
    return f"{run}:{kind}"


async def _count(command: PurgeBatch, items: Sequence[Item], uow: UnitOfWork) -> None:
    """In the batch's own transaction: a kill leaves the line and what it counts together, or neither."""
    key = {"_id": report_id(command.run, command.rule.kind)}
    row = await uow.db[REPORTS].find_one(key, session=uow.session)
    moments = [item.counted_from for item in items] + [row[name] for name in ("closed_from", "closed_to") if row and row[name]]
    change = {
        "deleted": len(items) + (row["deleted"] if row else 0),
        "closed_from": min(moments),
        "closed_to": max(moments),
    }
    await uow.db[REPORTS].update_one(key, {"$set": change}, session=uow.session)


def _at(row: Document, path: str) -> Any:
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


async def purged_ids(db: Db, ids: Sequence[str], session: Session | None = None) -> set[str]:
    """Which of these were deleted by a rule."""
    return {row["_id"] async for row in db[PURGED].find({"_id": {"$in": list(ids)}}, {"_id": 1}, session=session)}
