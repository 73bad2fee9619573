"""Appointments on a real database, with the clock set: who gets a time, who loses it, and who is offered it then."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import uuid4

import pytest

from services.applications.appointments.queries import day_of_post, free_times
from services.applications.appointments.timetables import the_policy
from services.applications.domain import appointment_errors as errors
from services.applications.domain.booking import BookingState
from services.applications.domain.closing import ClosingReason, Closure, Left
from services.applications.domain.queue_errors import PostIsClosed
from services.applications.domain.waiting import Wait
from services.applications.queue.closures import MOVE_CASE, MOVE_CASES, Closures, closure_of
from services.applications.use_cases.appointments.ask_attendance import (
    ConfirmAttendance,
    NoteAttendance,
    NoteCall,
    NoteDelivered,
    confirm_attendance,
    note_attendance,
    note_call,
    note_delivered,
)
from services.applications.use_cases.appointments.book_appointment import BookAppointment, book_appointment
from services.applications.use_cases.appointments.end_appointment import CancelAppointment, cancel_appointment
from services.applications.use_cases.appointments.wait_for_time import JoinWaitingList, add_wait, join_waiting_list
from services.applications.use_cases.erase_person import erase_person
from services.applications.use_cases.queue.close_post import ReopenPost, reopen_post
from services.applications.use_cases.queue.move_cases import MoveCases, give_back_times, move_cases
from shared.actors import Citizen, Officer
from shared.errors import ConcurrentUpdate, InvalidInput
from shared.mongo.erasure import ErasePerson
from shared.mongo.transactions import UnitOfWork
from tests.support.appointing import AT, INTAKE, SERVICE, Consulate, consulate, days_on
from tests.support.places import Place

pytestmark = pytest.mark.places_again
DAY = date(2026, 12, 8)  # a Tuesday, fifteen days on: 15 times at one window
FIRST = "yek.a.2026-12-08.0930"
IN_TYUMEN = date(2026, 12, 12)  # a Saturday on which the post works there: two desks, eighteen times at each
STARTS = AT.replace(month=12, day=8, hour=4, minute=30)


@pytest.fixture
async def here(place: Place) -> AsyncIterator[Consulate]:
    async with consulate(place) as found:
        yield found


async def waits(here: Consulate, who: str, place: str | None = None) -> None:
    await here.run(join_waiting_list, JoinWaitingList(str(uuid4()), "yek", SERVICE, DAY, DAY, Citizen(who), place))


async def all_taken(here: Consulate) -> list[str]:
    """By three families. Out: the bookings."""
    slots = await here.free(DAY)
    return [(await here.book(f"family-{first}", *slots[first : first + 6])).id for first in range(0, len(slots), 6)]


async def test_of_forty_people_who_want_one_time_at_once_one_gets_it(here: Consulate) -> None:
    tries = await asyncio.gather(*(here.hold(f"p{number}", FIRST) for number in range(40)), return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in tries) == 1
    assert {type(each) for each in tries if isinstance(each, BaseException)} == {errors.SlotTaken}


async def test_a_family_has_a_time_for_each_on_one_day_in_one_booking(here: Consulate) -> None:
    booking = await here.book("aigul", *(await here.free(DAY))[:3])
    assert [visit.who for visit in booking.visits] == ["self", "child", "spouse"]
    assert len(set(booking.slot_ids)) == 3
    assert len(await here.free(DAY)) == 12
    with pytest.raises(InvalidInput):
        await here.hold("aigul", "yek.a.2026-12-09.0930", "yek.a.2026-12-10.0930")
    with pytest.raises(InvalidInput):
        await here.hold("aigul", "yek.a.2026-12-09.0930", "yek.a.2026-12-09.0930")


async def test_what_is_not_booked_within_a_quarter_of_an_hour_is_free_again(here: Consulate) -> None:
    held = await here.hold("aigul", FIRST)
    await here.until(AT + timedelta(minutes=14))
    assert FIRST not in await here.free(DAY)
    await here.until(AT + timedelta(minutes=15))
    assert FIRST in await here.free(DAY)
    with pytest.raises(errors.HoldOver):
        await here.run(book_appointment, BookAppointment(held.id, Citizen("aigul")))


async def test_one_person_has_only_so_many_times_a_day_however_many_are_asked_for_at_once(here: Consulate) -> None:
    most = the_policy().times_a_day
    slots = await here.free(DAY)
    tries = await asyncio.gather(*(here.hold("aigul", slot) for slot in slots[: most + 4]), return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in tries) <= most
    while len(left := await here.free(DAY)) > len(slots) - most:  # those that met others at the turnstile
        await here.hold("aigul", left[0])
    with pytest.raises(errors.TooManyTimes):
        await here.hold("aigul", (await here.free(DAY))[0])


@pytest.mark.parametrize(
    "slot",
    ["yek.a.2026-11-23.1000", "yek.a.2026-11-20.0930", "yek.a.2027-03-01.0930", "yek.b.2026-12-07.0930", "yek.a.2026-12-08.0931"],
)
async def test_a_time_that_is_past_too_soon_too_far_drawn_or_none_is_not_to_be_had(here: Consulate, slot: str) -> None:
    with pytest.raises(errors.SlotNotOpen):
        await here.hold("aigul", slot)


async def test_whoever_booked_is_asked_seven_three_and_one_day_ahead_until_they_answer(here: Consulate) -> None:
    booking = await here.book("aigul", FIRST)
    await here.until(STARTS - timedelta(days=4))
    assert [asked.days for asked in (await here.booking(booking.id)).asked] == [7]
    await here.until(STARTS - timedelta(days=2))
    await here.run(confirm_attendance, ConfirmAttendance(booking.id, Citizen("aigul")))
    await here.until(STARTS)
    after = await here.booking(booking.id)
    assert [asked.days for asked in after.asked] == [7, 3]
    assert after.state is BookingState.BOOKED
    assert len(await here.told("appointment.confirmation_asked.v1")) == 2


async def test_after_an_outage_only_the_last_question_that_is_due_is_asked(here: Consulate) -> None:
    booking = await here.book("aigul", FIRST)
    here.clock.at = STARTS - timedelta(days=2)
    await here.until(here.clock.at)
    assert [asked.days for asked in (await here.booking(booking.id)).asked] == [3]


async def test_silence_frees_the_time_only_after_a_receipt_and_else_an_officer_calls(here: Consulate) -> None:
    slots = await here.free(DAY)
    silent, unreached = await here.book("silent", slots[0]), await here.book("unreached", slots[1])
    await here.until(STARTS - timedelta(days=6))
    asked = (await here.booking(silent.id)).asked
    await here.run(note_delivered, NoteDelivered(asked[0].event_id))
    await here.run(note_delivered, NoteDelivered(asked[0].event_id))  # twice is once
    await here.until(STARTS - timedelta(hours=the_policy().silence_hours - 1))
    freed, kept = await here.booking(silent.id), await here.booking(unreached.id)
    assert (freed.state, freed.end_reason) == (BookingState.CANCELLED, "no-answer")
    assert (kept.state, kept.call) == (BookingState.BOOKED, "waits")
    assert slots[0] in await here.free(DAY)
    assert slots[1] not in await here.free(DAY)
    called = await here.run(note_call, NoteCall(unreached.id, "confirmed", INTAKE))
    assert (called.call, called.confirmed_at is not None) == ("confirmed", True)


async def test_a_call_that_says_that_they_cannot_come_frees_the_time(here: Consulate) -> None:
    booking = await here.book("aigul", FIRST)
    await here.until(STARTS - timedelta(hours=the_policy().silence_hours))
    await here.run(note_call, NoteCall(booking.id, "cannot-come", INTAKE))
    assert (await here.booking(booking.id)).state is BookingState.CANCELLED


async def test_who_was_served_before_their_time_keeps_it_whoever_ends_appointments(here: Consulate) -> None:
    booking = await here.book("aigul", FIRST)
    here.clock.at = STARTS - timedelta(hours=3)
    await here.run(note_attendance, NoteAttendance(booking.id, FIRST, "served", INTAKE))
    with pytest.raises(errors.VisitTookPlace):
        await here.run(cancel_appointment, CancelAppointment(booking.id, Citizen("aigul")))
    with pytest.raises(errors.VisitTookPlace):
        await here.run(cancel_appointment, CancelAppointment(booking.id, INTAKE))

    async def close(command: str, uow: UnitOfWork) -> int:
        return await give_back_times(command, uow)

    assert await here.run(close, "yek") == 0, "it is not among those which a closing post gives back"
    await here.run(erase_person, ErasePerson("aigul"))
    after = await here.booking(booking.id)
    assert (after.state, after.noted) == (BookingState.BOOKED, "served")
    assert await here.database.db.slots.count_documents({"_id": FIRST, "holder": booking.id}) == 1
    assert await here.told("appointment.cancelled.v1") == []


async def test_of_served_and_cancelled_at_once_one_wins_and_the_time_is_free_only_where_it_was_cancelled(here: Consulate) -> None:
    slots = await here.free(DAY)
    bookings = [await here.book(f"p{number}", slot) for number, slot in enumerate(slots[4:14])]
    here.clock.at = STARTS - timedelta(hours=3)
    acts = []
    for number, each in enumerate(bookings):
        acts.append(here.run(note_attendance, NoteAttendance(each.id, each.slot_ids[0], "served", INTAKE)))
        acts.append(here.run(cancel_appointment, CancelAppointment(each.id, Citizen(f"p{number}"))))
    done = await asyncio.gather(*acts, return_exceptions=True)
    refused = [each for each in done if isinstance(each, BaseException)]
    assert {type(each) for each in refused} <= {errors.VisitTookPlace, errors.NotBooked, ConcurrentUpdate}
    for booking, served, cancelled in zip(bookings, done[::2], done[1::2], strict=True):
        after = await here.booking(booking.id)
        kept = await here.database.db.slots.count_documents({"_id": booking.slot_ids[0], "holder": booking.id})
        ways = {("booked", "served"): (False, True, 1), ("cancelled", None): (True, False, 0)}
        refusals = (isinstance(served, BaseException), isinstance(cancelled, BaseException))
        assert (*refusals, kept) == ways[after.state.value, after.noted]
    assert len(refused) == len(bookings)
    gone = sum(isinstance(each, BaseException) for each in done[::2])
    assert len(await here.told("appointment.cancelled.v1")) == gone


async def test_nobody_is_called_about_a_time_that_is_past(here: Consulate) -> None:
    await here.book("aigul", FIRST)
    await here.until(STARTS - timedelta(hours=1))
    day, db = DAY.isoformat(), here.database.db
    assert [each.citizen_id for each in (await day_of_post(db, "yek", day, here.clock.at)).calls] == ["aigul"]
    assert (await day_of_post(db, "yek", day, STARTS)).calls == []


async def test_a_day_at_the_end_of_the_calendar_has_no_free_times(here: Consulate) -> None:
    assert await free_times(here.database.db, "yek", SERVICE, date.max, 14, AT) == []


async def test_a_freed_time_is_offered_to_who_waits_longest_and_goes_on_when_the_offer_expires(here: Consulate) -> None:
    first_booking = (await all_taken(here))[0]
    for who in ("first", "second", "third"):
        await waits(here, who)
        here.clock.at += timedelta(minutes=1)
    with pytest.raises(errors.AlreadyWaiting):
        await waits(here, "second")
    await here.run(cancel_appointment, CancelAppointment(first_booking, Citizen("family-0")))
    assert [len(await here.offers_to(who)) for who in ("first", "second", "third")] == [1, 1, 1]
    assert len(await here.free(DAY)) == 3  # six came back, and three people waited
    mine, theirs = (await here.offers_to("first"))[0], (await here.offers_to("second"))[0]
    taken = await here.run(book_appointment, BookAppointment(mine.id, Citizen("first"), "Үлгү", None))
    assert (taken.state, taken.visitors) == (BookingState.BOOKED, ("Үлгү",))
    await here.until(days_on(1))
    assert (await here.booking(theirs.id)).state is BookingState.LAPSED
    assert theirs.slot_ids[0] in await here.free(DAY)
    states = {row["citizen_id"]: row["state"] async for row in here.database.db.waits.find({})}
    assert states == {"first": "taken", "second": "missed", "third": "missed"}


async def test_an_offer_that_expires_goes_to_the_next_who_waits(here: Consulate) -> None:
    booking = await here.book("family-x", (await here.free(DAY))[0])
    rest = await here.free(DAY)
    for first in range(0, len(rest), 6):
        await here.book(f"family-{first}", *rest[first : first + 6])
    for who in ("first", "second"):
        await waits(here, who)
        here.clock.at += timedelta(minutes=1)
    await here.run(cancel_appointment, CancelAppointment(booking.id, Citizen("family-x")))
    assert [len(await here.offers_to(who)) for who in ("first", "second")] == [1, 0]
    await here.until(here.clock.at + timedelta(hours=the_policy().offer_hours))
    assert [len(await here.offers_to(who)) for who in ("first", "second")] == [0, 1]
    assert await here.free(DAY) == []  # nobody got between


async def test_nobody_waits_where_times_are_free(here: Consulate) -> None:
    with pytest.raises(errors.StillFree):
        await waits(here, "aigul")


async def test_who_is_erased_has_no_time_to_come_and_waits_for_none(here: Consulate) -> None:
    booking = await here.book("aigul", FIRST)
    wait = Wait.join(
        "w", citizen_id="aigul", post_id="yek", service_id=SERVICE, days=("2026-12-08", "2026-12-08"), ends_at=days_on(20), at=AT
    )
    await here.run(add_wait, wait)
    for _ in range(2):
        await here.run(erase_person, ErasePerson("aigul"))
    after = await here.booking(booking.id)
    assert (after.state, after.visitors) == (BookingState.CANCELLED, None)
    assert FIRST in await here.free(DAY)
    assert await here.offers_to("aigul") == []


async def test_a_post_that_closed_gives_its_times_back_and_gives_out_no_more(here: Consulate) -> None:
    booking = await here.book("aigul", FIRST)
    closed = Closure("yek", here.clock.at, "ministry", ClosingReason.EMERGENCY, ("nov",))

    async def close(command: Closure, uow: UnitOfWork) -> None:
        await Closures(uow).add(command)

    await here.run(close, closed)
    await here.run(move_cases, MoveCases("yek", closed.round, 0, ()))
    assert ((await here.booking(booking.id)).state, await here.offers_to("aigul")) == (BookingState.CANCELLED, [])
    with pytest.raises(PostIsClosed):
        await here.hold("bermet", FIRST)


async def test_what_no_open_post_takes_is_noted_once_and_tried_again_when_a_post_opens(here: Consulate) -> None:
    async def close(command: Closure, uow: UnitOfWork) -> None:
        await Closures(uow).add(command)

    async def jobs(kind: str) -> int:
        return await here.database.db.jobs.count_documents({"kind": kind})

    for post, target in (("yek", "nov"), ("nov", "yek")):
        await here.run(close, Closure(post, here.clock.at, "ministry", ClosingReason.EMERGENCY, (target,)))
    left = (Left("a-case", SERVICE, 2),)
    await here.run(move_cases, MoveCases("yek", 1, 0, left))
    closure = await closure_of(here.database.db, "yek")
    assert closure is not None
    assert (closure.stuck, await jobs(MOVE_CASE), await jobs(MOVE_CASES)) == (("a-case",), 0, 1)
    here.clock.at += timedelta(minutes=2)
    await here.run(move_cases, MoveCases("yek", 1, 1, ()))
    closure = await closure_of(here.database.db, "yek")
    assert closure is not None
    assert (closure.emptied_at, closure.stuck, await jobs(MOVE_CASES)) == (here.clock.at, ("a-case",), 1), "it has ended"

    await here.run(reopen_post, ReopenPost("nov", Officer.of_post("ministry", "mfa", {"ministry"})))
    closure = await closure_of(here.database.db, "yek")
    assert closure is not None
    assert (closure.emptied_at, closure.stuck, await jobs(MOVE_CASES)) == (None, (), 2)
    series = str(closure.version)
    await here.run(move_cases, MoveCases("yek", 1, 0, left, series))
    assert (await jobs(MOVE_CASE), await jobs(MOVE_CASES)) == (1, 3)


async def test_a_time_in_another_town_is_booked_asked_about_and_told_of_as_one_at_the_post(here: Consulate) -> None:
    slots = await here.free(IN_TYUMEN, "tyumen")
    assert (len(slots), slots[:2]) == (36, ["yek.tyumen-1.2026-12-12.1000", "yek.tyumen-2.2026-12-12.1000"])
    assert await here.free(IN_TYUMEN) == [], "they are not among the times of the post itself"
    booking = await here.book("aigul", *slots[:2])
    assert (booking.place, booking.post_zone, (booking.town or {})["en"]) == ("tyumen", "Asia/Yekaterinburg", "Tyumen")
    assert len(await here.free(IN_TYUMEN, "tyumen")) == 34
    with pytest.raises(errors.SlotTaken):
        await here.hold("bermet", slots[0])
    assert [json.loads(row["body"])["data"]["town"] for row in await here.told("appointment.booked.v1")] == ["Тюмень / Tyumen"]
    await here.until(booking.starts_at - timedelta(days=1))
    assert [asked.days for asked in (await here.booking(booking.id)).asked] == [7, 3, 1]


async def test_who_travels_has_a_day_list_of_the_town_and_the_post_one_without_it(here: Consulate) -> None:
    there = await here.book("aigul", (await here.free(IN_TYUMEN, "tyumen"))[0])
    day, db = IN_TYUMEN.isoformat(), here.database.db
    assert [each.id for each in (await day_of_post(db, "yek", day, AT, "tyumen")).bookings] == [there.id]
    assert (await day_of_post(db, "yek", day, AT)).bookings == []
    here.clock.at = there.starts_at
    note = NoteAttendance(there.id, there.slot_ids[0], "served", INTAKE)
    assert (await here.run(note_attendance, note)).visits[0].attendance == "served"


async def test_one_booking_is_of_one_place_and_one_person_has_so_many_times_a_day_wherever_they_are(here: Consulate) -> None:
    slots, most = await here.free(IN_TYUMEN, "tyumen"), the_policy().times_a_day
    with pytest.raises(InvalidInput):
        await here.hold("aigul", slots[0], "yek.a.2026-12-11.0930")
    await here.book("aigul", *slots[:most])
    with pytest.raises(errors.TooManyTimes):
        await here.hold("aigul", slots[most])
    with pytest.raises(errors.SlotNotOpen):
        await here.hold("bermet", "yek.tyumen-1.2026-12-19.1000")  # the desk is there on that one day


async def test_a_time_freed_in_a_town_goes_to_who_waits_there_and_not_to_who_waits_at_the_post(here: Consulate) -> None:
    slots = await here.free(IN_TYUMEN, "tyumen")
    with pytest.raises(errors.StillFree):
        await waits(here, "there", "tyumen")
    bookings = [await here.book(f"family-{first}", *slots[first : first + 6]) for first in range(0, len(slots), 6)]
    at_the_post = JoinWaitingList(str(uuid4()), "yek", SERVICE, IN_TYUMEN, IN_TYUMEN, Citizen("elsewhere"))
    await here.run(join_waiting_list, at_the_post)  # a Saturday: the post itself receives nobody
    here.clock.at += timedelta(minutes=1)
    await waits(here, "there", "tyumen")
    with pytest.raises(errors.AlreadyWaiting):
        await waits(here, "there", "tyumen")
    await here.run(cancel_appointment, CancelAppointment(bookings[0].id, Citizen("family-0")))
    offered = await here.offers_to("there")
    assert [(each.place, each.source) for each in offered] == [("tyumen", "waiting-list")]
    assert await here.offers_to("elsewhere") == []
