"""Sessions end when what they were opened with is replaced."""

from services.identity.domain.session import EndedBecause
from shared.mongo.transactions import UnitOfWork


async def end_sessions_of(person_id: str, uow: UnitOfWork, *, but: str | None = None) -> int:
    """but: the session in which it was replaced. Out: how many ended."""
    ended = await uow.db.sessions.update_many(
        {"person_id": person_id, "ended_at": None, "_id": {"$ne": but or ""}},
        {"$set": {"ended_at": uow.at, "ended_because": EndedBecause.CREDENTIALS.value}, "$inc": {"version": 1}},
        session=uow.session,
    )
    return int(ended.modified_count)
