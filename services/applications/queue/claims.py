"""For how long an officer has a case: a claim ends when nobody worked on it for as long as catalogue/queue.toml says.

A row a claim, beside the case, because looking at a case is work and changes nothing of it. A job looks at it when it ends.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import IndexModel

from services.applications.catalogue.queue_rules import queue_rules
from services.applications.domain.application import Application
from services.applications.domain.status import Status
from shared.jobs.job import NewJob
from shared.mongo.database import Db, Document, Indexes
from shared.mongo.transactions import UnitOfWork

CLAIMS = "claims"
INDEXES: Indexes = {CLAIMS: [IndexModel([("application_id", 1), ("since", 1)])]}
RETURN_CLAIM = "return_claim"
RENEWED_EVERY = timedelta(hours=1)  # a look a minute is no write a minute


@dataclass(frozen=True, slots=True)
class Claim:
    id: str
    application_id: str
    by: str
    since: datetime
    until: datetime


def begin(application: Application, uow: UnitOfWork) -> None:
    """With the act that gave the case to its officer."""
    until = uow.at + queue_rules().claim_lasts
    claim_id = f"{application.id}:{application.version}"
    row = {"application_id": application.id, "by": application.claimed_by, "since": uow.at, "until": until}
    uow.insert(CLAIMS, {"_id": claim_id, **row})
    uow.schedule(look_at(claim_id, until), is_new=True)


def look_at(claim_id: str, at: datetime) -> NewJob:
    """When it ends; where it was renewed by then, there is another such job for when it ends then."""
    return NewJob(RETURN_CLAIM, f"{claim_id}:{at:%Y%m%dT%H%M%S}", at, {"claim_id": claim_id})


async def renew(db: Db, application: Application, officer_id: str, now: datetime) -> None:
    """The officer who has it has just looked at it or done something with it."""
    if application.claimed_by != officer_id or application.status is not Status.IN_REVIEW:
        return
    until = now + queue_rules().claim_lasts
    theirs: Document = {"application_id": application.id, "since": application.status_since, "by": officer_id}
    await db[CLAIMS].update_one(theirs | {"until": {"$lt": until - RENEWED_EVERY}}, {"$set": {"until": until}})


async def claim_of(db: Db, application: Application) -> Claim | None:
    """None: nobody has it, or it was taken before claims ended."""
    if application.claimed_by is None or application.status is not Status.IN_REVIEW:
        return None
    row = await db[CLAIMS].find_one({"application_id": application.id, "since": application.status_since})
    return claim_from(row) if row else None


def claim_from(row: Document) -> Claim:
    return Claim(row["_id"], row["application_id"], row["by"], row["since"], row["until"])
