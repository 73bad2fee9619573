"""A draft was left for too long: it is closed, and what was typed and attached is deleted."""

from dataclasses import dataclass

from services.applications.repository import Applications
from services.applications.use_cases.reserve_attachment import sweep_gone
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ExpireDraft:
    application_id: str


async def expire_draft(command: ExpireDraft, uow: UnitOfWork) -> None:
    """Changes nothing where it was handed in meanwhile. Raises ApplicationNotFound."""
    applications = Applications(uow)
    application = await applications.get(command.application_id)
    before = application.attachments
    await applications.save(application, application.expire(at=uow.at))
    sweep_gone(application, before, "expired", uow)
