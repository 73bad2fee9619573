"""An invited officer sets a password and an authenticator: the invitation is used up, and earlier credentials are replaced."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.identity.domain.credentials import Credentials, step_of
from services.identity.domain.sign_in_secret import fingerprint
from services.identity.officers_ending import end_sessions_of
from services.identity.officers_schema import Invitations, OfficerCredentials
from shared.errors import FieldError, InvalidInput
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_

_WRONG_CODE = N_(
    "This is not the authenticator's present code. Wait for the next one, and check that the phone's clock is right."
)


@dataclass(frozen=True, slots=True)
class EnrolOfficer:
    """password: already hashed; recovery: hashes of the codes that are shown. binding: of the browser that opened the link."""

    invitation_id: str
    binding: str
    password: str
    code: str
    recovery: Sequence[str]


async def enrol_officer(command: EnrolOfficer, uow: UnitOfWork) -> None:
    """Raises NotFound, InvitationOver, InvitationOpened, InvalidInput."""
    invitations, every = Invitations(uow), OfficerCredentials(uow)
    invitation = await invitations.get(command.invitation_id)
    invitation.must_be_open(uow.at)
    invitation.must_be_opened_by(fingerprint(command.binding), uow.at)
    totp_secret = invitation.totp_secret or ""
    step = step_of(totp_secret, command.code, uow.at)
    if step is None:
        raise InvalidInput([FieldError("/code", _WRONG_CODE)])
    known = await every.find({"_id": invitation.person_id})
    credentials = known or Credentials(invitation.person_id)
    invitation.use(uow.at)
    credentials.enrol(password=command.password, totp_secret=totp_secret, step=step, recovery=command.recovery, at=uow.at)
    await invitations.save(invitation)
    await (every.save(credentials) if known else every.add(credentials))
    await end_sessions_of(invitation.person_id, uow)
    about = {"person": invitation.person_id, "invitation": invitation.id}
    uow.audit("credentials:enrol", about=about, reason=invitation.reason.value)
