"""A draw of appointments from its announcement to the last time: on a real database, with the clock set."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.applications.appointments.queries import draw_known
from services.applications.domain import appointment_errors as errors
from services.applications.domain.booking import BookingState
from services.applications.domain.draw import Draw, DrawEntry, Ground
from services.applications.domain.fair_draw import codes_digest, commitment, faults
from services.applications.domain.waiting import Wait
from services.applications.use_cases.appointments.announce_draw import AnnounceDraw, announce_draw
from services.applications.use_cases.appointments.end_appointment import CancelAppointment, cancel_appointment
from services.applications.use_cases.appointments.enter_draw import (
    EnterDraw,
    JudgeHardship,
    LeaveDraw,
    enter_draw,
    judge_hardship,
    leave_draw,
)
from services.applications.use_cases.appointments.run_draw import OfDraw, close_draw
from services.applications.use_cases.appointments.wait_for_time import add_wait
from shared.actors import Assurance, Citizen, Officer
from shared.errors import InvalidInput, NotAllowed
from shared.mongo.transactions import UnitOfWork
from tests.support.appointing import AT, HEAD, INTAKE, SERVICE, Consulate, consulate, days_on
from tests.support.places import Place

pytestmark = pytest.mark.places_again
DAY = date(2026, 12, 7)  # a Monday: six times at the window whose times are drawn
SEED = bytes(range(32))
OPENS, CLOSES, DRAWS = days_on(1), days_on(3), days_on(4)


@pytest.fixture
async def here(place: Place) -> AsyncIterator[Consulate]:
    async with consulate(place) as found:
        yield found


async def announced(here: Consulate, by: Officer = HEAD) -> str:
    command = AnnounceDraw(str(uuid4()), SEED, "yek", SERVICE, DAY, DAY, OPENS, CLOSES, DRAWS, by)
    return (await here.run(announce_draw, command)).id


async def enters(
    here: Consulate, draw_id: str, number: int, *, who: str = "", pin: str = "", ground: Ground | None = None
) -> DrawEntry:
    by = Citizen(who or f"p{number}", assurance=Assurance.COUNTER_SEEN)
    command = EnterDraw(str(uuid4()), draw_id, pin or f"{number:014d}", (), ground, "Үлгү", None, by)
    return await here.run(enter_draw, command)


async def draw_of(here: Consulate, draw_id: str) -> Draw:
    return await draw_known(here.database.db, draw_id)


async def test_a_draw_is_announced_entered_closed_drawn_and_settled_and_anybody_can_do_it_again(here: Consulate) -> None:
    draw_id = await announced(here)
    before = await draw_of(here, draw_id)
    assert (before.commitment, before.publication) == (commitment(SEED), None)
    with pytest.raises(errors.DrawNotOpen):
        await enters(here, draw_id, 0)
    await here.until(OPENS)
    made = [await enters(here, draw_id, number, ground="medical" if number == 8 else None) for number in range(9)]
    await here.until(CLOSES)
    closed = await draw_of(here, draw_id)
    assert (closed.state, closed.entries) == ("closed", 9)
    with pytest.raises(errors.DrawNotOpen):
        await enters(here, draw_id, 9)
    await here.run(judge_hardship, JudgeHardship(made[8].id, "confirmed", INTAKE))
    await here.until(DRAWS)
    published = json.loads((await draw_of(here, draw_id)).publication or "")
    assert faults(published, commitment_before=before.commitment, codes_before=closed.codes_digest) == []
    assert published["result"][0]["code"] == made[8].code
    await must_be_settled(here, published, {entry.code: entry.citizen_id for entry in made})


async def must_be_settled(here: Consulate, published: dict[str, Any], people: dict[str, str]) -> None:
    won = {people[row["code"]]: row["slot"] for row in published["result"] if row["slot"]}
    assert len(won) == 6
    rows = await here.database.db.bookings.find({"state": "booked"}).to_list()
    assert {row["citizen_id"]: row["visits"][0]["slot_id"] for row in rows} == won
    waiting = await here.database.db.waits.find({}).sort("rank", 1).to_list()
    assert [row["citizen_id"] for row in waiting] == [people[row["code"]] for row in published["result"] if not row["slot"]]
    assert len(await here.told("draw_entry.passed_over.v1")) == 3
    assert len(await here.told("appointment.booked.v1")) == 6


async def test_a_time_that_a_winner_gives_back_goes_on_in_the_order_of_the_draw(here: Consulate) -> None:
    draw_id = await announced(here)
    await here.until(OPENS)
    people = {(await enters(here, draw_id, number)).code: f"p{number}" for number in range(8)}
    await here.until(DRAWS)
    order = [people[row["code"]] for row in json.loads((await draw_of(here, draw_id)).publication or "")["result"]]
    row = await here.database.db.bookings.find_one({"citizen_id": order[0]})
    assert row is not None
    await here.run(cancel_appointment, CancelAppointment(row["_id"], Citizen(order[0])))
    offers = {who: await here.offers_to(who) for who in order}
    assert [who for who in order if offers[who]] == [order[6]]
    assert offers[order[6]][0].state is BookingState.OFFERED


async def test_who_waits_without_having_been_in_the_draw_comes_after_those_whom_it_passed_over(here: Consulate) -> None:
    draw_id = await announced(here)
    ends_at = days_on(20)
    days = (DAY.isoformat(), DAY.isoformat())
    for who in ("early-bot", "p3"):  # p3 is in the draw as well
        wait = Wait.join(f"w-{who}", citizen_id=who, post_id="yek", service_id=SERVICE, days=days, ends_at=ends_at, at=AT)
        await here.run(add_wait, wait)
    await here.until(OPENS)
    people = {(await enters(here, draw_id, number)).code: f"p{number}" for number in range(9)}
    await here.until(DRAWS)
    order = [people[row["code"]] for row in json.loads((await draw_of(here, draw_id)).publication or "")["result"]]
    for who in order[:4]:
        row = await here.database.db.bookings.find_one({"citizen_id": who})
        assert row is not None
        await here.run(cancel_appointment, CancelAppointment(row["_id"], Citizen(who)))
        here.clock.at += timedelta(minutes=1)
    passed_over = [*order[6:], "early-bot"]
    offered = await here.database.db.bookings.find({"state": "offered"}).sort("made_at", 1).to_list()
    assert [row["citizen_id"] for row in offered] == passed_over


async def test_a_drawn_time_that_is_given_back_and_nobody_waits_for_is_free_for_everybody(here: Consulate) -> None:
    draw_id = await announced(here)
    await here.until(OPENS)
    await enters(here, draw_id, 1)
    await here.until(DRAWS)
    row = await here.database.db.bookings.find_one({"citizen_id": "p1"})
    assert row is not None
    slot = row["visits"][0]["slot_id"]
    assert slot not in await here.free(DAY)
    await here.run(cancel_appointment, CancelAppointment(row["_id"], Citizen("p1")))
    assert slot in await here.free(DAY)
    assert (await here.book("late", slot)).state is BookingState.BOOKED


async def test_who_enters_at_the_moment_of_closing_is_among_the_codes_or_finds_it_closed(here: Consulate) -> None:
    draw_id = await announced(here)
    await here.until(OPENS)
    entered, go = asyncio.Event(), asyncio.Event()

    async def enter_slowly(command: EnterDraw, uow: UnitOfWork) -> DrawEntry:
        entry = await enter_draw(command, uow)
        entered.set()
        await go.wait()
        return entry

    async def close(command: OfDraw, uow: UnitOfWork) -> None:
        try:
            await close_draw(command, uow)
        finally:
            go.set()

    proven = Citizen("p1", assurance=Assurance.COUNTER_SEEN)
    late = asyncio.create_task(here.run(enter_slowly, EnterDraw(str(uuid4()), draw_id, "1" * 14, (), None, "Үлгү", None, proven)))
    await entered.wait()
    await here.run(close, OfDraw(draw_id))
    made, closed = await late, await draw_of(here, draw_id)
    assert (closed.entries, closed.codes_digest) == (1, codes_digest([made.code]))
    await here.until(DRAWS)
    assert (await draw_of(here, draw_id)).state == "drawn"


async def test_times_that_nobody_was_drawn_for_are_free_for_everybody(here: Consulate) -> None:
    draw_id = await announced(here)
    free = await here.free(DAY)
    assert not any(slot.startswith("yek.b") for slot in free)
    await here.until(OPENS)
    await enters(here, draw_id, 1)
    await here.until(DRAWS)
    left = [slot for slot in await here.free(DAY) if slot.startswith("yek.b")]
    assert len(left) == 5
    assert (await here.book("late", left[0])).state is BookingState.BOOKED


async def test_a_bot_that_tries_a_thousand_times_as_often_has_one_entry(here: Consulate) -> None:
    draw_id = await announced(here)
    await here.until(OPENS)
    tries = await asyncio.gather(*(enters(here, draw_id, 1) for _ in range(30)), return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in tries) == 1
    for who in ("p1", "other-account"):  # the same person again, and with another account
        with pytest.raises(errors.AlreadyEntered):
            await enters(here, draw_id, 1, who=who)
    with pytest.raises(errors.AlreadyEntered):
        await enters(here, draw_id, 2, who="p1")
    assert await here.database.db.draw_entries.count_documents({"draw_id": draw_id}) == 1


async def test_a_draw_that_is_full_takes_nobody_more_until_somebody_takes_an_entry_back(
    here: Consulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.applications.use_cases.appointments.enter_draw.MOST_ENTRIES", 2)
    draw_id = await announced(here)
    await here.until(OPENS)
    await enters(here, draw_id, 1)
    await enters(here, draw_id, 2)
    with pytest.raises(errors.DrawFull):
        await enters(here, draw_id, 3)
    await here.run(leave_draw, LeaveDraw(draw_id, Citizen("p1")))
    await enters(here, draw_id, 3)


async def test_only_proven_people_with_a_pin_enter(here: Consulate) -> None:
    draw_id = await announced(here)
    await here.until(OPENS)
    unknown = Citizen("aigul", assurance=Assurance.SELF_ASSERTED)
    with pytest.raises(errors.NotProven):
        await here.run(enter_draw, EnterDraw(str(uuid4()), draw_id, "1" * 14, (), None, "Үлгү", None, unknown))
    with pytest.raises(InvalidInput):
        await enters(here, draw_id, 1, pin="123")


async def test_an_entry_is_taken_back_while_the_draw_is_open_and_can_be_made_again(here: Consulate) -> None:
    draw_id = await announced(here)
    await here.until(OPENS)
    await enters(here, draw_id, 1)
    await here.run(leave_draw, LeaveDraw(draw_id, Citizen("p1")))
    await enters(here, draw_id, 1)
    await here.until(CLOSES)
    with pytest.raises(errors.DrawNotOpen):
        await here.run(leave_draw, LeaveDraw(draw_id, Citizen("p1")))


async def test_an_entry_put_in_behind_the_back_of_the_service_keeps_the_draw_from_being_drawn(here: Consulate) -> None:
    draw_id = await announced(here)
    await here.until(OPENS)
    await enters(here, draw_id, 1)
    await here.until(CLOSES)
    row = await here.database.db.draw_entries.find_one({"draw_id": draw_id})
    assert row is not None
    forged = row | {"_id": "forged", "code": "YEK-26-FORGED00", "citizen_id": "x", "pin_index": "x"}
    await here.database.db.draw_entries.insert_one(forged)
    with pytest.raises(errors.DrawNotOpen):
        await here.until(DRAWS)
    assert (await draw_of(here, draw_id)).state == "closed"


async def test_the_seed_lies_in_the_database_under_a_key_and_nowhere_else(here: Consulate) -> None:
    draw_id = await announced(here)
    row = await here.database.db.draw_seeds.find_one({"_id": draw_id})
    assert row is not None
    assert row["seed"].keys() == {"k", "n", "c"}
    everything = [str(each) async for each in here.database.db.draws.find({})]
    assert SEED.hex() not in "".join(everything)


async def test_only_the_head_announces_times_that_lie_after_the_draw_and_no_time_twice(here: Consulate) -> None:
    with pytest.raises(NotAllowed):
        await announced(here, INTAKE)
    await announced(here)
    with pytest.raises(errors.NothingToDraw):
        await announced(here)
    too_late = AnnounceDraw("d", SEED, "yek", SERVICE, DAY, DAY, AT, AT, AT - timedelta(days=1), HEAD)
    with pytest.raises(InvalidInput):
        await here.run(announce_draw, too_late)
