"""Who looked at an application, as the log of the audit tells it, and what its citizen objects to."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pymongo import IndexModel

from services.applications.domain.application import Application
from services.applications.domain.errors import LookNotFound
from services.applications.scopes import any_of
from shared.actors import EVERY_POST, Officer
from shared.mongo.audit import LOG
from shared.mongo.database import Db, Document, Indexes

OBJECTIONS = "objections"
INDEXES: Indexes = {
    OBJECTIONS: [
        IndexModel([("post_id", 1), ("at", -1)]),
        IndexModel([("at", -1)]),  # all of them, as the ministry lists them
        IndexModel("application_id"),
        IndexModel([("citizen_id", 1), ("_id", 1)]),
    ]
}
SHOWN = 200
READERS, ANSWERERS = ("head", "ministry", "auditor"), ("head", "ministry")
Answer = Literal["justified", "not-justified", "passed-on"]
State = Literal["open", "answered"]


@dataclass(frozen=True, slots=True)
class Look:
    number: int
    id: str
    at: datetime
    act: str
    who: dict[str, Any]
    reason: str | None


async def looks_at(db: Db, application: Application, *, before: int | None, limit: int) -> list[Look]:
    """Newest first, of those who are not its citizen. What was looked at a second ago may not have its number yet."""
    query: Document = {"case": application.id, "kind": "look"} | ({"_id": {"$lt": before}} if before else {})
    rows = await db[LOG].find(query).sort("_id", -1).limit(limit).to_list()
    return [_look(row) for row in rows]


async def look_of(db: Db, application_id: str, entry_id: str) -> Look:
    """Raises LookNotFound, also where it was a look at another application."""
    row = await db[LOG].find_one({"id": entry_id})
    if row is None or row.get("case") != application_id or row["kind"] != "look":  # none of them once its content was deleted
        raise LookNotFound
    return _look(row)


async def objected_to(db: Db, application_id: str) -> dict[str, Document]:
    """By the look's id."""
    return {row["look_id"]: row async for row in db[OBJECTIONS].find({"application_id": application_id})}


async def objections_for(db: Db, officer: Officer, state: State | None) -> list[Document]:
    """Newest first, of the posts that the officer heads; of all for the ministry and an auditor."""
    query = scope_of(officer) | ({} if state is None else {"answered_at": None if state == "open" else {"$ne": None}})
    return await db[OBJECTIONS].find(query).sort("at", -1).limit(SHOWN).to_list()


def scope_of(officer: Officer) -> Document:
    posts = officer.posts_with(READERS)
    return {} if EVERY_POST in posts else {"post_id": any_of(posts)}


def may_answer(row: Document, officer: Officer) -> bool:
    """Not who looked, and only somebody who is over the officers of that post."""
    return officer.id != row["officer_id"] and bool(officer.roles_at(row["post_id"]) & set(ANSWERERS))


def _look(row: Document) -> Look:
    entry = json.loads(row["text"])
    return Look(row["_id"], row["id"], row["at"], row["act"], entry["who"], entry["reason"])
