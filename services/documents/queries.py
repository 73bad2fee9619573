"""Reads of the register, for its citizen, an officer of its post, and anyone who holds the paper."""

from dataclasses import dataclass
from datetime import date, datetime

from services.documents.domain.numbers import same_code, written_numbers
from services.documents.domain.register_entry import EntryState, RegisterEntry
from services.documents.repository import MAPPER
from shared.actors import POST_ROLES, Citizen, Officer
from shared.errors import NotFound
from shared.mongo.database import Db

LIST_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What someone reads off a paper."""

    number: str
    issued_on: date
    check_code: str


async def document_seen_by(db: Db, actor: Citizen | Officer, document_id: str) -> RegisterEntry:
    """Raises NotFound where it is not there or not theirs to see."""
    found = await db.documents.find_one({"_id": document_id})
    entry = MAPPER.from_document(found) if found else None
    if entry is None or not _is_seen(entry, actor):
        raise NotFound
    return entry


async def issued_document_seen_by(db: Db, actor: Citizen | Officer, document_id: str) -> RegisterEntry:
    """One whose file is there and good. Raises NotFound, NotIssuedYet, NoLongerGood, FileNoLongerKept."""
    entry = await document_seen_by(db, actor, document_id)
    entry.good_file()
    return entry


async def documents_of_application(db: Db, actor: Citizen | Officer, application_id: str) -> list[RegisterEntry]:
    """The revisions of one application's document, the first one first; empty where none is theirs to see."""
    rows = await db.documents.find({"application_id": application_id}).sort("revision", 1).limit(LIST_LIMIT).to_list()
    return [entry for entry in map(MAPPER.from_document, rows) if _is_seen(entry, actor)]


async def document_on_paper(db: Db, asked: Asked) -> RegisterEntry | None:
    """The issued document that has this number, date and code. Whatever does not match gives the same None."""
    numbers = written_numbers(asked.number)
    rows = await db.documents.find({"numbering.number": {"$in": numbers}, "state": EntryState.ISSUED}).to_list(len(numbers))
    entries: list[RegisterEntry | None] = [MAPPER.from_document(row) for row in rows]
    matching = [entry for entry in entries or [None] if _is_printed(entry, asked)]
    return matching[0] if len(matching) == 1 else None


def _is_printed(entry: RegisterEntry | None, asked: Asked) -> bool:
    """The code is compared even where there is none."""
    printed = entry.numbering if entry else None
    code_matches = same_code(asked.check_code, printed.check_code if printed else "")
    return printed is not None and code_matches and printed.issued_on == asked.issued_on


async def document_under_seal(db: Db, number: str, kind: str, revision: int, issued_at: datetime) -> RegisterEntry | None:
    """The issued document that a genuine seal speaks of; None where the register has none, or another, of that number."""
    row = await db.documents.find_one({"numbering.number": number, "state": EntryState.ISSUED})
    entry = MAPPER.from_document(row) if row else None
    given = entry.numbering if entry else None
    matches = given and entry and (given.kind, entry.revision, given.issued_at) == (kind, revision, issued_at)
    return entry if matches else None


def _is_seen(entry: RegisterEntry, actor: Citizen | Officer) -> bool:
    """A citizen's own; of an officer's posts, by where the case is now; all for the ministry."""
    if isinstance(actor, Citizen):
        return entry.citizen_id == actor.id
    return actor.is_ministry or entry.held_at in actor.posts_with(POST_ROLES)
