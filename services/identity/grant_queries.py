"""Officers and their roles, for those who give roles: an administrator sees all, a head those of their own posts."""

import unicodedata
from collections.abc import Sequence

from services.identity.domain.person import Person, PersonKind
from services.identity.repository import People
from services.identity.schema import MAPPER
from shared.actors import Officer
from shared.errors import NotFound
from shared.mongo.database import Db, Document
from shared.mongo.transactions import UnitOfWork

MOST_OFFICERS = 500
_OFFICERS: Document = {"kind": PersonKind.OFFICER.value}


async def officers_for(db: Db, by: Officer) -> list[Person]:
    return await _in_order(db, _scopes_of(by))


async def officer_for(db: Db, by: Officer, person_id: str) -> Person:
    """Raises NotFound, also for somebody of another head's post."""
    row = await db.people.find_one({"_id": person_id, "kind": PersonKind.OFFICER.value})
    person = await MAPPER.read(db, row) if row else None
    if person is None or not is_seen(person, by):
        raise NotFound
    return person


async def officers_of_audit(db: Db, by: Officer, name: str | None, ids: Sequence[str]) -> list[Person]:
    """For whoever reads the audit: all officers for an auditor, a head's posts' for a head; by the beginnings of the words of
    their name, by their login, or by their ids. Names lie sealed, and officers are few: they are read and compared."""
    scopes = [_OFFICERS] if "auditor" in by.roles else _scopes_of(by)
    also: Document = {"_id": {"$in": [*ids]}} if name is None else {}
    found = [person for person in await _in_order(db, scopes, also) if not person.is_erased]
    return found if name is None else [person for person in found if _is_called(person, name)]


def _is_called(person: Person, name: str) -> bool:
    words, named = _words(name), _words(person.name)
    by_name = bool(words) and all(any(each.startswith(word) for each in named) for word in words)
    return by_name or person.login.casefold() == name.strip().casefold()


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").split()


async def officer_to_change(uow: UnitOfWork, by: Officer, person_id: str) -> Person:
    """The same, to be saved in the transaction. Raises NotFound."""
    found = await People(uow).find({"_id": person_id, "kind": PersonKind.OFFICER.value})
    if found is None or not is_seen(found, by):
        raise NotFound
    return found


async def officers_who_wait(db: Db, by: Officer) -> list[Person]:
    """With a role that is not in force yet, for whoever may see them to confirm it."""
    waiting = {"grants": {"$elemMatch": {"needs_second": True, "confirmed": None, "withdrawn": None}}}
    return await _in_order(db, [_OFFICERS] if _confirms_all(by) else _scopes_of(by), waiting)


def may_be_confirmed(person: Person, by: Officer) -> bool:
    """The ministry confirms where a post has nobody else."""
    return _confirms_all(by) or is_seen(person, by)


def is_seen(officer: Person, by: Officer) -> bool:
    """The rule of _scopes_of, of one who was read."""
    theirs = by.posts_with({"head"})
    there = any(grant.withdrawn is None and not theirs.isdisjoint(grant.posts) for grant in officer.grants)
    return "administrator" in by.roles or officer.post_id in theirs or there


def _confirms_all(by: Officer) -> bool:
    return bool(by.roles & {"administrator", "ministry"})


def _scopes_of(by: Officer) -> list[Document]:
    """Queries that together find whom they see. Not those whose every role at the head's posts was taken back, where they belong
    elsewhere."""
    if "administrator" in by.roles:
        return [_OFFICERS]
    theirs = {"$in": sorted(by.posts_with({"head"}))}
    return [_OFFICERS | {"post_id": theirs}, _OFFICERS | {"grants": {"$elemMatch": {"posts": theirs, "withdrawn": None}}}]


async def _in_order(db: Db, scopes: Sequence[Document], also: Document | None = None) -> list[Person]:
    """By post and id, each once."""
    rows: dict[str, Document] = {}
    for scope in scopes:
        found = db.people.find({"$and": [scope, also]} if also else scope).sort([("post_id", 1), ("_id", 1)])
        rows |= {row["_id"]: row for row in await found.limit(MOST_OFFICERS).to_list()}
    in_order = sorted(rows.values(), key=lambda row: (row["post_id"] or "", row["_id"]))
    return await MAPPER.read_all(db, in_order[:MOST_OFFICERS])
