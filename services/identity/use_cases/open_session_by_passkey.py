"""A passkey answered the question: whose it is signs in, and the counter of its uses goes on."""

from dataclasses import dataclass

from services.identity.domain.passkey import methods_of, must_verify_user
from services.identity.passkeys_schema import Passkeys
from services.identity.repository import People
from services.identity.sessions import OpenedSession, open_session
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenSessionByPasskey:
    """sign_count: what the passkey says now; known_count: what its answer was held against."""

    passkey_id: str
    sign_count: int
    known_count: int
    user_verified: bool
    device: str = ""


async def open_session_by_passkey(command: OpenSessionByPasskey, uow: UnitOfWork) -> OpenedSession | None:
    """None where it was removed or used meanwhile, or an officer's device did not make sure of its owner.
    Raises ConcurrentUpdate."""
    every = Passkeys(uow)
    passkey = await every.find({"_id": command.passkey_id})
    person = await People(uow).find({"_id": passkey.person_id}) if passkey else None
    if passkey is None or person is None or person.is_erased or passkey.sign_count != command.known_count:
        return None
    if must_verify_user(person.kind) and not command.user_verified:
        return None
    passkey.use(command.sign_count, uow.at)
    await every.save(passkey)
    methods = methods_of(user_verified=command.user_verified)
    opened = await open_session(person, methods=methods, assurance=passkey.assurance, uow=uow, device=command.device)
    about = {"person": person.id, "session": opened.session.id, "methods": methods, "by": passkey.id}
    uow.audit("session:open", about=about)
    return opened
