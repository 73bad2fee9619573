"""Which times of a post are free: what its timetable says, less what somebody has."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from services.applications.appointments.timetables import the_policy, timetable_of
from services.applications.domain.timetable import Slot
from shared.mongo.database import Db, Session


async def times_free(
    db: Db,
    post_id: str,
    service_id: str,
    first: date,
    last: date,
    now: datetime,
    session: Session | None = None,
    place: str | None = None,
) -> Sequence[Slot]:
    """In their order; of windows whose times are drawn only those of a draw that was drawn: what nobody got of
    it, and what was given back. place: of a day elsewhere."""
    timetable, policy = timetable_of(post_id), the_policy()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    span = {"$gte": first.isoformat(), "$lte": last.isoformat()}
    taken = {row["_id"] async for row in db.slots.find({"post_id": post_id, "day": span}, {"_id": 1}, session=session)}
    left = await _left_over(db, post_id, now, session)
    slots = [slot for day in days for slot in timetable.slots_on(day, service_id, None, place)]
    drawn = {window.id for window in timetable.windows if window.release == "draw"}
    earliest = now + timedelta(minutes=policy.lead_minutes)
    return [
        slot
        for slot in slots
        if slot.id not in taken and slot.starts_at >= earliest and (slot.window not in drawn or slot.id in left)
    ]


async def _left_over(db: Db, post_id: str, now: datetime, session: Session | None) -> set[str]:
    open_draws = {"post_id": post_id, "announced_at": {"$lte": now}, "ends_at": {"$gt": now}, "state": "drawn"}
    return {slot async for row in db.draws.find(open_draws, {"slots": 1}, session=session) for slot in row["slots"]}
