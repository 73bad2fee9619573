"""A session ends by its owner's wish: this one, one from the list, or all of them."""

from dataclasses import dataclass

from services.identity.domain.session import EndedBecause
from services.identity.officers_ending import end_sessions_of
from services.identity.repository import Sessions
from shared.errors import NotFound
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class EndSession:
    """person_id: whose it must be, where somebody chooses it from their list; None where its refresh token was shown."""

    session_id: str
    person_id: str | None = None


@dataclass(frozen=True, slots=True)
class EndAllSessions:
    person_id: str


async def end_session(command: EndSession, uow: UnitOfWork) -> None:
    """Nothing where it has ended. Raises NotFound for none, and for one of somebody else."""
    sessions = Sessions(uow)
    session = await sessions.find({"_id": command.session_id})
    if session is None or (command.person_id is not None and session.person_id != command.person_id):
        raise NotFound
    if session.end(EndedBecause.SIGNED_OUT, at=uow.at):
        await sessions.save(session)
        uow.audit("session:end", about={"person": session.person_id, "session": session.id}, reason="signed-out")


async def end_all_sessions(command: EndAllSessions, uow: UnitOfWork) -> int:
    """Out: how many were ended."""
    because = EndedBecause.SIGNED_OUT_EVERYWHERE
    ended = await end_sessions_of(command.person_id, uow, because=because)
    uow.audit("session:end-all", about={"person": command.person_id, "sessions": ended}, reason=because)
    return ended
