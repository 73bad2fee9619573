"""Reads of requests about personal data and of consents: one's own, and those an officer answers."""

from collections.abc import Mapping
from datetime import datetime

from services.identity.domain.consent import ConsentEntry
from services.identity.domain.erasure import Erasure
from services.identity.domain.rights_request import RequestNotFound, RequestState, RightsRequest
from services.identity.rights_schema import CONSENTS, NOT_THE_WORDS, REQUESTS, RIGHTS, SAID, RightsRequests
from services.identity.schema import ERASURES
from shared.actors import Citizen, Officer
from shared.mongo.database import Db, Document
from shared.mongo.transactions import UnitOfWork

SHOWN = 200
MOST_SAID = 200


async def own_requests(db: Db, by: Citizen) -> list[RightsRequest]:
    """Newest first."""
    rows = await db[RIGHTS].find({"person_id": by.id}).sort([("asked_at", -1), ("_id", 1)]).limit(SHOWN).to_list()
    return await REQUESTS.read_all(db, rows)


async def own_request(db: Db, by: Citizen, request_id: str) -> RightsRequest:
    """Raises RequestNotFound."""
    row = await db[RIGHTS].find_one({"_id": request_id, "person_id": by.id})
    if row is None:
        raise RequestNotFound
    return await REQUESTS.read(db, row)


async def own_request_to_change(uow: UnitOfWork, by: Citizen, request_id: str) -> RightsRequest:
    """Raises RequestNotFound."""
    found = await RightsRequests(uow).find({"_id": request_id, "person_id": by.id})
    if found is None:
        raise RequestNotFound
    return found


async def requests_for(db: Db, by: Officer, state: RequestState) -> list[RightsRequest]:
    """Without what was written: open ones by their due time, so the late ones first; ended ones by their end, newest first."""
    order = [("due_at", 1)] if state is RequestState.OPEN else [("answered_at", -1)]
    theirs = db[RIGHTS].find({"state": state.value} | _scope_of(by), NOT_THE_WORDS)
    rows = await theirs.sort([*order, ("_id", 1)]).limit(SHOWN).to_list()
    return [REQUESTS.from_document(row) for row in rows]


async def request_for(db: Db, by: Officer, request_id: str) -> RightsRequest:
    """Raises RequestNotFound, also for one of another post."""
    row = await db[RIGHTS].find_one({"_id": request_id} | _scope_of(by))
    if row is None:
        raise RequestNotFound
    return await REQUESTS.read(db, row)


async def request_to_answer(uow: UnitOfWork, by: Officer, request_id: str) -> RightsRequest:
    """Raises RequestNotFound."""
    found = await RightsRequests(uow).find({"_id": request_id} | _scope_of(by))
    if found is None:
        raise RequestNotFound
    return found


async def late_by_kind(db: Db, at: datetime, most: int) -> Mapping[str, int]:
    """Open requests whose person was not answered in time, by kind."""
    late: Document = {"state": RequestState.OPEN.value, "due_at": {"$lt": at}, "told_at": None}
    rows = await db[RIGHTS].find(late, {"kind": 1}).limit(most).to_list()
    kinds = [str(row["kind"]) for row in rows]
    return {kind: kinds.count(kind) for kind in set(kinds)}


async def erasure_of(db: Db, person_id: str) -> Erasure | None:
    row = await db.erasures_asked.find_one({"_id": person_id})
    return await ERASURES.read(db, row) if row else None


async def newest_said(db: Db, person_id: str, purpose: str) -> ConsentEntry | None:
    of_purpose = {"person_id": person_id, "purpose": purpose}
    row = await db[CONSENTS].find_one(of_purpose, sort=[("at", -1), ("_id", -1)])
    return await SAID.read(db, row) if row else None


async def all_said(db: Db, person_id: str) -> list[ConsentEntry]:
    """Newest first."""
    rows = await db[CONSENTS].find({"person_id": person_id}).sort([("at", -1), ("_id", -1)]).limit(MOST_SAID).to_list()
    return await SAID.read_all(db, rows)


def _scope_of(by: Officer) -> Document:
    """The ministry answers all, a head what concerns their posts."""
    return {} if by.is_ministry else {"post_id": {"$in": sorted(by.posts_with({"head"}))}}
