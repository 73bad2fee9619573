"""Cases whose term runs out, for who has them, the heads of their posts and the ministry. Nothing about a person."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.applications.domain.legal_clock import TermAlarm
from services.applications.queries import COUNTED_UP_TO
from services.applications.scopes import any_of
from shared.actors import Officer
from shared.contracts.http import TermCount, TermsRunningOut
from shared.cursors import cursor, read_cursor
from shared.mongo.database import Db, Document

LIST = "terms"  # as its cursors name it
_FIELDS = ("reference", "service_id", "service_version", "post_id", "status", "term_alarm", "due_on", "claimed_by")


@dataclass(frozen=True, slots=True)
class TermRow:
    id: str
    reference: str
    service_id: str
    service_version: int
    post_id: str
    status: str
    alarm: TermAlarm
    due_on: str
    claimed_by: str | None


@dataclass(frozen=True, slots=True)
class TermPage:
    rows: list[TermRow]
    next: str | None  # give it as `after` to read on
    at_risk: int
    overdue: int
    counted_up_to: int = COUNTED_UP_TO


async def terms_running_out(
    db: Db,
    officer: Officer,
    *,
    posts: frozenset[str],
    alarm: TermAlarm | None,
    mine: bool,
    after: str | None,
    limit: int,
) -> TermPage:
    """The longest overdue first. posts: of posts_seen_by. alarm: None: both."""
    theirs: Document = {"post_id": any_of(posts)} | ({"claimed_by": officer.id} if mine else {})
    wanted = [alarm.value] if alarm else [each.value for each in TermAlarm]
    query: Document = theirs | {"term_alarm": any_of(wanted)}
    rows: list[TermRow] = []
    if after is not None:
        due_on, last_id = read_cursor(after, LIST, 2)
        rows = await _read(db, query | {"due_on": due_on, "_id": {"$gt": last_id}}, limit + 1)
        query |= {"due_on": {"$gt": due_on}}
    if len(rows) <= limit:
        rows += await _read(db, query, limit + 1 - len(rows))
    return TermPage(
        rows=rows[:limit],
        next=cursor(LIST, rows[limit - 1].due_on, rows[limit - 1].id) if len(rows) > limit else None,
        at_risk=await _count(db, theirs | {"term_alarm": TermAlarm.AT_RISK.value}),
        overdue=await _count(db, theirs | {"term_alarm": TermAlarm.OVERDUE.value}),
    )


async def _read(db: Db, query: Document, limit: int) -> list[TermRow]:
    """One stretch of an index, as in queries.py."""
    found = db.applications.find(query, dict.fromkeys(_FIELDS, 1)).sort([("due_on", 1), ("_id", 1)])
    return [_row(document) for document in await found.limit(limit).to_list()]


async def running_out(db: Db, posts: Iterable[str]) -> TermsRunningOut:
    """At each post, and with each officer who has such cases. No more than COUNTED_UP_TO of a post are looked at."""
    alarms = any_of(each.value for each in TermAlarm)
    there: dict[str, Counter[str]] = {}
    theirs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    at_posts: dict[str, dict[str, TermCount]] = {}
    for post in posts:
        found = db.applications.find({"post_id": post, "term_alarm": alarms}, {"claimed_by": 1, "term_alarm": 1})
        rows = await found.limit(COUNTED_UP_TO).to_list()
        if rows:
            there[post] = Counter(row["term_alarm"] for row in rows)
        with_whom: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            if row.get("claimed_by"):
                with_whom[row["claimed_by"]][row["term_alarm"]] += 1
        for officer, count in with_whom.items():
            theirs[officer] += count
        if with_whom:
            at_posts[post] = _counts(with_whom)
    return TermsRunningOut(posts=_counts(there), officers=_counts(theirs), at_posts=at_posts)


def _counts(counted: Mapping[str, Counter[str]]) -> dict[str, TermCount]:
    at_risk, overdue = TermAlarm.AT_RISK.value, TermAlarm.OVERDUE.value
    return {name: TermCount(at_risk=count[at_risk], overdue=count[overdue]) for name, count in counted.items()}


def _row(document: Mapping[str, Any]) -> TermRow:
    values: dict[str, Any] = {name: document.get(name) for name in _FIELDS if name != "term_alarm"}
    return TermRow(id=document["_id"], alarm=TermAlarm(document["term_alarm"]), **values)


async def _count(db: Db, query: Document) -> int:
    return await db.applications.count_documents(query, limit=COUNTED_UP_TO)
