"""A draft was left for too long: it is closed, and what was typed and attached is deleted."""

from dataclasses import dataclass

from services.applications.repository import Applications
from services.applications.use_cases.reserve_attachment import sweep
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ExpireDraft:
    application_id: str


async def expire_draft(command: ExpireDraft, uow: UnitOfWork) -> None:
    """Changes nothing where it was handed in meanwhile. Raises ApplicationNotFound."""
    applications = Applications(uow)
    application = await applications.get(command.application_id)
    held = application.attachment
    await applications.save(application, act := application.expire(at=uow.at))
    if act and held:
        uow.schedule(sweep(application.id, held.id, "expired", uow))
