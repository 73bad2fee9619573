"""Who looked at an application, as the log of the audit tells it, and what its citizen objects to."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.applications.domain.application import Application
from services.applications.domain.errors import LookNotFound
from services.applications.scopes import any_of
from shared.actors import EVERY_POST, Officer
from shared.mongo.audit import LOG
from shared.mongo.database import Db, Document, Indexes

OBJECTIONS = "objections"
INDEXES: Indexes = {OBJECTIONS: [IndexModel([("post_id", 1), ("at", -1)]), IndexModel("application_id")]}
SHOWN = 200


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
    if row is None or row["case"] != application_id or row["kind"] != "look":
        raise LookNotFound
    return _look(row)


async def objected_to(db: Db, application_id: str) -> set[str]:
    return {row["look_id"] async for row in db[OBJECTIONS].find({"application_id": application_id}, {"look_id": 1})}


async def objections_for(db: Db, officer: Officer) -> list[Document]:
    """Newest first, of the posts that the officer heads; of all for the ministry."""
    posts: Collection[str] = officer.posts_with({"head", "ministry"})
    query: Document = {} if EVERY_POST in posts else {"post_id": any_of(posts)}
    return await db[OBJECTIONS].find(query).sort("at", -1).limit(SHOWN).to_list()


def _look(row: Document) -> Look:
    entry = json.loads(row["text"])
    return Look(row["_id"], row["id"], row["at"], row["act"], entry["who"], entry["reason"])
