"""How much there is at a post: of what is in hand, in one question; of what grows for ever, no further than a bound."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.applications import queries
from services.applications.domain.status import OPEN, UNDECIDED, Status
from services.applications.domain.turn import WITH_THE_POST
from services.applications.scopes import OF_A_POST, any_of, deciding_places
from shared.actors import Officer
from shared.mongo.database import Db, Document

ENDED = tuple(status for status in OF_A_POST if status not in OPEN)


@dataclass(frozen=True, slots=True)
class Counts:
    """No number is more than queries.COUNTED_UP_TO."""

    by_status: Mapping[Status, int]
    mine: int  # claimed by the officer and not decided
    overdue: int  # not decided and past the day it was due
    given: int  # proposed elsewhere, and given to the officer's post or the ministry to decide
    ready: int  # not decided, and can be decided as it is
    unanswered: int  # their citizens wrote, and nobody answered
    unanswered_since: datetime | None  # the one who waits for longest


async def counts_of_post(db: Db, officer: Officer, posts: frozenset[str], today: date) -> Counts:
    """today: of the posts. Asked side by side: one after the other, a busy database keeps the officer waiting for each."""
    scope = {"post_id": any_of(posts)}
    given = {"deciding_at": any_of(deciding_places(officer)), "status": Status.PROPOSED.value}
    bounded = (given, scope | queries.UNANSWERED, *(scope | {"status": status.value} for status in ENDED))
    in_hand, counted = await asyncio.gather(
        _in_hand(db, officer, scope, today), asyncio.gather(*(_count(db, query) for query in bounded))
    )
    given_count, unanswered, *ended = counted
    by_status = dict.fromkeys(OF_A_POST, 0) | dict(zip(ENDED, ended, strict=True))
    by_status |= {status: _no_more(row["all"]) for status, row in in_hand.items()}

    def marked(mark: str, statuses: Collection[Status]) -> int:
        return _no_more(sum(row[mark] for status, row in in_hand.items() if status in statuses))

    return Counts(
        by_status,
        mine=marked("mine", UNDECIDED),
        overdue=marked("late", WITH_THE_POST),  # what is awaited elsewhere is not
        given=given_count,
        ready=marked("ready", UNDECIDED),
        unanswered=unanswered,
        unanswered_since=await queries.waits_longest(db, posts) if unanswered else None,
    )


async def _in_hand(db: Db, officer: Officer, scope: Document, today: date) -> dict[Status, Document]:
    """For each status in which there is still something to do: how many stand in it, and how many of them are marked how."""
    marks = {
        "mine": {"$eq": ["$claimed_by", officer.id]},
        "late": {"$and": [{"$gt": ["$due_on", ""]}, {"$lt": ["$due_on", today.isoformat()]}]},
        "ready": {"$eq": ["$turn.ready", True]},
    }
    sums = {mark: {"$sum": {"$cond": [holds, 1, 0]}} for mark, holds in marks.items()}
    found = await db.applications.aggregate(
        [
            {"$match": scope | {"status": any_of(status.value for status in OPEN)}},
            {"$group": {"_id": "$status", "all": {"$sum": 1}, **sums}},
        ]
    )
    return {Status(row["_id"]): row for row in await found.to_list()}


async def _count(db: Db, query: Document) -> int:
    return await db.applications.count_documents(query, limit=queries.COUNTED_UP_TO)


def _no_more(number: int) -> int:
    return min(number, queries.COUNTED_UP_TO)
