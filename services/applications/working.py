"""Who works on a case, and who has just done so: what other services ask before they believe an officer's word for it."""

import json
from datetime import datetime, timedelta

from services.applications.domain.looking import is_at_work
from services.applications.queries import case_for
from shared.actors import Officer
from shared.audit.reasons import WORKING
from shared.contracts.http import WorkOnCase
from shared.mongo.audit import AUDIT, LOG
from shared.mongo.database import Db

AFTER_AN_ACT = timedelta(minutes=2)
WITH_THE_CASE = timedelta(minutes=30)  # who had it before them as their work when another was quicker sees what became of it
LOOKS_READ = 20


async def work_of(db: Db, officer: Officer, application_id: str, at: datetime) -> WorkOnCase:
    """Raises ApplicationNotFound for a case that they do not see."""
    application, relations = await case_for(db, officer, application_id)
    at_work = is_at_work(application, officer, relations)
    return WorkOnCase(at_work=at_work, acted_now=at_work or await _acted_now(db, officer, application_id, at))


async def _acted_now(db: Db, officer: Officer, application_id: str, at: datetime) -> bool:
    acted = {"application_id": application_id, "actor.id": officer.id, "at": {"$gt": at - AFTER_AN_ACT}}
    if await db.journal.find_one(acted, {"_id": 1}):
        return True
    just_seen = {"at": {"$gt": at - AFTER_AN_ACT}, "about.case": application_id, "who.id": officer.id, "reason": WORKING}
    if await db[AUDIT].find_one(just_seen, {"_id": 1}):  # the log is written a moment later
        return True
    seen = {"case": application_id, "by": officer.id, "at": {"$gt": at - WITH_THE_CASE}}
    newest = db[LOG].find(seen, {"text": 1}).sort("_id", -1).limit(LOOKS_READ)
    return any(json.loads(row["text"])["reason"] == WORKING for row in await newest.to_list())
