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


async def officers_for(db: Db, by: Officer) -> list[Person]:
    rows = await db.people.find(scope_of(by)).sort([("post_id", 1), ("_id", 1)]).limit(MOST_OFFICERS).to_list()
    return await MAPPER.read_all(db, rows)


async def officer_for(db: Db, by: Officer, person_id: str) -> Person:
    """Raises NotFound, also for somebody of another head's post."""
    row = await db.people.find_one({"_id": person_id} | scope_of(by))
    if row is None:
        raise NotFound
    return await MAPPER.read(db, row)


async def officers_of_audit(db: Db, by: Officer, name: str | None, ids: Sequence[str]) -> list[Person]:
    """For whoever reads the audit: all officers for an auditor, a head's posts' for a head; by the beginnings of the words of
    their name, by their login, or by their ids. Names lie sealed, and officers are few: they are read and compared."""
    scope: Document = {"kind": PersonKind.OFFICER.value} if "auditor" in by.roles else scope_of(by)
    if name is None:
        scope = scope | {"_id": {"$in": [*ids]}}
    rows = await db.people.find(scope).sort([("post_id", 1), ("_id", 1)]).limit(MOST_OFFICERS).to_list()
    found = [person for person in await MAPPER.read_all(db, rows) if not person.is_erased]
    return found if name is None else [person for person in found if _is_called(person, name)]


def _is_called(person: Person, name: str) -> bool:
    words, named = _words(name), _words(person.name)
    by_name = bool(words) and all(any(each.startswith(word) for each in named) for word in words)
    return by_name or person.login.casefold() == name.strip().casefold()


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").split()


async def officer_to_change(uow: UnitOfWork, by: Officer, person_id: str) -> Person:
    """The same, to be saved in the transaction. Raises NotFound."""
    found = await People(uow).find({"_id": person_id} | scope_of(by))
    if found is None:
        raise NotFound
    return found


async def officers_who_wait(db: Db, by: Officer) -> list[Person]:
    """With a role that is not in force yet, for whoever may see them to confirm it."""
    waiting = {"grants": {"$elemMatch": {"needs_second": True, "confirmed": None, "withdrawn": None}}}
    of_theirs = {"$and": [waiting, confirming_scope_of(by), {"kind": PersonKind.OFFICER.value}]}
    rows = await db.people.find(of_theirs).sort("_id", 1).limit(MOST_OFFICERS).to_list()
    return await MAPPER.read_all(db, rows)


def confirming_scope_of(by: Officer) -> Document:
    """The ministry confirms where a post has nobody else."""
    return {} if by.roles & {"administrator", "ministry"} else scope_of(by)


def scope_of(by: Officer) -> Document:
    """Not those whose every role at the head's posts was taken back, where they belong elsewhere."""
    officers: Document = {"kind": PersonKind.OFFICER.value}
    if "administrator" in by.roles:
        return officers
    theirs = {"$in": sorted(by.posts_with({"head"}))}
    return officers | {"$or": [{"post_id": theirs}, {"grants": {"$elemMatch": {"posts": theirs, "withdrawn": None}}}]}
