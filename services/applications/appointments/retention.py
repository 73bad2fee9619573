"""What the daily purge deletes of appointments, waiting lists, tickets and draws. Folded into retention.py."""

from collections.abc import Sequence
from typing import Final

from shared.mongo.purging import Item, Purged
from shared.mongo.transactions import UnitOfWork


async def _with_the_booking(items: Sequence[Item], uow: UnitOfWork) -> None:
    await uow.db.slots.delete_many({"holder": {"$in": [item.id for item in items]}}, session=uow.session)


async def _with_the_draw(items: Sequence[Item], uow: UnitOfWork) -> None:
    ids = [item.id for item in items]
    await uow.db.draw_seeds.delete_many({"_id": {"$in": ids}}, session=uow.session)
    await uow.db.slots.delete_many({"holder": {"$in": ids}}, session=uow.session)


APPOINTMENTS_PURGED: Final = (
    Purged("booking", "bookings", moment="ends_at", person="citizen_id", together=_with_the_booking),
    Purged("waiting-list", "waits", moment="ends_at", person="citizen_id"),
    Purged("walk-in", "walk_ins", moment="ends_at"),
    Purged("turnstile", "turnstiles", moment="at"),
    Purged("draw-entry", "draw_entries", moment="ends_at", person="citizen_id"),
    Purged("draw", "draws", moment="ends_at", together=_with_the_draw),
)
