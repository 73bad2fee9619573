"""Errors every service shares. Which HTTP status they become is decided in shared/web/problems.py, not here.

A message is a msgid of the catalogues and may carry {placeholders}; params fill them and never hold personal data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from shared.texts import N_


class DomainError(Exception):
    """Something that is not allowed, or not there, seen from the business. The code is a stable slug for machines."""

    code: ClassVar[str] = "domain-error"
    message: ClassVar[str] = N_("This is not possible.")

    def __init__(self, **params: str | int) -> None:
        super().__init__(self.code)
        self.params = params


class NotFound(DomainError):
    code = "not-found"
    message = N_("There is nothing here that you can see. Check the address, or sign in with the account that owns it.")


class NotAllowed(DomainError):
    code = "not-allowed"
    message = N_("Your role does not allow this. Ask the head of your post.")


class SecondFactorNeeded(NotAllowed):
    code = "second-factor-needed"
    message = N_("This needs a second factor. Sign out, and sign in again with your authenticator's code or a passkey.")


class SignInAgain(NotAllowed):
    """The sign-in itself is too long ago, however often it was renewed."""

    code = "sign-in-again"
    message = N_("This needs a sign-in of the last minutes, so that nobody does it in your place. Sign in again, then repeat it.")


class NotAllowedNow(DomainError):
    """The state of the case does not allow it: HTTP 409."""

    code = "not-allowed-now"
    message = N_("This is not possible in the present state. Open the case again to see what is possible.")


class ConcurrentUpdate(NotAllowedNow):
    code = "concurrent-update"
    message = N_("Someone else changed this a moment ago. Open it again and repeat your step.")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that cannot stay as it is. pointer: RFC 6901, into the request body."""

    pointer: str
    message: str
    params: dict[str, str | int] = field(default_factory=dict)


class InvalidInput(DomainError):
    """What was sent cannot be accepted; every wrong field is named. Nothing of the input is quoted."""

    code = "invalid-input"
    message = N_("Some answers need another look. Correct the fields named here and send it again; nothing was changed.")

    def __init__(self, errors: Sequence[FieldError], **params: str | int) -> None:
        super().__init__(**params)
        self.errors = tuple(errors)


class Unavailable(Exception):
    """Something we stand on (database, another service) does not answer now; the same call may work later."""


class DatabaseUnavailable(Unavailable):
    """The database is away: wait and repeat; nothing of the message or request is at fault."""
