"""A citizen chooses times, one for each person who comes: they are kept for a quarter of an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.applications.appointments.repository import Bookings, Slots, through_turnstile, times_of, was_drawn
from services.applications.appointments.timetables import the_policy, timetable_of
from services.applications.appointments.visited_cases import must_be_visited_for
from services.applications.catalogue import the_catalogue
from services.applications.domain import appointment_errors as errors
from services.applications.domain.booking import Booking, Visit
from services.applications.domain.fair_draw import day_of
from services.applications.domain.timetable import Policy, Slot, Timetable
from services.applications.queue.closures import must_be_open
from services.applications.use_cases.appointments.offer_times import lapsing, new_reference
from shared.actors import Citizen
from shared.errors import FieldError, InvalidInput
from shared.mongo.transactions import UnitOfWork
from shared.texts import N_

_ONE_DAY = N_("Choose times of one day: whoever comes together comes on one day.")
_ONE_PLACE = N_("Choose times at one place: whoever comes together comes to one town.")
_EACH_OWN = N_("Each person needs a time of their own.")
_TOO_MANY = N_("At most {most} people can be booked at once.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """offered: whether anybody may come for it, or only who has a case of it."""

    slot_id: str
    service_id: str
    who: Literal["self", "child", "spouse", "parent", "other"]
    visitor: str
    application_id: str | None = None
    offered: bool = True


@dataclass(frozen=True, slots=True)
class HoldTimes:
    booking_id: str
    post_id: str
    wanted: tuple[Wanted, ...]
    phone: str | None
    by: Citizen


async def hold_times(command: HoldTimes, uow: UnitOfWork) -> Booking:
    """Raises UnknownPost, PostIsClosed, UnknownService, ApplicationNotFound, NoVisitNow, InvalidInput, SlotNotOpen, SlotTaken,
    TooManyTimes."""
    post, policy = the_catalogue().post(command.post_id), the_policy()
    await must_be_open(post.id, uow)
    _must_fit_together(command.wanted, policy)
    slots = [await open_slot(timetable_of(post.id), one, policy, uow) for one in command.wanted]
    _must_be_at_one_place(slots)
    for one in command.wanted:
        await must_be_visited_for(one.service_id, one.application_id, command.by, uow, offered=one.offered)
    await _must_have_room(command.by.id, slots, policy, uow)
    booking = Booking.hold(
        command.booking_id,
        new_reference(post.code, uow),
        citizen_id=command.by.id,
        post=(post.id, slots[0].zone),
        elsewhere=slots[0].elsewhere,
        visits=tuple(
            Visit.of(slot, one.service_id, one.who, one.application_id) for slot, one in zip(slots, command.wanted, strict=True)
        ),
        at=uow.at,
        until=uow.at + timedelta(minutes=policy.hold_minutes),
        visitors=tuple(one.visitor for one in command.wanted),
        phone=command.phone,
    )
    await Slots(uow).take(slots, booking.id)
    await Bookings(uow).add(booking)
    uow.schedule(lapsing(booking))
    return booking


async def open_slot(timetable: Timetable, wanted: Wanted, policy: Policy, uow: UnitOfWork) -> Slot:
    """Raises UnknownService, SlotNotOpen."""
    the_catalogue().service(wanted.service_id)
    found = timetable.slot(wanted.slot_id)
    if found is None or not found[1].receives_for(wanted.service_id):
        raise errors.SlotNotOpen
    slot, window = found
    if not bookable(slot, policy, uow.at):
        raise errors.SlotNotOpen
    if window.release == "draw" and not await was_drawn(slot.id, uow):
        raise errors.SlotNotOpen
    return slot


def bookable(slot: Slot, policy: Policy, now: datetime) -> bool:
    """Neither past nor too soon nor too far ahead."""
    last = now.astimezone(ZoneInfo(slot.zone)).date() + timedelta(days=policy.horizon_days)
    return slot.starts_at >= now + timedelta(minutes=policy.lead_minutes) and slot.day <= last


def _must_fit_together(wanted: Sequence[Wanted], policy: Policy) -> None:
    if len(wanted) > policy.people_at_once:
        raise InvalidInput([FieldError("/visits", _TOO_MANY, {"most": policy.people_at_once})])
    faults = []
    first_day = day_of(wanted[0].slot_id)
    for index, one in enumerate(wanted):
        if day_of(one.slot_id) != first_day:
            faults.append(FieldError(f"/visits/{index}/slot_id", _ONE_DAY))
        elif one.slot_id in [other.slot_id for other in wanted[:index]]:
            faults.append(FieldError(f"/visits/{index}/slot_id", _EACH_OWN))
    if faults:
        raise InvalidInput(faults)


def _must_be_at_one_place(slots: Sequence[Slot]) -> None:
    faults = [
        FieldError(f"/visits/{index}/slot_id", _ONE_PLACE) for index, slot in enumerate(slots) if slot.place != slots[0].place
    ]
    if faults:
        raise InvalidInput(faults)


async def _must_have_room(citizen_id: str, slots: Sequence[Slot], policy: Policy, uow: UnitOfWork) -> None:
    """Also of two requests at the same moment: they pass one after the other. Raises TooManyTimes."""
    await through_turnstile(uow, citizen_id)
    that_day, to_come = await times_of(uow, citizen_id, slots[0].day.isoformat(), uow.at)
    if that_day + len(slots) > policy.times_a_day or to_come + len(slots) > policy.open_times:
        raise errors.TooManyTimes(a_day=policy.times_a_day, open=policy.open_times)
