"""Reads of the queue: what is next for an officer, what looks like the same request twice, and what is left at a post."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from services.applications.catalogue import the_catalogue
from services.applications.catalogue.queue_rules import queue_rules
from services.applications.domain.application import Application
from services.applications.domain.authority import REVIEWING_ROLES
from services.applications.domain.closing import Closure, Left
from services.applications.domain.findable import Findable
from services.applications.domain.queue_acts import STAYS
from services.applications.domain.status import GIVEN, ISSUED, OPEN, Status
from services.applications.queue.desks import left_to_others
from services.applications.schema import blind_indexes
from services.applications.scopes import any_of, is_seen
from shared.actors import EVERY_POST, Officer
from shared.contracts.applications import OutcomeKind
from shared.mongo.database import Db, Document

NEXT_READ = 64  # a window at the head of the queue: many who ask at once do not all reach for the same case
MOST_WINDOWS = 20
DUPLICATES_SHOWN = 10
DUPLICATES_READ = 50  # whoever may see them
MOVED_AT_ONCE = 200
MOST_GIVEN_BACK = 200
Why = Literal["same-service", "same-pin"]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another open case that may be the same request. why: the same account and service, or the same PIN in the answers."""

    id: str
    reference: str
    service_id: str
    post_id: str
    status: Status
    why: Why


async def next_cases(db: Db, officer: Officer, post_id: str | None, now: datetime) -> list[str]:
    """Ids of what waits to be taken at the officer's posts, urgent first, then what is due first; without what they gave back,
    as long as others may take it instead, and what others of the post are marked as able to do, and they are not. post_id: only
    there."""
    found: list[tuple[str, str]] = []
    for post in sorted(_posts(officer, post_id)):
        found += await _waiting(db, officer.id, post, await left_to_others(db, post, officer.id), now)
    return [case for _, case in sorted(found)[:NEXT_READ]]


async def _waiting(db: Db, officer_id: str, post: str, beyond_them: Collection[str], now: datetime) -> list[tuple[str, str]]:
    """Turn and id. Window by window, until there is one for them: what is not stands at the head for others."""
    query: Document = {"post_id": post, "status": Status.SUBMITTED.value}
    shown = {"turn.key": 1, "turn.given_back_by": 1, "turn.given_back_at": 1, "service_id": 1}
    others_until = now - queue_rules().offered_again_after
    for _ in range(MOST_WINDOWS):
        found = db.applications.find(query, shown).sort([("turn.key", 1), ("_id", 1)]).limit(NEXT_READ)
        rows = await found.to_list()
        turns = [(row, row.get("turn") or {}) for row in rows]  # none: handed in before there were turns
        theirs = [
            (turn.get("key", ""), row["_id"])
            for row, turn in turns
            if row["service_id"] not in beyond_them and not _left_to_others(turn, officer_id, others_until)
        ]
        if theirs or len(rows) < NEXT_READ:
            return theirs
        query["turn.key"] = {"$gte": turns[-1][1].get("key", "")}
    return []


def _left_to_others(turn: Document, officer_id: str, since: datetime) -> bool:
    """They gave it back, and those who did not have not had long enough to take it."""
    given_back_at = turn.get("given_back_at")
    return given_back_at is not None and given_back_at > since and officer_id in turn["given_back_by"]


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A case that waits since somebody gave it back. times: by how many. Nothing about a person."""

    id: str
    reference: str
    service_id: str
    service_version: int
    post_id: str
    due_on: str | None
    urgent: bool
    times: int
    at: datetime


async def nobody_has(db: Db, posts: Collection[str]) -> list[GivenBack]:
    """What was given back and nobody has taken since; who waits for longest first."""
    given_back: Document = {"turn.given_back_at": {"$gt": datetime(1970, 1, 1, tzinfo=UTC)}}
    query: Document = {"post_id": any_of(posts), "status": Status.SUBMITTED.value} | given_back
    wanted = {"reference": 1, "service_id": 1, "service_version": 1, "post_id": 1, "due_on": 1, "turn": 1}
    found = db.applications.find(query, wanted).sort([("turn.given_back_at", 1), ("_id", 1)]).limit(MOST_GIVEN_BACK)
    return [_given_back(row) for row in await found.to_list()]


def _given_back(row: Document) -> GivenBack:
    turn, of_case = row["turn"], (row["reference"], row["service_id"], row["service_version"], row["post_id"], row["due_on"])
    return GivenBack(row["_id"], *of_case, turn["urgent"], len(turn["given_back_by"]), turn["given_back_at"])


def _posts(officer: Officer, wanted: str | None) -> Collection[str]:
    posts = officer.posts_with(REVIEWING_ROLES) - {EVERY_POST}
    return posts if wanted is None else posts & {wanted}


async def likely_duplicates(db: Db, officer: Officer, application: Application) -> list[Duplicate]:
    """Of what the officer may see, other open cases of the same person for the same service, or with the same PIN."""
    wanted = {"reference": 1, "service_id": 1, "post_id": 1, "status": 1, "deciding_at": 1, "submitted_at": 1}
    still_open = {status.value for status in OPEN}
    same_service = {"citizen_id": application.citizen_id, "service_id": application.service_id}
    by_id: dict[str, Duplicate] = {}
    for why, query in (("same-service", same_service), ("same-pin", _same_pin(db, application))):
        if query:
            for row in await db.applications.find(query, wanted).limit(DUPLICATES_READ).to_list():
                if row["_id"] != application.id and row["status"] in still_open and is_seen(officer, row):
                    by_id.setdefault(row["_id"], _duplicate(row, "same-pin" if why == "same-pin" else "same-service"))
    return sorted(by_id.values(), key=lambda each: each.reference)[:DUPLICATES_SHOWN]


def _same_pin(db: Db, application: Application) -> Document:
    definition = the_catalogue().definition_of(application)
    pins = [
        Findable("pin", value)
        for field in definition.fields
        if field.type == "pin" and (value := application.answers.get(field.key))
    ]
    return {"found_by": {"$in": blind_indexes(pins, db.keys.blind)}} if pins and not application.is_erased else {}


def _duplicate(row: Document, why: Why) -> Duplicate:
    return Duplicate(row["_id"], row["reference"], row["service_id"], row["post_id"], Status(row["status"]), why)


async def left_at(db: Db, post_id: str, *, stuck: Collection[str] = ()) -> list[Left]:
    """What moves when the post closes, MOVED_AT_ONCE of it; drafts too, so that nobody hands in to a closed post; what its
    citizen has already, last. stuck: ids of what is known to stay."""
    digital = OutcomeKind.DIGITAL_DOCUMENT.value
    on_paper = {"status": Status.READY.value, "outcome": {"$ne": digital}}
    going_on = {"status": {"$in": [status.value for status in Status if status not in (*STAYS, *ISSUED)]}}
    downloaded = {"status": Status.READY.value, "outcome": digital}
    given = {"status": {"$in": [status.value for status in GIVEN]}}
    found: list[Left] = []
    for query, over in ((going_on, False), (on_paper, False), (downloaded, True), (given, True)):
        wanted: Document = {"post_id": post_id} | query | ({"_id": {"$nin": sorted(stuck)}} if stuck else {})
        rows = db.applications.find(wanted, {"service_id": 1, "service_version": 1}).limit(MOVED_AT_ONCE - len(found))
        found += [Left(row["_id"], row["service_id"], row["service_version"], over) async for row in rows]
        if len(found) >= MOVED_AT_ONCE:
            break
    return found


async def count_left_at(db: Db, closure: Closure) -> int:
    """Of what can move. No more than MOVED_AT_ONCE."""
    return len(await left_at(db, closure.id, stuck=closure.stuck))


def spread(cases: Sequence[str], asking: int, chance: float) -> list[str]:
    """The order in which to try. asking: who ask in this moment; alone one takes the first, a crowd begins spread over the first
    so many. chance: 0 to 1."""
    start = int(chance * min(asking, len(cases)))
    return [*cases[start:], *cases[:start]]
