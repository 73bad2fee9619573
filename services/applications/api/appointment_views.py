"""Appointments, waiting lists, tickets and draws as their routes answer them."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.applications.api import appointment_schemas as schemas
from services.applications.api.named import Named, in_language, named_post
from services.applications.api.wording import Wording
from services.applications.appointments.queries import Day
from services.applications.appointments.timetables import day_at, day_elsewhere, days_elsewhere, the_policy, timetable_of
from services.applications.catalogue import the_catalogue
from services.applications.domain.booking import KEPT, Attendance, Booking, BookingState, EndReason
from services.applications.domain.calendars import WEEKDAYS, spans_of
from services.applications.domain.draw import Draw, DrawEntry, DrawState, Ground
from services.applications.domain.fair_draw import day_of
from services.applications.domain.form import today
from services.applications.domain.posts import MobileDay
from services.applications.domain.timetable import Slot
from services.applications.domain.waiting import Ticket, Wait, WaitState
from shared.texts import N_

STATES: Mapping[BookingState, str] = {
    BookingState.HELD: N_("Kept for you: book it before the time is up"),
    BookingState.OFFERED: N_("Offered to you: take it before the time is up"),
    BookingState.BOOKED: N_("Booked"),
    BookingState.CANCELLED: N_("Cancelled"),
    BookingState.LAPSED: N_("Not booked in time"),
}
NOTED: Mapping[Attendance, str] = {
    "served": N_("The visit took place"),
    "arrived": N_("The visitor has come"),
    "absent": N_("An officer wrote down that nobody came"),
}
OVER = N_("Its time is over")
ENDS: Mapping[EndReason, str] = {
    "by-citizen": N_("Cancelled as you wished."),
    "by-post": N_("The post had to cancel it. Please choose another time."),
    "no-answer": N_("We asked whether you would come, and had no answer: the time was given back."),
    "declined": N_("You did not take it."),
    "time-up": N_("The time that it was kept for was up."),
}
WAITS: Mapping[WaitState, str] = {
    "waiting": N_("You wait for a time. We write to you when one becomes free."),
    "offered": N_("A time became free and is kept for you: take it in time."),
    "taken": N_("You took a time."),
    "missed": N_("You did not take the time that was offered. Join again if you still want one."),
    "left": N_("You do not wait any more."),
}
DRAWS: Mapping[DrawState, str] = {
    "announced": N_("Announced: entries are taken while it is open"),
    "closed": N_("Closed: the entries are fixed, the draw follows"),
    "drawn": N_("Drawn: everything is published, and anybody can draw again"),
}
GROUNDS: Mapping[Ground, str] = {
    "medical": N_("Illness or treatment"),
    "bereavement": N_("A death in the family"),
    "no-valid-document": N_("No valid document, or a threat of expulsion"),
    "small-child": N_("A child under three years"),
    "other": N_("Another serious reason"),
}


def free_times(slots: Sequence[Slot], post_id: str, service_id: str, place: str | None, say: Wording) -> schemas.FreeTimes:
    post, policy, days = the_catalogue().post(post_id), the_policy(), dict[date, list[schemas.SlotView]]()
    there, here = day_elsewhere(post_id, place) if place else None, today(post, say.now)
    for slot in slots:
        days.setdefault(slot.day, []).append(_slot(slot))
    return schemas.FreeTimes(
        place=elsewhere_view(there, say) if there else None,
        elsewhere=elsewhere_views(post_id, say, service_id),
        time_zone=there.time_zone if there else post.time_zone,
        first_day=here,
        last_day=here + timedelta(days=policy.horizon_days),
        people_at_once=policy.people_at_once,
        hold_minutes=policy.hold_minutes,
        illustrative=any(window.illustrative for window in timetable_of(post.id).windows if window.place == place),
        days=[schemas.SlotDay(day=day, slots=found) for day, found in days.items()],
    )


def elsewhere_views(post_id: str, say: Wording, service_id: str | None = None) -> list[schemas.DayElsewhere]:
    """From today there on; service_id: on which it receives for that."""
    ahead = [one for one in days_elsewhere(post_id) if one.day >= day_at(post_id, one.id, say.now)[0]]
    return [elsewhere_view(one, say) for one in ahead if service_id is None or not one.services or service_id in one.services]


def elsewhere_view(one: MobileDay, say: Wording) -> schemas.DayElsewhere:
    return schemas.DayElsewhere(
        id=one.id,
        name=in_language(one.cities, say),
        day=one.day,
        hours=", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in spans_of(one.hours, WEEKDAYS[one.day.weekday()])),
        time_zone=one.time_zone,
        bookable_from=one.day - timedelta(days=the_policy().horizon_days),
        illustrative=one.illustrative,
    )


def _slot(slot: Slot) -> schemas.SlotView:
    local = slot.starts_at.astimezone(ZoneInfo(slot.zone))
    return schemas.SlotView(id=slot.id, starts_at=local, time=f"{local:%H:%M}", minutes=slot.minutes, window=slot.window)


def appointment_view(booking: Booking, say: Wording) -> schemas.AppointmentView:
    return schemas.AppointmentView(**_appointment(booking, say))


def officer_view(booking: Booking, say: Wording) -> schemas.OfficerAppointment:
    call = schemas.CallView(outcome=booking.call, called_at=booking.called_at) if booking.call else None
    known = _appointment(booking, say, "by-post")
    return schemas.OfficerAppointment(**known, call=call, arrived_question=booking.arrived)


def _appointment(booking: Booking, say: Wording, ended: EndReason = "by-citizen") -> dict[str, object]:
    """ended: how whoever reads it would end it."""
    may = _may(booking, ended, say.now)
    return {
        "id": booking.id,
        "reference": booking.reference,
        "post": named_post(booking.post_id, say),
        "place": Named(id=booking.place, name=in_language(booking.town, say)) if booking.place and booking.town else None,
        "day": date.fromisoformat(booking.day),
        "time_zone": booking.post_zone,
        "state": booking.state.value,
        "state_text": say(_state(booking, say.now)),
        "held_until": booking.held_until if booking.state in KEPT else None,
        "answer_awaited": booking.answer_awaited and "confirm" in may,
        "confirmed": booking.confirmed_at is not None,
        "end_text": say(ENDS[booking.end_reason]) if booking.end_reason else None,
        "phone": booking.phone,
        "visits": _visits(booking, say),
        "may": may,
    }


def _visits(booking: Booking, say: Wording) -> list[schemas.VisitView]:
    names: Sequence[str | None] = booking.visitors or [None] * len(booking.visits)
    shown = []
    for visit, name in zip(booking.visits, names, strict=False):
        local = visit.starts_at.astimezone(ZoneInfo(booking.post_zone))
        plain = {key: getattr(visit, key) for key in ("slot_id", "minutes", "window", "who", "application_id", "attendance")}
        service = service_named(visit.service_id, say)
        shown.append(schemas.VisitView(**plain, starts_at=local, time=f"{local:%H:%M}", service=service, visitor=name))
    return shown


def _may(booking: Booking, ended: EndReason, now: datetime) -> list[str]:
    if booking.state in (BookingState.HELD, BookingState.OFFERED):
        return ["book", "cancel"] if booking.held_until and booking.held_until > now else []
    confirm = ["confirm"] if booking.confirmed_at is None and booking.why_not_ahead(now) is None else []
    return [*confirm, "cancel"] if booking.why_kept(ended, at=now) is None else confirm


def _state(booking: Booking, now: datetime) -> str:
    """What became of a visit that was booked says more than that it is booked."""
    if booking.state is BookingState.BOOKED and booking.noted:
        return NOTED[booking.noted]
    return OVER if booking.state is BookingState.BOOKED and booking.ends_at <= now else STATES[booking.state]


def wait_view(wait: Wait, say: Wording) -> schemas.WaitView:
    return schemas.WaitView(
        id=wait.id,
        post=named_post(wait.post_id, say),
        place=_place(wait, say),
        service=service_named(wait.service_id, say),
        from_day=date.fromisoformat(wait.from_day),
        until_day=date.fromisoformat(wait.until_day),
        state=wait.state,
        state_text=say(WAITS[wait.state]),
        appointment_id=wait.booking_id if wait.state in ("offered", "taken") else None,
    )


def _place(wait: Wait, say: Wording) -> Named | None:
    """By its id alone where the day stands in the file no longer."""
    one = next((one for one in days_elsewhere(wait.post_id) if one.id == wait.place), None)
    return Named(id=wait.place, name=in_language(one.cities, say) if one else wait.place) if wait.place else None


def day_view(found: Day, post_id: str, day: date, place: str | None, say: Wording) -> schemas.DayView:
    post = the_catalogue().post(post_id)
    return schemas.DayView(
        post=named_post(post.id, say),
        day=day,
        today=day == day_at(post.id, place, say.now)[0],
        place=elsewhere_view(day_elsewhere(post_id, place), say) if place else None,
        elsewhere=elsewhere_views(post_id, say),
        windows=sorted(window.id for window in timetable_of(post.id).windows if window.place == place),
        appointments=[officer_view(booking, say) for booking in found.bookings],
        tickets=[ticket_view(ticket, say, _ahead(ticket, found.tickets)) for ticket in found.tickets],
        calls=[officer_view(booking, say) for booking in found.calls if booking.starts_at > say.now],
    )


def _ahead(ticket: Ticket, tickets: Sequence[Ticket]) -> int:
    return sum(other.state == "waiting" and other.number < ticket.number for other in tickets)


def ticket_view(ticket: Ticket, say: Wording, ahead: int = 0) -> schemas.TicketView:
    return schemas.TicketView(
        id=ticket.id,
        number=ticket.number,
        service=service_named(ticket.service_id, say) if ticket.service_id else None,
        state=ticket.state,
        window=ticket.window,
        taken_at=ticket.taken_at,
        ahead=ahead if ticket.state == "waiting" else 0,
    )


def draw_view(draw: Draw, say: Wording) -> schemas.DrawView:
    moments = ("announced_at", "opens_at", "closes_at", "draws_at", "drawn_at")
    return schemas.DrawView(
        id=draw.id,
        post=named_post(draw.post_id, say),
        service=service_named(draw.service_id, say),
        state=draw.state,
        state_text=say(DRAWS[draw.state]),
        open=draw.state == "announced" and draw.opens_at <= say.now < draw.closes_at,
        commitment=draw.commitment,
        codes_digest=draw.codes_digest,
        entries=draw.entries if draw.state != "announced" else None,
        **{name: getattr(draw, name) for name in moments},
        time_zone=draw.post_zone,
        days=sorted({date.fromisoformat(day_of(slot)) for slot in draw.slots}),
        slots=list(draw.slots),
        publication=json.loads(draw.publication) if draw.publication else None,
    )


def entry_view(entry: DrawEntry) -> schemas.EntryView:
    return schemas.EntryView(
        id=entry.id,
        code=entry.code,
        days=[date.fromisoformat(day) for day in entry.days],
        hardship=entry.hardship,
        ground=entry.ground,
        place=entry.place,
        outcome=entry.outcome,
        appointment_id=entry.booking_id,
    )


def claim_view(entry: DrawEntry, say: Wording) -> schemas.ClaimView:
    text = say(GROUNDS[entry.ground]) if entry.ground else None
    known = {name: getattr(entry, name) for name in ("id", "code", "visitor", "ground", "hardship")}
    return schemas.ClaimView(**known, ground_text=text)


def service_named(service_id: str, say: Wording) -> Named:
    return Named(id=service_id, name=say(the_catalogue().service(service_id).title))
