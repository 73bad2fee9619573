"""Where the work of posts stands: who holds how much, how much of it is late, and what waits for longest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from services.applications.domain.legal_clock import TermAlarm
from services.applications.domain.status import UNDECIDED, Status
from services.applications.queries import COUNTED_UP_TO, waits_longest
from shared.mongo.database import Db, Document

STANDS = (  # as the work goes through a post
    Status.FEE_DUE, Status.SUBMITTED, Status.IN_REVIEW, Status.PAPERS_REQUESTED, Status.WITH_ANOTHER_BODY, Status.PROPOSED,
    Status.AWAITING_BLANK, Status.AWAITING_VISIT, Status.AWAITING_ARRIVAL, Status.READY,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stand:
    """oldest: when the longest waiting of them was handed in."""

    status: Status
    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class PostStand:
    post_id: str
    open: int
    at_risk: int
    overdue: int
    unanswered_since: datetime | None


async def stands_of(db: Db, post_id: str) -> list[Stand]:
    """No number is more than COUNTED_UP_TO."""
    found = []
    for status in STANDS:
        there: Document = {"post_id": post_id, "status": status.value}
        first = await db.applications.find(there, {"submitted_at": 1}).sort([("submitted_at", 1), ("_id", 1)]).limit(1).to_list()
        count = await db.applications.count_documents(there, limit=COUNTED_UP_TO) if first else 0
        found.append(Stand(status, count, first[0]["submitted_at"] if first else None))
    return found


async def held_at(db: Db, post_id: str, today: str) -> dict[str, tuple[int, int]]:
    """How many undecided cases each officer has, and how many of these are overdue; of COUNTED_UP_TO. today: as an ISO date."""
    undecided: Document = {"post_id": post_id, "status": {"$in": [each.value for each in UNDECIDED]}}
    rows = await db.applications.find(undecided, {"claimed_by": 1, "due_on": 1}).limit(COUNTED_UP_TO).to_list()
    held: dict[str, tuple[int, int]] = {}
    for row in rows:
        if officer := row.get("claimed_by"):
            claimed, overdue = held.get(officer, (0, 0))
            held[officer] = (claimed + 1, overdue + bool(row.get("due_on") and row["due_on"] < today))
    return held


async def stands_of_posts(db: Db, posts: Collection[str]) -> list[PostStand]:
    """Those where anything is open."""
    found = []
    for post in sorted(posts):
        open_there: Document = {"post_id": post, "status": {"$in": [each.value for each in UNDECIDED]}}
        if not (count := await db.applications.count_documents(open_there, limit=COUNTED_UP_TO)):
            continue
        at_risk, overdue = [await _alarmed(db, post, alarm) for alarm in (TermAlarm.AT_RISK, TermAlarm.OVERDUE)]
        found.append(PostStand(post, count, at_risk, overdue, await waits_longest(db, {post})))
    return found


async def _alarmed(db: Db, post: str, alarm: TermAlarm) -> int:
    return await db.applications.count_documents({"post_id": post, "term_alarm": alarm.value}, limit=COUNTED_UP_TO)
