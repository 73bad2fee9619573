"""All that identity derives from its one sign-in secret: codes, refresh tokens, and names for what is only compared."""

import base64
import binascii
import hmac
from hashlib import sha256
from typing import Literal

from shared.base64url import base64url

SHORTEST = 32  # bytes
DIGITS = 6

Purpose = Literal[
    "code", "refresh", "contact", "address", "contact-at-rest", "login", "invitation", "recovery", "recovery-codes", "openid"
]


class SignInSecret:
    """A key of its own for each purpose, so that nothing made for one is of use for another. A new secret ends all sessions."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @classmethod
    def from_text(cls, text: str) -> "SignInSecret":
        """In: base64url. Raises ValueError for less than 32 bytes; the text is not quoted."""
        try:
            secret = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) < SHORTEST:
            raise ValueError("give at least 32 random bytes as base64url")
        return cls(secret)

    def key(self, purpose: Purpose) -> bytes:
        return hmac.digest(self._secret, f"eshik/sign-in/{purpose}/1".encode(), "sha256")

    def code(self, challenge_id: str) -> str:
        """Six digits for one challenge. They are made again whenever they are needed, and stored nowhere."""
        number = int.from_bytes(hmac.digest(self.key("code"), challenge_id.encode(), "sha256")[:8], "big")
        return f"{number % 10**DIGITS:0{DIGITS}}"

    def refresh_token(self, session_id: str, generation: int) -> str:
        """What the holder of a session shows to go on with it. The database alone is not enough to make one."""
        line = f"{session_id}.{generation}"
        mac = hmac.digest(self.key("refresh"), line.encode(), "sha256")
        return f"{line}.{base64url(mac)}"

    def read_refresh_token(self, token: str) -> tuple[str, int] | None:
        """Session and generation; None for what was not made here."""
        session_id, _, rest = token.partition(".")
        generation, _, _ = rest.partition(".")
        if not generation.isascii() or not generation.isdigit() or len(generation) > 9:
            return None
        known = self.refresh_token(session_id, int(generation))
        return (session_id, int(generation)) if hmac.compare_digest(known.encode(), token.encode()) else None

    def index(self, kind: Literal["contact", "address", "login"], value: str) -> str:
        """The same value is the same index, and only with the secret can somebody go the way back by trying."""
        return hmac.digest(self.key(kind), value.encode(), "sha256").hex()


def fingerprint(value: str) -> str:
    """Of a random value of at least 128 bits; what is guessable needs SignInSecret.index."""
    return sha256(value.encode()).hexdigest()
