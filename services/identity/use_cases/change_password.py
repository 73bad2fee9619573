"""An officer who is signed in takes another password: their other sessions end."""

from dataclasses import dataclass
from datetime import datetime

from services.identity.officers_ending import end_sessions_of
from services.identity.officers_schema import OfficerCredentials
from shared.errors import ConcurrentUpdate
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """password: hashed. set_at: of the password that was shown to be known. session_id: the one that goes on."""

    person_id: str
    password: str
    set_at: datetime | None
    session_id: str | None


async def change_password(command: ChangePassword, uow: UnitOfWork) -> int:
    """Out: how many other sessions ended. Raises NotFound, ConcurrentUpdate."""
    every = OfficerCredentials(uow)
    credentials = await every.get(command.person_id)
    if credentials.set_at != command.set_at:
        raise ConcurrentUpdate
    credentials.change_password(command.password, uow.at)
    await every.save(credentials)
    ended = await end_sessions_of(command.person_id, uow, but=command.session_id)
    uow.audit("credentials:change-password", about={"person": command.person_id, "sessions": ended})
    return ended
