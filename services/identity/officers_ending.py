"""All sessions of a person end: what they were opened with is replaced, they wish it, or they are erased."""

from services.identity.domain.session import EndedBecause
from services.identity.schema import SESSIONS_SEALED
from shared.mongo.sealing import changed
from shared.mongo.transactions import UnitOfWork


async def end_sessions_of(
    person_id: str, uow: UnitOfWork, *, but: str | None = None, because: EndedBecause = EndedBecause.CREDENTIALS
) -> int:
    """but: the session in which it was replaced. Out: how many ended."""
    live = {"person_id": person_id, "ended_at": None, "_id": {"$ne": but or ""}}
    return await changed(SESSIONS_SEALED, uow, live, {"ended_at": uow.at, "ended_because": because.value})
