"""Why an appointment, a place in a draw or a ticket is not to be had."""

from shared.errors import NotAllowed, NotAllowedNow, NotFound
from shared.texts import N_


class AppointmentNotFound(NotFound):
    code = "appointment-not-found"
    message = N_("There is no such appointment among those you can see.")


class NoSuchDay(NotFound):
    code = "no-such-day"
    message = N_("This post has no such day in another town.")


class SlotTaken(NotAllowedNow):
    code = "slot-taken"
    message = N_("Somebody has just taken one of these times. Choose another; nothing was booked.")


class SlotNotOpen(NotAllowedNow):
    code = "slot-not-open"
    message = N_("One of these times cannot be booked: it is past, too soon, too far ahead, or given out by a draw.")


class TooManyTimes(NotAllowedNow):
    code = "too-many-times"
    message = N_("One person can have at most {a_day} times on one day and {open} that are still to come.")


class HoldOver(NotAllowedNow):
    code = "hold-over"
    message = N_("These times were kept for you until the time was up, and others may have them now. Choose again.")


class NotBooked(NotAllowedNow):
    code = "not-booked"
    message = N_("This appointment is not booked any more, or not yet.")


class TooLateNow(NotAllowedNow):
    code = "appointment-began"
    message = N_("This appointment has begun or is over.")


class VisitTookPlace(NotAllowedNow):
    code = "visit-served"
    message = N_("An officer wrote down that this visit took place. It cannot be cancelled or moved any more.")


class VisitMissed(NotAllowedNow):
    code = "visit-missed"
    message = N_("An officer wrote down that nobody came to this visit. It cannot be cancelled or moved any more.")


class VisitorIsHere(NotAllowedNow):
    code = "visitor-here"
    message = N_("An officer wrote down that you have come. This visit cannot be cancelled or moved now: speak with the officer.")


class NoVisitNow(NotAllowedNow):
    code = "no-visit-now"
    message = N_("This application has ended: nobody has to come for it any more.")


class NoCallWaits(NotAllowedNow):
    code = "no-call-waits"
    message = N_("Nobody has to be called about this appointment.")


class NotThatDay(NotAllowedNow):
    code = "not-that-day"
    message = N_("Who came is written down on the day of the appointment.")


class NoTicketsThatDay(NotAllowedNow):
    code = "no-tickets-that-day"
    message = N_("In that town tickets are given and called on the day itself only.")


class StillFree(NotAllowedNow):
    code = "times-are-free"
    message = N_("There are free times in these days: book one of them.")


class AlreadyWaiting(NotAllowedNow):
    code = "already-waiting"
    message = N_("You are on this waiting list already.")


class WaitOver(NotAllowedNow):
    code = "wait-over"
    message = N_("You are not on this waiting list any more.")


class TicketNotWaiting(NotAllowedNow):
    code = "ticket-settled"
    message = N_("This ticket was called or settled before.")


class NobodyWaits(NotAllowedNow):
    code = "nobody-waits"
    message = N_("Nobody waits with a ticket.")


class DrawNotFound(NotFound):
    code = "draw-not-found"
    message = N_("There is no such draw.")


class DrawNotOpen(NotAllowedNow):
    code = "draw-not-open"
    message = N_("Requests for this draw are taken only while it is open.")


class DrawDone(NotAllowedNow):
    code = "draw-done"
    message = N_("This draw is done.")


class NotProven(NotAllowed):
    code = "person-not-proven"
    message = N_("A draw has one entry for each proven person. Let an officer see your passport once, or sign in with an e-ID.")


class AlreadyEntered(NotAllowedNow):
    code = "already-entered"
    message = N_("There is one entry in this draw for each person: you, or this PIN, has one already.")


class DrawFull(NotAllowedNow):
    code = "draw-full"
    message = N_("This draw has as many entries as it can take. Nobody else can enter it.")


class NotEntered(NotFound):
    code = "not-entered"
    message = N_("You have no entry in this draw.")


class NothingToDraw(NotAllowedNow):
    code = "nothing-to-draw"
    message = N_("There is no free time for this draw in these days.")


class NoClaim(NotAllowedNow):
    code = "no-claim"
    message = N_("This entry says nothing of hardship, or was judged before.")
