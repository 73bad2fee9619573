"""A claim on which nobody worked for long enough ends: the case goes back to all."""

from dataclasses import dataclass

from services.applications.domain.queue_acts import run_out
from services.applications.queue.claims import CLAIMS, claim_from, look_at
from services.applications.repository import Applications
from shared.errors import NotFound
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReturnClaim:
    claim_id: str


async def return_claim(command: ReturnClaim, uow: UnitOfWork) -> None:
    """Where it was renewed, it is looked at again when it ends then; where the case went on, only the claim's row goes."""
    row = await uow.db[CLAIMS].find_one({"_id": command.claim_id}, session=uow.session)
    if row is None:
        return
    claim = claim_from(row)
    if claim.until > uow.at:
        uow.schedule(look_at(claim.id, claim.until))
        return
    applications = Applications(uow)
    try:
        application = await applications.get(claim.application_id)
    except NotFound:  # deleted by its rule
        application = None
    if application is not None:
        await applications.save(application, run_out(application, claim.by, claim.since, at=uow.at))
    await uow.db[CLAIMS].delete_one({"_id": claim.id}, session=uow.session)
