"""A passkey is to be added, or to sign in with: the question is kept for five minutes, and is answered once."""

from dataclasses import dataclass

from services.identity.domain.passkey import LIFETIME
from services.identity.domain.sign_in_secret import fingerprint
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class BeginPasskey:
    ceremony_id: str
    challenge: bytes
    binding: str
    person_id: str | None = None


async def begin_passkey(command: BeginPasskey, uow: UnitOfWork) -> None:
    row = {"_id": command.ceremony_id, "challenge": command.challenge, "binding": fingerprint(command.binding)}
    uow.insert("passkey_ceremonies", {**row, "person_id": command.person_id, "expires_at": uow.at + LIFETIME, "used_at": None})
