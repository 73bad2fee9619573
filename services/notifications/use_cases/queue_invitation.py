"""An officer was invited: a job sends the link. Neither the link nor where it goes is known here."""

from dataclasses import dataclass

from shared.jobs.job import NewJob
from shared.mongo.transactions import UnitOfWork

SEND_INVITATION = "send_officer_invitation"


@dataclass(frozen=True, slots=True)
class QueueInvitation:
    invitation_id: str


async def queue_invitation(command: QueueInvitation, uow: UnitOfWork) -> None:
    uow.schedule(NewJob(SEND_INVITATION, command.invitation_id, uow.at))
