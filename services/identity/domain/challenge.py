"""A sign-in code that was asked for: to which contact, from which browser, until when. The code itself is not in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.identity.domain.contact import Contact, ContactKind
from services.identity.domain.sign_in_secret import SignInSecret
from shared.contracts.identity import SignInCodeRequested

LIFETIME = timedelta(minutes=10)
TRIES = 5  # in all, right and wrong, from this browser and any other
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Challenge:
    """sealed_contact: nobody's data key fits, for it is not known whose it is; it lives as long as the challenge.
    binding: fingerprint of what the browser that asked was given."""

    id: str
    channel: ContactKind
    sealed_contact: bytes
    language: str
    binding: str
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None

    def document(self) -> dict[str, Any]:
        return {
            "_id": self.id,
            "channel": self.channel.value,
            "contact": self.sealed_contact,
            "language": self.language,
            "binding": self.binding,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "tries": self.tries,
            "used_at": self.used_at,
        }

    @classmethod
    def of_document(cls, row: dict[str, Any]) -> "Challenge":
        times = {name: row[name] for name in ("created_at", "expires_at", "tries", "used_at")}
        return cls(row["_id"], ContactKind(row["channel"]), bytes(row["contact"]), row["language"], row["binding"], **times)

    def requested(self) -> SignInCodeRequested:
        return SignInCodeRequested(sequence=1, occurred_at=self.created_at, challenge_id=self.id, channel=self.channel.value)

    def contact(self, secret: SignInSecret) -> Contact:
        """Raises ValueError where it was altered or belongs to another challenge."""
        nonce, ciphertext = self.sealed_contact[:_NONCE], self.sealed_contact[_NONCE:]
        try:
            value = AESGCM(secret.key("contact-at-rest")).decrypt(nonce, ciphertext, self.id.encode())
        except InvalidTag:
            raise ValueError("a contact that is not this challenge's") from None
        return Contact(self.channel, value.decode())


def seal_contact(contact: Contact, challenge_id: str, nonce: bytes, secret: SignInSecret) -> bytes:
    return nonce + AESGCM(secret.key("contact-at-rest")).encrypt(nonce, contact.value.encode(), challenge_id.encode())
