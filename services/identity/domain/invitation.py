"""An invitation: an officer sets a password and an authenticator by it, once, within three days. Its token is stored nowhere."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.identity.domain.sign_in_secret import SignInSecret
from shared.base64url import base64url
from shared.contracts.identity import OfficerInvited
from shared.errors import NotAllowedNow
from shared.texts import N_

LIFETIME = timedelta(hours=72)
OPEN_FOR = timedelta(minutes=15)  # once a browser has opened the link: to set up a telephone, and not to find the page later
AGAIN = timedelta(minutes=1)  # an answer was lost on a bad line


class InvitationReason(StrEnum):
    NEW_OFFICER = "new-officer"
    LOST_PASSWORD = "lost-password"  # noqa: S105  (no secret)
    LOST_AUTHENTICATOR = "lost-authenticator"
    NEVER_ARRIVED = "never-arrived"
    UNDER_SUSPICION = "under-suspicion"


class InvitationOver(NotAllowedNow):
    code = "invitation-over"
    message = N_("This invitation has been used, has run out, or was replaced by a newer one. Ask who invited you for another.")


class InvitationOpened(NotAllowedNow):
    code = "invitation-opened"
    message = N_(
        "This link was opened before, in another browser or more than 15 minutes ago, and shows nothing any more. "
        "If that was not you, say so. Ask who invited you for another link."
    )


@dataclass(slots=True)
class Invitation:
    """opened_with: fingerprint of what only the browser holds that opened the link first; nobody else is shown anything by it.
    totp_secret: what the authenticator will hold; it is made when the link is opened, and lies sealed until it is set up."""

    id: str
    person_id: str
    reason: InvitationReason
    by: str
    created_at: datetime
    expires_at: datetime
    totp_secret: str | None = None
    used_at: datetime | None = None
    version: int = 1
    opened_at: datetime | None = None
    opened_with: str | None = None

    def must_be_open(self, at: datetime) -> None:
        """Raises InvitationOver."""
        if self.used_at is not None or at >= self.expires_at:
            raise InvitationOver

    def open(self, binding: str, totp_secret: str, at: datetime) -> bool:
        """binding: a fingerprint. True: it was opened by this; False: by the same browser before, which sees the same again.
        Raises InvitationOver, InvitationOpened."""
        self.must_be_open(at)
        if self.opened_at is not None:
            self.must_be_opened_by(binding, at)
            return False
        self.opened_at, self.opened_with, self.totp_secret = at, binding, totp_secret
        self.version += 1
        return True

    def must_be_opened_by(self, binding: str, at: datetime) -> None:
        """Raises InvitationOpened."""
        if self.opened_at is None or at - self.opened_at >= OPEN_FOR or not self.is_opened_by(binding):
            raise InvitationOpened

    def is_opened_by(self, binding: str) -> bool:
        return self.opened_with is not None and hmac.compare_digest(self.opened_with, binding)

    def was_just_used_by(self, binding: str, at: datetime) -> bool:
        return self.used_at is not None and at - self.used_at <= AGAIN and self.is_opened_by(binding)

    def use(self, at: datetime) -> None:
        """Raises InvitationOver."""
        self.must_be_open(at)
        self.used_at, self.totp_secret = at, None
        self.version += 1

    def sent(self) -> OfficerInvited:
        return OfficerInvited(sequence=1, occurred_at=self.created_at, invitation_id=self.id)


def token_of(invitation_id: str, secret: SignInSecret) -> str:
    mac = hmac.digest(secret.key("invitation"), invitation_id.encode(), "sha256")
    return f"{invitation_id}.{base64url(mac)}"


def invitation_of(token: str, secret: SignInSecret) -> str | None:
    """The invitation's id; None for a token that was not made here."""
    invitation_id = token.partition(".")[0]
    return invitation_id if hmac.compare_digest(token_of(invitation_id, secret).encode(), token.encode()) else None
