"""Reads for screens and lists. Each takes who is asking; lists are paged by key, never by offset."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from services.applications.domain.application import Application
from services.applications.domain.errors import ApplicationNotFound, NoSuchReference
from services.applications.domain.references import read_reference
from services.applications.domain.status import UNDECIDED, Status
from services.applications.schema import MAPPER
from shared.actors import Citizen, Officer
from shared.errors import FieldError, InvalidInput
from shared.mongo.database import Db, Document
from shared.texts import N_

_ROW = (
    "reference", "service_id", "service_version", "post_id", "status", "status_since", "started_at", "submitted_at", "applicant",
    "due_on", "claimed_by", "issue_problem",
)  # fmt: skip
COUNTED_UP_TO = 1_000
OF_A_POST: tuple[Status, ...] = tuple(status for status in Status if status not in (Status.DRAFT, Status.EXPIRED))
Sort = Literal["waiting", "due", "name"]
_KEY_OF: Mapping[Sort, str] = {"waiting": "submitted_at", "due": "due_on", "name": "applicant_key"}


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
    applicant: str | None
    due_on: str | None
    claimed_by: str | None
    issue_problem: str | None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    next: str | None  # give it as `after` to read on


@dataclass(frozen=True, slots=True)
class Counts:
    by_status: Mapping[Status, int]
    mine: int  # claimed by the officer and not decided
    overdue: int  # not decided and past the day it was due


@dataclass(frozen=True, slots=True)
class _List:
    """scope: whose it is, which never changes. narrow: what is looked for in it. key: what it is sorted by."""

    scope: Document
    narrow: Document
    key: str
    direction: Literal[1, -1]
    name: str


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


async def application_at_post(db: Db, post_id: str, application_id: str) -> Application:
    """For a service of ours, on behalf of an officer of the post. Raises ApplicationNotFound, also where it is another post's."""
    application = await application_of(db, application_id)
    application.must_be_seen_at(post_id)
    return application


async def journal_for(db: Db, actor: Citizen | Officer, application_id: str) -> tuple[Application, list[Entry]]:
    """All of it, oldest first, with what it is about. Raises ApplicationNotFound."""
    application = await application_for(db, actor, application_id)
    found = await db.journal.find({"application_id": application_id}).sort("sequence", 1).to_list()
    fields = ("sequence", "at", "actor", "action", "reason", "event_ids", "event_types")
    return application, [Entry(**{name: row[name] for name in fields}) for row in found]


async def own_applications(db: Db, citizen: Citizen, *, after: str | None, limit: int) -> Page:
    """A citizen's own, newest first."""
    listed = _List({"citizen_id": citizen.id}, {}, "started_at", -1, "own")
    return await _page(db, listed, after, limit)


async def queue_of_post(
    db: Db, officer: Officer, *, status: Status | None, mine: bool, sort: Sort, after: str | None, limit: int
) -> Page:
    """What stands in one status at the officer's own post; with mine, what they have claimed and is not decided.

    Drafts belong to nobody but their citizen.
    """
    if status in (Status.DRAFT, Status.EXPIRED):
        return Page([], None)
    chosen = [status] if status else list(UNDECIDED) if mine else [Status.SUBMITTED]
    narrow: Document = {"status": _one_of(chosen)} | ({"claimed_by": officer.id} if mine else {})
    return await _page(db, _List({"post_id": officer.post_id}, narrow, _KEY_OF[sort], 1, sort), after, limit)


async def counts_of_post(db: Db, officer: Officer, today: date) -> Counts:
    """How much there is at the officer's own post. today: the post's. No number is more than COUNTED_UP_TO."""
    undecided = {"status": _one_of(UNDECIDED)}
    by_status: dict[Status, int] = {
        status: await _count(db, {"post_id": officer.post_id, "status": status.value}) for status in OF_A_POST
    }
    mine = await _count(db, {"post_id": officer.post_id, "claimed_by": officer.id} | undecided)
    overdue = await _count(db, {"post_id": officer.post_id, "due_on": {"$lt": today.isoformat()}} | undecided)
    return Counts(by_status, mine, overdue)


async def id_of_reference(db: Db, officer: Officer, written: str) -> str:
    """The application of the officer's own post with this reference. Raises NoSuchReference."""
    found = await db.applications.find_one({"reference": read_reference(written)}, {"post_id": 1, "status": 1})
    if found is None or found["post_id"] != officer.post_id or Status(found["status"]) not in OF_A_POST:
        raise NoSuchReference
    return str(found["_id"])


async def attachment_in_use(db: Db, application_id: str, attachment_id: str) -> bool:
    """Whether the application holds this file now."""
    held = {"_id": application_id, "attachment.id": attachment_id}
    return await db.applications.find_one(held, {"_id": 1}) is not None


async def _page(db: Db, listed: _List, after: str | None, limit: int) -> Page:
    query = listed.scope | listed.narrow
    if after is not None:
        value, last_id = await _position(db, listed, after)
        beyond = "$gt" if listed.direction > 0 else "$lt"
        query |= {listed.key: {f"{beyond}e": value}, "$or": [{listed.key: {beyond: value}}, {"_id": {beyond: last_id}}]}
    found = db.applications.find(query, dict.fromkeys(_ROW, 1)).sort([(listed.key, listed.direction), ("_id", listed.direction)])
    documents = await found.limit(limit + 1).to_list()
    rows = [_row(document) for document in documents[:limit]]
    return Page(rows, _cursor(listed, rows[-1].id) if len(documents) > limit else None)


def _row(document: Mapping[str, Any]) -> Row:
    values: Document = {name: document.get(name) for name in _ROW} | {"status": Status(document["status"])}
    return Row(id=document["_id"], **values)


def _cursor(listed: _List, last_id: str) -> str:
    """The last row's id and no more: what it is sorted by may be a name, and a cursor stands in addresses."""
    return base64.urlsafe_b64encode(f"{listed.name}|{last_id}".encode()).decode().rstrip("=")


async def _position(db: Db, listed: _List, cursor: str) -> tuple[Any, str]:
    """The key and id of the row the cursor stands at; what a list is sorted by never changes once it is listed."""
    try:
        name, _, last_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
    except (binascii.Error, ValueError):
        raise _not_ours() from None
    last = await db.applications.find_one({"_id": last_id} | listed.scope, {listed.key: 1}) if name == listed.name else None
    if last is None:
        raise _not_ours()
    return last[listed.key], last_id


async def _count(db: Db, query: Document) -> int:
    return await db.applications.count_documents(query, limit=COUNTED_UP_TO)


def _one_of(statuses: Iterable[Status]) -> Document:
    return {"$in": [status.value for status in statuses]}


def _not_ours() -> InvalidInput:
    return InvalidInput([FieldError("/after", N_("Use the value of `next` from the page before."))])
