"""Appointments in MongoDB: bookings with the times that they keep, waiting lists, tickets, draws."""

from collections.abc import Sequence
from datetime import datetime
from zlib import crc32

from pymongo.errors import DuplicateKeyError

from services.applications.appointments.schema import BOOKING_MAPPER, DRAW_MAPPER, ENTRY_MAPPER, TICKET_MAPPER, WAIT_MAPPER
from services.applications.domain import appointment_errors as errors
from services.applications.domain.booking import KEPT, Booking
from services.applications.domain.draw import Draw, DrawEntry
from services.applications.domain.timetable import Slot, Window
from services.applications.domain.waiting import Ticket, Wait
from shared.actors import POST_ROLES, Citizen, Officer
from shared.mongo.aggregates import Aggregates
from shared.mongo.database import Document
from shared.mongo.transactions import UnitOfWork

GATES = 32


class Bookings(Aggregates[Booking]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "bookings", BOOKING_MAPPER)

    async def get_for(self, actor: Citizen | Officer, booking_id: str) -> Booking:
        """Raises AppointmentNotFound, also where the actor may not see it."""
        found = await self.find({"_id": booking_id} | scope_of(actor))
        if found is None:
            raise errors.AppointmentNotFound
        return found


class Waits(Aggregates[Wait]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "waits", WAIT_MAPPER)

    async def next_for(self, slot: Slot, window: Window) -> Wait | None:
        """Whose turn it is at this time: of a window whose times are drawn those whom a draw passed over, in its order, and after
        them, as at any other window, who joined first."""
        services = window.services
        wanted: Document = {"post_id": slot.post_id, "state": "waiting", "place": slot.place}
        wanted |= {"service_id": {"$in": list(services)}} if services else {}
        wanted |= {"from_day": {"$lte": slot.day.isoformat()}, "until_day": {"$gte": slot.day.isoformat()}}
        found = None
        if window.release == "draw":
            found = await self._first(wanted | {"rank": {"$gt": 0}}, ("rank", "joined_at", "_id"))
        return found or await self._first(wanted, ("joined_at", "rank", "_id"))

    async def _first(self, wanted: Document, order: Sequence[str]) -> Wait | None:
        rows = self.collection.find(wanted, session=self.session).sort([(name, 1) for name in order]).limit(1)
        return next((self.mapper.from_document(row) for row in await rows.to_list()), None)


class Tickets(Aggregates[Ticket]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "walk_ins", TICKET_MAPPER)


class Draws(Aggregates[Draw]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "draws", DRAW_MAPPER)

    async def known(self, draw_id: str) -> Draw:
        """Raises DrawNotFound."""
        found = await self.find({"_id": draw_id})
        if found is None:
            raise errors.DrawNotFound
        return found


class DrawEntries(Aggregates[DrawEntry]):
    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, "draw_entries", ENTRY_MAPPER)


class Slots:
    """Who has which time: a row with the time's id, so that nobody else gets it."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow, self._rows = uow, uow.db.slots

    async def take(self, slots: Sequence[Slot], holder: str) -> None:
        """holder: a booking or a draw. Raises SlotTaken."""
        for slot in slots:
            row = {"_id": slot.id, "holder": holder, "post_id": slot.post_id, "day": slot.day.isoformat()}
            if await self._rows.find_one({"_id": slot.id}, {"_id": 1}, session=self._uow.session):
                raise errors.SlotTaken
            try:
                await self._rows.insert_one(row | {"ends_at": slot.ends_at}, session=self._uow.session)
            except DuplicateKeyError:
                raise errors.SlotTaken from None

    async def pass_on(self, slot_id: str, *, of: str, to: str) -> None:
        """Raises SlotTaken where it is not theirs."""
        changed = await self._rows.update_one({"_id": slot_id, "holder": of}, {"$set": {"holder": to}}, session=self._uow.session)
        if not changed.matched_count:
            raise errors.SlotTaken

    async def give_back(self, holder: str) -> list[str]:
        """Out: which times are free now."""
        mine = [row["_id"] async for row in self._rows.find({"holder": holder}, {"_id": 1}, session=self._uow.session)]
        await self._rows.delete_many({"holder": holder}, session=self._uow.session)
        return sorted(mine)


async def through_turnstile(uow: UnitOfWork, key: str) -> int:
    """Everybody who counts something of this key does it one after the other: of two transactions at once one runs again.
    Out: the how-manieth time. Raises SlotTaken where two came first at the same moment."""
    row = await uow.db.turnstiles.find_one({"_id": key}, session=uow.session)
    if row is None:
        try:
            await uow.db.turnstiles.insert_one({"_id": key, "turn": 1, "at": uow.at}, session=uow.session)
        except DuplicateKeyError:
            raise errors.SlotTaken from None
        return 1
    await uow.db.turnstiles.update_one({"_id": key}, {"$set": {"turn": row["turn"] + 1, "at": uow.at}}, session=uow.session)
    return int(row["turn"]) + 1


async def through_gate(uow: UnitOfWork, draw_id: str, entry_of: str) -> None:
    """Whoever changes an entry in a draw: one of several turnstiles, so that people who enter at once seldom wait."""
    await through_turnstile(uow, f"draw:{draw_id}:{crc32(entry_of.encode()) % GATES}")


async def through_all_gates(uow: UnitOfWork, draw_id: str) -> None:
    """Whoever reads all entries to fix them: nothing is changed beside it, in a transaction that began before."""
    for gate in range(GATES):
        await through_turnstile(uow, f"draw:{draw_id}:{gate}")


async def was_drawn(slot_id: str, uow: UnitOfWork) -> bool:
    """Whether a draw gave it out, so that everybody may take it where it is free."""
    return await uow.db.draws.find_one({"slots": slot_id, "state": "drawn"}, {"_id": 1}, session=uow.session) is not None


async def times_of(uow: UnitOfWork, citizen_id: str, day: str, now: datetime) -> tuple[int, int]:
    """How many times a person keeps on that day, and that are still to come."""
    mine = {"citizen_id": citizen_id, "starts_at": {"$gt": now}, "state": {"$in": [state.value for state in KEPT]}}
    rows = await uow.db.bookings.find(mine, {"day": 1, "visits": 1}, session=uow.session).to_list()
    return sum(len(row["visits"]) for row in rows if row["day"] == day), sum(len(row["visits"]) for row in rows)


def scope_of(actor: Citizen | Officer) -> Document:
    """A citizen's own; of officers those of their posts, all for the ministry."""
    if isinstance(actor, Citizen):
        return {"citizen_id": actor.id}
    return {} if actor.is_ministry else {"post_id": {"$in": sorted(actor.posts_with(POST_ROLES))}}
