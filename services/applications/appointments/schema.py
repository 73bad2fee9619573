"""How appointments, waiting lists, tickets and draws lie in MongoDB. Folded into schema.py."""

from pymongo import IndexModel

from services.applications.domain.booking import Booking
from services.applications.domain.draw import Draw, DrawEntry
from services.applications.domain.waiting import Ticket, Wait
from shared.mongo.aggregates import Mapper
from shared.mongo.database import Indexes
from shared.mongo.sealing import Blind, SealedFields
from shared.sealing.blind import BlindKind

BOOKINGS = SealedFields("bookings", person="citizen_id", fields={"visitors": None, "phone": None})
ENTRIES = SealedFields(
    "draw_entries",
    person="citizen_id",
    fields={"pin": None, "visitor": None, "phone": None, "ground": None},
    indexes={"pin_index": Blind("pin", BlindKind.PIN)},
)
SEALED = (BOOKINGS, ENTRIES)
BOOKING_MAPPER = Mapper(Booking, sealed=BOOKINGS)
ENTRY_MAPPER = Mapper(DrawEntry, sealed=ENTRIES)
WAIT_MAPPER = Mapper(Wait)
TICKET_MAPPER = Mapper(Ticket)
DRAW_MAPPER = Mapper(Draw)
INDEXES: Indexes = {
    "bookings": [
        IndexModel("reference", unique=True),
        IndexModel([("citizen_id", 1), ("starts_at", -1), ("_id", 1)]),
        IndexModel([("citizen_id", 1), ("_id", 1)]),  # what somebody is given of themselves
        IndexModel([("post_id", 1), ("day", 1), ("starts_at", 1)]),
        IndexModel([("post_id", 1), ("starts_at", 1)]),  # what lies ahead at a post that closes
        IndexModel([("post_id", 1), ("call", 1), ("starts_at", 1)]),
        IndexModel("asked.event_id"),
        IndexModel("ends_at"),
    ],
    "slots": [IndexModel([("post_id", 1), ("day", 1)]), IndexModel("holder")],  # _id is the time: it is had once
    "turnstiles": [],  # _id is a person or a series: who changes a count waits for who changes it too
    "waits": [
        IndexModel([("post_id", 1), ("state", 1), ("rank", 1), ("joined_at", 1), ("_id", 1)]),
        IndexModel([("post_id", 1), ("state", 1), ("joined_at", 1), ("rank", 1), ("_id", 1)]),
        IndexModel([("citizen_id", 1), ("joined_at", -1)]),
        IndexModel([("citizen_id", 1), ("_id", 1)]),
        IndexModel("live_key", unique=True),
        IndexModel("booking_id"),
        IndexModel("ends_at"),
    ],
    "walk_ins": [
        IndexModel([("post_id", 1), ("day", 1), ("place", 1), ("number", 1)], unique=True),
        IndexModel("ends_at"),
    ],
    "draws": [IndexModel([("post_id", 1), ("announced_at", -1)]), IndexModel("slots"), IndexModel("ends_at")],
    "draw_seeds": [],
    "draw_entries": [
        IndexModel([("draw_id", 1), ("citizen_id", 1)], unique=True),
        IndexModel([("draw_id", 1), ("pin_index", 1)], unique=True, partialFilterExpression={"pin_index": {"$gt": ""}}),
        IndexModel([("draw_id", 1), ("hardship", 1)]),
        IndexModel([("draw_id", 1), ("code", 1)], unique=True),
        IndexModel([("citizen_id", 1), ("_id", 1)]),
        IndexModel("ends_at"),
    ],
}
