"""Reads for screens and lists. Each takes who is asking; lists are paged by key, never by offset."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from services.applications.domain.alphabet import AFTER_ALL, sort_key
from services.applications.domain.application import Application
from services.applications.domain.authority import SEEN_WHERE_IT_IS_DECIDED
from services.applications.domain.errors import (
    ApplicationNotFound,
    NoSuchReference,
    NotUnderCheckpoint,
    TooManyToSort,
    UnknownPost,
)
from services.applications.domain.findable import Findable
from services.applications.domain.references import read_reference
from services.applications.domain.relations import Relation, Relations
from services.applications.domain.status import UNDECIDED, Status
from services.applications.domain.upload import Upload
from services.applications.domain.upload_errors import UploadNotFound
from services.applications.journal_rows import JOURNAL
from services.applications.repository import relations_among
from services.applications.schema import CASES, MAPPER, RELATIONS, blind_indexes, file_ids
from services.applications.scopes import any_of, deciding_places, is_seen, relations_seen_by
from services.applications.uploads.schema import COLLECTION as UPLOADS
from services.applications.uploads.schema import MAPPER as UPLOAD_MAPPER
from shared.actors import POST_ROLES, Citizen, Officer
from shared.cursors import cursor, not_ours, read_cursor
from shared.mongo.database import Db, Document
from shared.mongo.sealing import opened
from shared.sealing.erased import ERASED
from shared.sealing.errors import SealBroken

_ROW = (
    "reference", "citizen_id", "service_id", "service_version", "post_id", "status", "status_since", "started_at", "submitted_at",
    "applicant", "due_on", "claimed_by", "issue_problem", "turn", "unanswered_since",
    "payment_taken_back_at",
)  # fmt: skip
_PROJECTION = dict.fromkeys((*_ROW, CASES.person), 1)
COUNTED_UP_TO = 1_000
SORTED_UP_TO = 1_000  # by name, for which all of them are opened
FOUND_UP_TO = 50
LOOKED_THROUGH = 1_000  # of those that have what is asked for, whoever may see them
MOST_RELATIONS = 200
Sort = Literal["waiting", "due", "name", "next"]
_KEY_OF: Mapping[Sort, str] = {"waiting": "submitted_at", "due": "due_on", "name": "applicant", "next": "turn.key"}
UNANSWERED: Document = {"unanswered_since": {"$gt": datetime(1970, 1, 1, tzinfo=UTC)}}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list: no answers."""

    id: str
    reference: str
    citizen_id: str
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
    turn: Mapping[str, Any] | None  # as domain.turn.Turn is kept; None: from before there were turns
    unanswered_since: datetime | None  # the first message of its citizen that has no answer
    payment_taken_back_at: datetime | None  # and it is not paid anew since


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    next: str | None  # give it as `after` to read on


@dataclass(frozen=True, slots=True)
class Found:
    rows: list[Row]
    more: bool  # there are more than FOUND_UP_TO: ask for something that fewer have


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
    application = await _found(db, {"_id": application_id})
    application.must_be_seen_by(actor)  # asked of the database, an $or would keep it from its index
    return application


async def case_for(db: Db, officer: Officer, application_id: str) -> tuple[Application, Relations]:
    """With what is declared among the officer and those who have to do with it. Raises ApplicationNotFound."""
    application = await application_for(db, officer, application_id)
    return application, await relations_among(db, application, officer)


async def application_of(db: Db, application_id: str) -> Application:
    """For a service of ours. Raises ApplicationNotFound."""
    return await _found(db, {"_id": application_id})


async def _found(db: Db, query: Document) -> Application:
    document = await db.applications.find_one(query)
    if document is None:
        raise ApplicationNotFound
    return await MAPPER.read(db, document)


async def journal_for(db: Db, actor: Citizen | Officer, application_id: str) -> tuple[Application, list[Entry]]:
    """All of it, oldest first, with what it is about. Raises ApplicationNotFound."""
    application = await application_for(db, actor, application_id)
    found = await db.journal.find({"application_id": application_id}).sort("sequence", 1).to_list()
    fields = ("sequence", "at", "actor", "action", "reason", "event_ids", "event_types")
    return application, [Entry(**{name: row[name] for name in fields}) for row in found]


async def submission_entry(db: Db, application: Application) -> str:
    """The id under which the submission is in the audit. Raises NotUnderCheckpoint where nothing was handed in."""
    submitted = {"application_id": application.id, "action": "application:submit"}
    row = await db.journal.find_one(submitted, {"_id": 1})
    if row is None:
        raise NotUnderCheckpoint
    return JOURNAL.entry_id(row["_id"])


async def own_applications(db: Db, citizen: Citizen, *, after: str | None, limit: int) -> Page:
    """A citizen's own, newest first."""
    listed = _List({"citizen_id": citizen.id}, {}, "started_at", -1, "own")
    return await _page(db, listed, after, limit)


async def queue_of_post(
    db: Db,
    officer: Officer,
    *,
    posts: frozenset[str],
    status: Status | None,
    mine: bool,
    given: bool,
    overdue: date | None = None,
    ready: bool = False,
    sort: Sort,
    after: str | None,
    limit: int,
) -> Page:
    """What stands in one status at the posts; with mine, what they have claimed and is not decided; with given, what other
    posts gave to them, or to the ministry, to decide.

    overdue: only what is not decided and was due before this day; ready: only what can be decided as it is.
    posts: of posts_seen_by. Drafts belong to nobody but their citizen. Raises TooManyToSort where more than SORTED_UP_TO are
    wanted by name.
    """
    if status in (Status.DRAFT, Status.EXPIRED):
        return Page([], None)
    if given:
        shown = [each for each in ([status] if status else [Status.PROPOSED]) if each in SEEN_WHERE_IT_IS_DECIDED]
        scope: Document = {"deciding_at": any_of(deciding_places(officer))}
    else:
        shown = [status] if status else list(UNDECIDED) if mine or overdue or ready else [Status.SUBMITTED]
        scope = {"post_id": any_of(posts)}
    narrow: Document = {"status": _one_of(shown)} | ({"claimed_by": officer.id} if mine else {})
    narrow |= ({"due_on": {"$lt": overdue.isoformat()}} if overdue else {}) | ({"turn.ready": True} if ready else {})
    listed = _List(scope, narrow, _KEY_OF[sort], 1, f"{sort}-given" if given else sort)
    return await (_page_by_name if sort == "name" else _page)(db, listed, after, limit)


async def waits_longest(db: Db, posts: Collection[str]) -> datetime | None:
    """Since when the citizen waits for an answer to a message who waits for longest at these posts."""
    found = db.applications.find({"post_id": any_of(posts)} | UNANSWERED, {"unanswered_since": 1}).sort(
        [("unanswered_since", 1), ("_id", 1)]
    )
    return next((row["unanswered_since"] for row in await found.limit(1).to_list()), None)


async def unanswered_at(db: Db, posts: Collection[str], *, after: str | None, limit: int) -> Page:
    """Cases whose citizens wrote and have no answer, whatever state they are in; who waits for longest first."""
    return await _page(db, _List({"post_id": any_of(posts)}, UNANSWERED, "unanswered_since", 1, "unanswered"), after, limit)


def posts_seen_by(officer: Officer, wanted: str | None, known: Iterable[str]) -> frozenset[str]:
    """All posts whose lists an officer sees, or the wanted one of them. known: every post. Raises UnknownPost."""
    posts = frozenset(known) if officer.is_ministry else officer.posts_with(POST_ROLES)
    if wanted is None:
        return posts
    if wanted not in posts:
        raise UnknownPost
    return frozenset({wanted})


async def found_by_reference(db: Db, officer: Officer, written: str) -> dict[str, str]:
    """Case, person and post of the application with this reference, of those the officer may see. Raises NoSuchReference."""
    wanted = {"citizen_id": 1, "post_id": 1, "deciding_at": 1, "status": 1, "submitted_at": 1}
    found = await db.applications.find_one({"reference": read_reference(written)}, wanted)
    if found is None or not is_seen(officer, found):
        raise NoSuchReference
    return {"case": str(found["_id"]), "person": str(found["citizen_id"]), "post": str(found["post_id"])}


async def cases_of_audit(db: Db, reader: Officer, written: str | None, ids: Sequence[str]) -> dict[str, str]:
    """Their references by their ids, for whoever reads the audit: all of them for an auditor, a head's posts' for a head."""
    named: list[Document] = [{"_id": {"$in": [*ids]}}] if ids else []
    named += [{"reference": read_reference(written)}] if written else []
    theirs: Document = {} if "auditor" in reader.roles else {"post_id": any_of(reader.posts_with({"head"}))}
    rows = [row for query in named async for row in db.applications.find(query | theirs, {"reference": 1})]
    return {str(row["_id"]): str(row["reference"]) for row in rows}


async def found_by_what_they_say(db: Db, officer: Officer, asked: Sequence[Collection[Findable]]) -> Found:
    """Of what the officer may see, the applications that have, of each of those that are asked for, one way to be found by.
    The newest first."""
    words = [{"found_by": {"$in": blind_indexes(each, db.keys.blind)}} for each in asked]
    query = words[0] if len(words) == 1 else {"$and": words}
    found = await db.applications.find(query, _PROJECTION | {"deciding_at": 1}).limit(LOOKED_THROUGH).to_list()
    seen = [document for document in found if is_seen(officer, document)]
    rows = await _rows(db, seen[:FOUND_UP_TO])
    more = len(seen) > FOUND_UP_TO or len(found) == LOOKED_THROUGH
    return Found(sorted(rows, key=lambda row: (row.started_at, row.id), reverse=True), more=more)


async def relations_for(db: Db, officer: Officer) -> list[Relation]:
    """Newest first."""
    rows: dict[str, Document] = {}
    for query in relations_seen_by(officer):
        found = db.relations.find(query).sort("declared_at", -1).limit(MOST_RELATIONS)
        rows |= {row["_id"]: row for row in await found.to_list()}
    newest = sorted(rows.values(), key=lambda row: row["declared_at"], reverse=True)
    return [RELATIONS.from_document(row) for row in newest[:MOST_RELATIONS]]


async def upload_for(db: Db, citizen: Citizen, application_id: str, upload_id: str, at: datetime) -> Upload:
    """One that can be gone on with. Raises UploadNotFound."""
    row = await db[UPLOADS].find_one({"_id": upload_id})
    if row is None:
        raise UploadNotFound
    upload = UPLOAD_MAPPER.from_document(row)
    upload.must_be_of(citizen, application_id, at=at)
    return upload


async def files_in_use(db: Db, application_id: str) -> frozenset[str]:
    """What the application holds now, by its ids in GridFS."""
    row = await db.applications.find_one({"_id": application_id}, {"attachment": 1, "attachments": 1})
    return frozenset(file_ids(row) if row else ())


async def _page(db: Db, listed: _List, after: str | None, limit: int) -> Page:
    query = listed.scope | listed.narrow
    documents: list[Document] = []
    last = None if after is None else await _last(db, listed, after, listed.key)
    if last is not None and (listed.key not in listed.narrow or last.get(listed.key)):  # else it left the list: from its start
        value, last_id = _value(last, listed.key), last["_id"]
        beyond = "$gt" if listed.direction > 0 else "$lt"
        documents = await _read(db, listed, query | {listed.key: value, "_id": {beyond: last_id}}, limit + 1)
        query |= {listed.key: {**listed.narrow.get(listed.key, {}), beyond: value}}
    if len(documents) <= limit:
        documents += await _read(db, listed, query, limit + 1 - len(documents))
    return _page_of(listed, await _rows(db, documents[:limit]), more=len(documents) > limit)


async def _read(db: Db, listed: _List, query: Document, limit: int) -> list[Document]:
    """One stretch of an index: those that are sorted alike, or those behind them; both at once need an $or, and that none."""
    found = db.applications.find(query, _PROJECTION).sort([(listed.key, listed.direction), ("_id", listed.direction)])
    return await found.limit(limit).to_list()


async def _page_by_name(db: Db, listed: _List, after: str | None, limit: int) -> Page:
    """Names are sealed: those of the whole list are opened and sorted here. Raises TooManyToSort."""
    wanted = {CASES.person: 1, listed.key: 1}
    documents = await db.applications.find(listed.scope | listed.narrow, wanted).limit(SORTED_UP_TO + 1).to_list()
    if len(documents) > SORTED_UP_TO:
        raise TooManyToSort(most=SORTED_UP_TO)
    in_order = sorted([_place(document) for document in await _listed(db, documents)])
    if after is not None:
        last = _place(*await _listed(db, [await _last(db, listed, after, *wanted)]))
        in_order = in_order[bisect_right(in_order, last) :]
    ids = [application_id for _, application_id in in_order[:limit]]
    found = {row["_id"]: row async for row in db.applications.find({"_id": {"$in": ids}}, _PROJECTION)}
    rows = await _rows(db, [found[each] for each in ids if each in found])
    return _page_of(listed, rows, more=len(in_order) > limit)


def _value(document: Document, key: str) -> Any:
    """key: with a dot where it lies in a part of the row."""
    outer, _, inner = key.partition(".")
    return (document.get(outer) or {}).get(inner) if inner else document[outer]


def _place(document: Document) -> tuple[str, str]:
    """Where it stands among names; erased ones come last, and drafts, which have none, are in no list of names."""
    name = document["applicant"]
    return AFTER_ALL if name in (ERASED, None) else sort_key(name), document["_id"]


async def _rows(db: Db, documents: Sequence[Document]) -> list[Row]:
    return [_row(document) for document in await _listed(db, documents)]


async def _listed(db: Db, documents: Sequence[Document]) -> list[Document]:
    """Opened; one that was altered is listed without its name, and keeps no other from being found and worked on."""
    try:
        return await opened(CASES, documents, db)
    except SealBroken:  # told already
        if len(documents) == 1:
            return [documents[0] | {"applicant": None}]
    return [row for document in documents for row in await _listed(db, [document])]


def _row(document: Mapping[str, Any]) -> Row:
    values: Document = {name: document.get(name) for name in _ROW} | {"status": Status(document["status"])}
    return Row(id=document["_id"], **values)


def _page_of(listed: _List, rows: list[Row], *, more: bool) -> Page:
    """The cursor has the last row's id and no more: what it is sorted by may be a name."""
    return Page(rows, cursor(listed.name, rows[-1].id) if more and rows else None)


async def _last(db: Db, listed: _List, after: str, *wanted: str) -> Document:
    """The row the cursor stands at; what a list is sorted by never changes once it is listed, but where a person is erased."""
    (last_id,) = read_cursor(after, listed.name, 1)
    last = await db.applications.find_one({"_id": last_id} | listed.scope, dict.fromkeys(wanted, 1))
    if last is None:
        raise not_ours()
    return last


def _one_of(statuses: Iterable[Status]) -> Document | str:
    return any_of(status.value for status in statuses)
