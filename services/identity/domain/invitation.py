"""An invitation: an officer sets a password and an authenticator by it, once, within three days. Its token is stored nowhere."""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.identity.domain.sign_in_secret import SignInSecret
from shared.contracts.identity import OfficerInvited
from shared.errors import NotAllowedNow
from shared.texts import N_

LIFETIME = timedelta(hours=72)


class InvitationReason(StrEnum):
    NEW_OFFICER = "new-officer"
    LOST_PASSWORD = "lost-password"  # noqa: S105  (no secret)
    LOST_AUTHENTICATOR = "lost-authenticator"
    NEVER_ARRIVED = "never-arrived"
    UNDER_SUSPICION = "under-suspicion"


class InvitationOver(NotAllowedNow):
    code = "invitation-over"
    message = N_("This invitation has been used, has run out, or was replaced by a newer one. Ask who invited you for another.")


@dataclass(slots=True)
class Invitation:
    """totp_secret: what the authenticator will hold; it lies sealed until then, so that a page opened twice shows one code."""

    id: str
    person_id: str
    reason: InvitationReason
    by: str
    created_at: datetime
    expires_at: datetime
    totp_secret: str | None = None
    used_at: datetime | None = None
    version: int = 1

    def must_be_open(self, at: datetime) -> None:
        """Raises InvitationOver."""
        if self.used_at is not None or at >= self.expires_at:
            raise InvitationOver

    def use(self, at: datetime) -> None:
        """Raises InvitationOver."""
        self.must_be_open(at)
        self.used_at, self.totp_secret = at, None
        self.version += 1

    def sent(self) -> OfficerInvited:
        return OfficerInvited(sequence=1, occurred_at=self.created_at, invitation_id=self.id)


def token_of(invitation_id: str, secret: SignInSecret) -> str:
    mac = hmac.digest(secret.key("invitation"), invitation_id.encode(), "sha256")
    return f"{invitation_id}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def invitation_of(token: str, secret: SignInSecret) -> str | None:
    """The invitation's id; None for a token that was not made here."""
    invitation_id = token.partition(".")[0]
    return invitation_id if hmac.compare_digest(token_of(invitation_id, secret).encode(), token.encode()) else None
