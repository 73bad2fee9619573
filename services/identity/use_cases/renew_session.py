"""A refresh token is shown: it is replaced by its successor, or the session ends because somebody has a copy."""

from dataclasses import dataclass

from services.identity.domain.session import Renewal
from services.identity.repository import People, Sessions
from services.identity.sessions import OpenedSession
from shared.mongo.transactions import UnitOfWork


@dataclass(frozen=True, slots=True)
class RenewSession:
    session_id: str
    generation: int


async def renew_session(command: RenewSession, uow: UnitOfWork) -> OpenedSession | None:
    """The session as it goes on; None where it does not. An end is written, so this does not raise for it.

    Two at once with one token meet in the session's version: the later one runs again and finds itself a repetition.
    """
    sessions = Sessions(uow)
    session = await sessions.find({"_id": command.session_id})
    if session is None:
        return None
    outcome = session.renew(command.generation, at=uow.at)
    if outcome in (Renewal.ROTATED, Renewal.REUSED):
        await sessions.save(session)
    if outcome is Renewal.REUSED:
        uow.audit("session:reuse", about={"session": session.id, "person": session.person_id}, reason=session.ended_because)
    if outcome in (Renewal.REUSED, Renewal.OVER):
        return None
    person = await People(uow).find({"_id": session.person_id})
    return OpenedSession(session, person) if person and not person.is_erased else None
