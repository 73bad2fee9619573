"""The link of an invitation is opened: from now on it is good in that browser only, and for a short time."""

from dataclasses import dataclass

from services.identity.domain.invitation import Invitation
from services.identity.domain.person import Person
from services.identity.domain.sign_in_secret import fingerprint
from services.identity.officers_schema import Invitations
from services.identity.repository import People
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """binding: what only the browser holds. totp_secret: made before the transaction, and kept where this opens it."""

    invitation_id: str
    binding: str
    totp_secret: str


async def open_invitation_once(command: OpenInvitation, uow: UnitOfWork) -> tuple[Invitation, Person]:
    """Raises NotFound, InvitationOver, InvitationOpened; ConcurrentUpdate where two open it at once."""
    invitations = Invitations(uow)
    invitation = await invitations.get(command.invitation_id)
    if invitation.open(fingerprint(command.binding), command.totp_secret, uow.at):
        await invitations.save(invitation)
        uow.audit("invitation:open", about={"person": invitation.person_id, "invitation": invitation.id})
    return invitation, await People(uow).get(invitation.person_id)
