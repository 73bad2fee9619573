"""Reads of the queue: what is next for an officer, what looks like the same request twice, and what is left at a post."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from services.applications.catalogue import the_catalogue
from services.applications.domain.application import Application
from services.applications.domain.authority import REVIEWING_ROLES
from services.applications.domain.findable import Findable
from services.applications.domain.queue_acts import STAYS
from services.applications.domain.status import OPEN, Status
from services.applications.queue.desks import beyond, desk_of
from services.applications.schema import blind_indexes
from services.applications.scopes import is_seen
from shared.actors import EVERY_POST, Officer
from shared.contracts.applications import OutcomeKind
from shared.mongo.database import Db, Document

NEXT_READ = 64  # a window at the head of the queue: many who ask at once do not all reach for the same case
MOST_WINDOWS = 20
DUPLICATES_SHOWN = 10
DUPLICATES_READ = 50  # whoever may see them
MOVED_AT_ONCE = 200
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


async def next_cases(db: Db, officer: Officer, post_id: str | None) -> list[str]:
    """Ids of what waits to be taken at the officer's posts, urgent first, then what is due first; without what they gave back,
    and what asks for skills that they are not marked with. post_id: only there."""
    found: list[tuple[str, str]] = []
    for post in sorted(_posts(officer, post_id)):
        desk = await desk_of(db, post, officer.id)
        found += await _waiting(db, officer.id, post, frozenset(beyond(desk.skills if desk else ())))
    return [case for _, case in sorted(found)[:NEXT_READ]]


async def _waiting(db: Db, officer_id: str, post: str, beyond_them: Collection[str]) -> list[tuple[str, str]]:
    """Turn and id. Window by window, until there is one for them: what is not stands at the head for others."""
    query: Document = {"post_id": post, "status": Status.SUBMITTED.value}
    shown = {"turn.key": 1, "turn.given_back_by": 1, "service_id": 1}
    for _ in range(MOST_WINDOWS):
        found = db.applications.find(query, shown).sort([("turn.key", 1), ("_id", 1)]).limit(NEXT_READ)
        rows = await found.to_list()
        turns = [(row, row.get("turn") or {}) for row in rows]  # none: handed in before there were turns
        theirs = [
            (turn.get("key", ""), row["_id"])
            for row, turn in turns
            if row["service_id"] not in beyond_them and officer_id not in turn.get("given_back_by", ())
        ]
        if theirs or len(rows) < NEXT_READ:
            return theirs
        query["turn.key"] = {"$gte": turns[-1][1].get("key", "")}
    return []


def _posts(officer: Officer, wanted: str | None) -> Collection[str]:
    posts = officer.posts_with(REVIEWING_ROLES) - {EVERY_POST}
    return posts if wanted is None else posts & {wanted}


async def likely_duplicates(db: Db, officer: Officer, application: Application) -> list[Duplicate]:
    """Of what the officer may see, other open cases of the same person for the same service, or with the same PIN."""
    wanted = {"reference": 1, "service_id": 1, "post_id": 1, "status": 1, "deciding_at": 1}
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
    definition = the_catalogue().version(application.service_id, application.service_version)
    pins = [
        Findable("pin", value)
        for field in definition.fields
        if field.type == "pin" and (value := application.answers.get(field.key))
    ]
    return {"found_by": {"$in": blind_indexes(pins, db.keys.blind)}} if pins and not application.is_erased else {}


def _duplicate(row: Document, why: Why) -> Duplicate:
    return Duplicate(row["_id"], row["reference"], row["service_id"], row["post_id"], Status(row["status"]), why)


async def left_at(db: Db, post_id: str) -> list[str]:
    """Ids of what moves when the post closes, MOVED_AT_ONCE of them; drafts too, so that nobody hands in to a closed post."""
    on_paper = {"status": Status.READY.value, "outcome": {"$ne": OutcomeKind.DIGITAL_DOCUMENT.value}}
    going_on = {"status": {"$in": [status.value for status in Status if status not in (*STAYS, Status.READY)]}}
    found: list[str] = []
    for query in (going_on, on_paper):
        rows = db.applications.find({"post_id": post_id} | query, {"_id": 1}).limit(MOVED_AT_ONCE - len(found))
        found += [row["_id"] async for row in rows]
        if len(found) >= MOVED_AT_ONCE:
            break
    return found


async def count_left_at(db: Db, post_id: str) -> int:
    """No more than MOVED_AT_ONCE."""
    return len(await left_at(db, post_id))


def spread(cases: Sequence[str], asking: int, chance: float) -> list[str]:
    """The order in which to try. asking: who ask in this moment; alone one takes the first, a crowd begins spread over the first
    so many. chance: 0 to 1."""
    start = int(chance * min(asking, len(cases)))
    return [*cases[start:], *cases[:start]]
