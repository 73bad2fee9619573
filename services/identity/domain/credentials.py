"""What an officer signs in with where there is no ministry's provider: a password, an authenticator, and codes for its loss."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp

from services.identity.domain.sign_in_secret import SignInSecret

STEP_S = 30
STEPS_AWAY = 1  # clocks of phones differ: the code before and the next one are good as well
RECOVERY_CODES = 10
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is read as something else
_GROUPS, _GROUP = 4, 4  # 80 bits


@dataclass(slots=True)
class Credentials:
    """id: the officer's. password: as argon2 wrote it. last_step: of the last code that was good, which is so once.
    recovery: keyed hashes of the codes that are left."""

    id: str
    password: str | None = None
    totp_secret: str | None = None
    set_at: datetime | None = None
    last_step: int = 0
    recovery: list[str] = field(default_factory=list)
    version: int = 0

    def enrol(self, *, password: str, totp_secret: str, step: int, recovery: Sequence[str], at: datetime) -> None:
        """step: of the code that showed that the authenticator was set up; it signs nobody in any more."""
        self.password, self.totp_secret, self.set_at = password, totp_secret, at
        self.last_step, self.recovery = step, [*recovery]
        self.version += 1

    def change_password(self, password: str, at: datetime) -> None:
        self.password, self.set_at = password, at
        self.version += 1

    def renew_recovery(self, hashed: Sequence[str]) -> None:
        """Those of before sign nobody in any more."""
        self.recovery = [*hashed]
        self.version += 1

    def void(self, at: datetime) -> None:
        """Nobody signs in with them any more."""
        self.password, self.totp_secret, self.set_at, self.recovery = None, None, at, []
        self.version += 1

    def spend_code(self, code: str, at: datetime) -> bool:
        """Whether the authenticator's code is good now; the same one, and any before it, is not good again."""
        step = step_of(self.totp_secret, code, at) if self.totp_secret else None
        if step is None or step <= self.last_step:
            return False
        self.last_step = step
        self.version += 1
        return True

    def spend_recovery_code(self, hashed: str) -> bool:
        left = [each for each in self.recovery if not hmac.compare_digest(each, hashed)]
        if len(left) == len(self.recovery):
            return False
        self.recovery = left
        self.version += 1
        return True


def step_of(totp_secret: str, code: str, at: datetime) -> int | None:
    """The step of time (RFC 6238) whose code this is, near the moment; None for a wrong one."""
    now, totp, shown = int(at.timestamp()) // STEP_S, pyotp.TOTP(totp_secret, interval=STEP_S), code.encode()
    near = range(now - STEPS_AWAY, now + STEPS_AWAY + 1)
    return max((step for step in near if hmac.compare_digest(totp.generate_otp(step).encode(), shown)), default=None)


def new_recovery_codes() -> list[str]:
    """Shown once, to their owner."""
    return [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)
    ]


def recovery_codes_of(invitation_id: str, binding: str, secret: SignInSecret) -> list[str]:
    """Those of one enrolment, the same for the browser that asks twice because the answer was lost; without what that browser
    holds nobody makes them, whoever has the database and the secret."""
    letters = len(_LETTERS)
    made = []
    for number in range(RECOVERY_CODES):
        told = f"{invitation_id}:{binding}:{number}".encode()
        mac = hmac.digest(secret.key("recovery-codes"), told, "sha256")[: _GROUPS * _GROUP]
        text = "".join(_LETTERS[byte % letters] for byte in mac)  # 32 letters: every byte's remainder is as likely
        made.append("-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP)))
    return made


def hash_recovery_code(code: str, secret: SignInSecret) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hmac.digest(secret.key("recovery"), plain.encode(), "sha256").hex()


@dataclass(frozen=True, slots=True)
class HalfSignIn:
    """A password was right, a second factor is not shown yet. set_at: of the credentials, which may be replaced meanwhile."""

    id: str
    person_id: str
    binding: str
    set_at: datetime


HALF_LIFETIME = timedelta(minutes=5)
HALF_TRIES = 3
