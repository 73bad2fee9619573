"""Reads for screens and lists. Each takes who is asking; lists are paged by key, never by offset."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.applications.domain.application import Application, Status
from services.applications.domain.errors import ApplicationNotFound
from services.applications.schema import MAPPER
from shared.actors import Citizen, Officer
from shared.errors import FieldError, InvalidInput
from shared.mongo.database import Db, Document
from shared.texts import N_

_ROW = (
    "reference", "service_id", "service_version", "post_id", "status", "status_since", "started_at", "submitted_at", "due_on",
    "claimed_by", "issue_problem",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list: no answers."""

    id: str
    reference: str
    service_id: str
    service_version: int
    post_id: str
    status: Status
    status_since: datetime
    started_at: datetime
    submitted_at: datetime | None
    due_on: str | None
    claimed_by: str | None
    issue_problem: str | None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    next: str | None  # give it as `after` to read on


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the journal."""

    sequence: int
    at: datetime
    actor: Mapping[str, str | None]
    action: str
    reason: str | None
    event_ids: list[str]
    event_types: list[str]


async def application_for(db: Db, actor: Citizen | Officer, application_id: str) -> Application:
    """Raises ApplicationNotFound, also where the actor may not see it."""
    application = await application_of(db, application_id)
    application.must_be_seen_by(actor)
    return application


async def application_of(db: Db, application_id: str) -> Application:
    """For a service of ours. Raises ApplicationNotFound."""
    document = await db.applications.find_one({"_id": application_id})
    if document is None:
        raise ApplicationNotFound
    return MAPPER.from_document(document)


async def journal_for(db: Db, actor: Citizen | Officer, application_id: str) -> list[Entry]:
    """All of it, oldest first. Raises ApplicationNotFound."""
    await application_for(db, actor, application_id)
    found = await db.journal.find({"application_id": application_id}).sort("sequence", 1).to_list()
    fields = ("sequence", "at", "actor", "action", "reason", "event_ids", "event_types")
    return [Entry(**{name: row[name] for name in fields}) for row in found]


async def own_applications(db: Db, citizen: Citizen, *, after: str | None, limit: int) -> Page:
    """A citizen's own, newest first."""
    return await _page(db, {"citizen_id": citizen.id}, "started_at", -1, after, limit)


async def queue_of_post(db: Db, officer: Officer, status: Status, *, after: str | None, limit: int) -> Page:
    """What stands in one status at the officer's own post, oldest submission first. Drafts belong to nobody but their citizen."""
    if status in (Status.DRAFT, Status.EXPIRED):
        return Page([], None)
    return await _page(db, {"post_id": officer.post_id, "status": status.value}, "submitted_at", 1, after, limit)


async def attachment_in_use(db: Db, application_id: str, attachment_id: str) -> bool:
    """Whether the application holds this file now."""
    held = {"_id": application_id, "attachment.id": attachment_id}
    return await db.applications.find_one(held, {"_id": 1}) is not None


async def _page(db: Db, query: Document, key: str, direction: int, after: str | None, limit: int) -> Page:
    if after is not None:
        at, last_id = _position(after)
        beyond = "$gt" if direction > 0 else "$lt"
        query = query | {"$or": [{key: {beyond: at}}, {key: at, "_id": {beyond: last_id}}]}
    found = db.applications.find(query, dict.fromkeys(_ROW, 1)).sort([(key, direction), ("_id", direction)])
    documents = await found.limit(limit + 1).to_list()
    rows = [_row(document) for document in documents[:limit]]
    more = len(documents) > limit
    return Page(rows, _cursor(documents[limit - 1][key], rows[-1].id) if more else None)


def _row(document: Mapping[str, Any]) -> Row:
    values = {name: document[name] for name in _ROW} | {"status": Status(document["status"])}
    return Row(id=document["_id"], **values)


def _cursor(at: datetime, last_id: str) -> str:
    return base64.urlsafe_b64encode(f"{int(at.timestamp() * 1000)}|{last_id}".encode()).decode().rstrip("=")


def _position(cursor: str) -> tuple[datetime, str]:
    try:
        written = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        milliseconds, _, last_id = written.partition("|")
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC), last_id
    except (binascii.Error, ValueError, OverflowError, OSError):
        raise InvalidInput([FieldError("/after", N_("Use the value of `next` from the page before."))]) from None
