"""What other bodies were asked and have not answered: the inbox of each department, and what each post waits for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.applications.domain.status import Status
from services.applications.queries import COUNTED_UP_TO
from services.applications.scopes import any_of
from shared.actors import POST_ROLES, Officer
from shared.mongo.database import Db, Document

MOST_SHOWN = 200
_FIELDS = {"reference": 1, "service_id": 1, "service_version": 1, "post_id": 1, "body": 1}


@dataclass(frozen=True, slots=True)
class Awaited:
    id: str
    reference: str
    service_id: str
    service_version: int
    post_id: str
    asked_at: datetime


async def awaited_of(db: Db, officer: Officer, body: str) -> list[Awaited]:
    """The longest asked first; of an officer's posts, and of all for the ministry."""
    found = db.applications.find(_asked(officer, body), _FIELDS).sort([("body.at", 1), ("_id", 1)])
    return [_awaited(row) for row in await found.limit(MOST_SHOWN).to_list()]


async def how_many(db: Db, officer: Officer, bodies: Collection[str]) -> dict[str, int]:
    """No number is more than COUNTED_UP_TO."""
    return {body: await db.applications.count_documents(_asked(officer, body), limit=COUNTED_UP_TO) for body in bodies}


def _asked(officer: Officer, body: str) -> Document:
    query: Document = {"body.code": body, "status": Status.WITH_ANOTHER_BODY.value}
    return query if officer.is_ministry else query | {"post_id": any_of(officer.posts_with(POST_ROLES))}


def _awaited(row: Mapping[str, Any]) -> Awaited:
    return Awaited(row["_id"], row["reference"], row["service_id"], row["service_version"], row["post_id"], row["body"]["at"])
