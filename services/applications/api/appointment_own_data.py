"""What is kept of a person's appointments, for the person themselves. Folded into own_data.py."""

from services.applications.appointments.schema import BOOKINGS, ENTRIES
from shared.mongo.own_data import OwnRecords

APPOINTMENT_KINDS = (
    OwnRecords("appointment", "bookings", "citizen_id", sealed=BOOKINGS),
    OwnRecords("waiting-list", "waits", "citizen_id", {"live_key": "the ids that stand in the record anyway, as one"}),
    OwnRecords("draw-entry", "draw_entries", "citizen_id", sealed=ENTRIES),
)
APPOINTMENTS_LEFT_OUT = {
    "slots": "which times are had: yours stand in your appointments",
    "turnstiles": "counts that keep two requests from passing at once",
    "walk_ins": "tickets: a number of a day, and nothing of anybody",
    "draws": "published for everybody",
    "draw_seeds": "published with the draw",
}
