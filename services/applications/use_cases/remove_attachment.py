"""A citizen takes a file off a draft; its bytes are swept."""

from dataclasses import dataclass

from services.applications.domain.application import Application
from services.applications.repository import Applications
from services.applications.use_cases.reserve_attachment import sweep_gone
from shared.actors import Citizen
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class RemoveAttachment:
    application_id: str
    attachment_id: str
    by: Citizen


async def remove_attachment(command: RemoveAttachment, uow: UnitOfWork) -> Application:
    """Changes nothing where it is not there. Raises ApplicationNotFound, NotADraft, DraftExpired."""
    applications = Applications(uow)
    application = await applications.get_for(command.by, command.application_id)
    before = application.attachments
    await applications.save(application, application.detach(command.attachment_id, by=command.by, at=uow.at))
    sweep_gone(application, before, "taken-off", uow)
    return application
