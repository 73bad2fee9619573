"""Reads: a person by id, where they are signed in, a code that was asked for, and the accounts of a local stack."""

from datetime import datetime

from services.identity.domain.challenge import TRIES, Challenge
from services.identity.domain.person import Person
from services.identity.domain.session import Session
from services.identity.schema import MAPPER, SESSIONS
from shared.errors import NotFound
from shared.mongo.database import Db

MOST_ACCOUNTS = 100
MOST_SESSIONS = 100


async def person(db: Db, person_id: str) -> Person:
    """Raises NotFound."""
    document = await db.people.find_one({"_id": person_id})
    if document is None:
        raise NotFound
    return await MAPPER.read(db, document)


async def accounts(db: Db) -> list[Person]:
    rows = await db.people.find().sort([("kind", 1), ("post_id", 1), ("_id", 1)]).limit(MOST_ACCOUNTS).to_list()
    people = [person for person in await MAPPER.read_all(db, rows) if not person.is_erased]
    return sorted(people, key=lambda person: (person.kind, person.login))


async def live_sessions(db: Db, person_id: str, *, at: datetime) -> list[Session]:
    """The newest first. Asked by the person themselves."""
    own = {"person_id": person_id, "ended_at": None, "expires_at": {"$gt": at}}
    rows = await db.sessions.find(own).sort([("opened_at", -1), ("_id", 1)]).limit(MOST_SESSIONS).to_list()
    return await SESSIONS.read_all(db, rows)


async def live_challenge(db: Db, challenge_id: str, *, at: datetime) -> Challenge:
    """One whose code can still sign somebody in. Raises NotFound."""
    live = {"_id": challenge_id, "used_at": None, "expires_at": {"$gt": at}, "tries": {"$lt": TRIES}}
    row = await db.sign_in_challenges.find_one(live)
    if row is None:
        raise NotFound
    return Challenge.of_document(row)
