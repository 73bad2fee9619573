"""The legal clock: golden cases, each day worked out by hand, and what holds of any clock."""

import random
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.applications.catalogue import the_catalogue
from services.applications.domain.calendars import Calendar, DayKind, Window, begins
from services.applications.domain.legal_clock import (
    ANSWERED,
    HOLDER_OF,
    CaseClock,
    Extension,
    Rules,
    TermAlarm,
    holidays_kept,
    opening_kept,
    started,
)
from services.applications.domain.status import Status

CASES = tomllib.loads((Path(__file__).parent / "golden" / "legal_clock.toml").read_text(encoding="utf-8"))["cases"]
NINE_TO_SIX = (Window(days=("mon", "tue", "wed", "thu", "fri"), opens=time(9), closes=time(18)),)
MONDAY = datetime(2026, 11, 16, 5, tzinfo=UTC)


def calendar(zone: str, ids: tuple[str, ...] = ("kg.1", "ru.1")) -> Calendar:
    return Calendar.of(zone, NINE_TO_SIX, [the_catalogue().holidays[each] for each in ids])


def there(case: dict[str, Any], moment: datetime) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(case["zone"])).astimezone(UTC)


def clock_of(case: dict[str, Any]) -> CaseClock:
    days, filed = calendar(case["zone"], tuple(case["holidays"])), there(case, case["filed"])
    rules = Rules(
        zone=case["zone"],
        days=case["days"],
        day_kind=case.get("kind", "working"),
        week=tuple(sorted(days.week)),
        holidays=holidays_kept(days, filed),
        starts=case.get("starts", "submission"),
        stops_for_body=case.get("stops_for_body", True),
        ends=case.get("ends", "decision"),
        opening=opening_kept(days) if case.get("next_morning") else (),
    )
    first = Status(case.get("status", "submitted"))
    clock = started(rules, status=first, post_id="yek", at=filed)
    for moment, status in case.get("moves", []):
        clock = clock.moved(Status(status), "yek", there(case, moment))
    for more in case.get("extended", []):
        clock = clock.extended(Extension(more["days"], more["kind"], "establish-identity", there(case, more["at"])))
    return clock


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_golden_case(case: dict[str, Any]) -> None:
    clock = clock_of(case)
    assert clock.due_on == case["due"]
    if "at_risk" in case:
        assert clock.at_risk_at == there(case, case["at_risk"])
    if "overdue" in case:
        assert clock.overdue_at == there(case, case["overdue"])
    if "ended" in case:
        assert clock.ended_at == there(case, case["ended"])
    if "held" in case:
        hours = {holder: lasted / timedelta(hours=1) for holder, lasted in clock.held(there(case, case["asked"])).items()}
        assert hours == case["held"]


def test_every_status_has_a_holder_and_a_closed_one_has_none() -> None:
    assert set(HOLDER_OF) == set(Status)
    assert {status for status in ANSWERED if HOLDER_OF[status] == "nobody"} == {
        Status.HANDED_OVER, Status.SENT, Status.REFUSED, Status.WITHDRAWN, Status.EXPIRED, Status.ANNULLED,
    }  # fmt: skip


def five_days() -> CaseClock:
    rules = Rules(zone="Asia/Yekaterinburg", days=5, day_kind="working", week=(0, 1, 2, 3, 4))
    return started(rules, status=Status.SUBMITTED, post_id="yek", at=MONDAY)


def test_it_warns_when_four_fifths_are_used_up_and_when_all_is() -> None:
    clock = five_days()
    assert clock.alarm(clock.at_risk_at - timedelta(seconds=1)) is None
    assert clock.alarm(clock.at_risk_at) is TermAlarm.AT_RISK
    assert clock.alarm(clock.overdue_at - timedelta(seconds=1)) is TermAlarm.AT_RISK
    assert clock.alarm(clock.overdue_at) is TermAlarm.OVERDUE
    assert clock.next_look(MONDAY, None) == clock.at_risk_at
    assert clock.next_look(clock.at_risk_at, TermAlarm.AT_RISK) == clock.overdue_at
    assert clock.next_look(clock.overdue_at + timedelta(days=3), None) == clock.overdue_at + timedelta(days=3)
    assert clock.next_look(clock.overdue_at, TermAlarm.OVERDUE) is None


def test_while_it_waits_for_the_citizen_nobody_is_late_and_the_days_left_stand_still() -> None:
    asked = MONDAY + timedelta(days=1)
    clock = five_days().moved(Status.PAPERS_REQUESTED, "yek", asked)
    year_later = asked + timedelta(days=365)
    assert clock.stopped
    assert clock.alarm(year_later) is None
    assert clock.next_look(asked, None) is None
    assert (clock.days_left(asked), clock.days_left(year_later)) == (4, 4)


def test_an_answered_case_is_never_late() -> None:
    clock = five_days().moved(Status.REFUSED, "yek", MONDAY + timedelta(days=1))
    assert not clock.stopped
    assert clock.alarm(MONDAY + timedelta(days=365)) is None


def test_an_extension_takes_a_warning_back() -> None:
    clock = five_days()
    late = clock.at_risk_at
    longer = clock.extended(Extension(10, "working", "establish-identity", late))
    assert (clock.alarm(late), longer.alarm(late)) == (TermAlarm.AT_RISK, None)


def test_a_case_that_goes_to_another_post_keeps_its_day_and_each_post_its_hours() -> None:
    clock = five_days()
    moved = clock.moved(Status.SUBMITTED, "mow", MONDAY + timedelta(hours=30))
    assert moved.due_on == clock.due_on
    assert [(stretch.post_id, stretch.lasted(MONDAY + timedelta(hours=40))) for stretch in moved.stretches] == [
        ("yek", timedelta(hours=30)),
        ("mow", timedelta(hours=10)),
    ]


def test_a_day_beyond_the_known_holidays_is_an_estimate() -> None:
    rules = Rules(zone="UTC", days=5, day_kind="working", week=(0, 1, 2, 3, 4), known_until="2026-11-20")
    near = started(rules, status=Status.SUBMITTED, post_id="yek", at=MONDAY - timedelta(days=7))
    far = started(rules, status=Status.SUBMITTED, post_id="yek", at=MONDAY)
    assert (near.is_estimate, far.is_estimate) == (False, True)


def test_whatever_happens_each_moment_belongs_to_one_holder_and_the_day_never_moves_back() -> None:
    """Random lives: hours add up to the whole time, days left never fall below what was not used, a stop never shortens."""
    chance = random.Random(7)
    going = [Status.SUBMITTED, Status.IN_REVIEW, Status.PAPERS_REQUESTED, Status.WITH_ANOTHER_BODY, Status.PROPOSED]
    for _ in range(300):
        zone = chance.choice(["Asia/Yekaterinburg", "America/New_York", "Europe/Berlin", "Asia/Beirut"])
        kind: DayKind = chance.choice(["working", "calendar"])
        rules = Rules(zone=zone, days=chance.randint(1, 30), day_kind=kind, week=(0, 1, 2, 3, 4))
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(500_000))
        clock, filed = started(rules, status=Status.SUBMITTED, post_id="yek", at=at), at
        for _ in range(chance.randrange(12)):
            before, at = clock.due_on, at + timedelta(minutes=chance.randrange(10_000))
            clock = clock.moved(chance.choice(going), "yek", at)
            assert clock.due_on >= before
        now = at + timedelta(minutes=chance.randrange(10_000))
        assert sum(clock.held(now).values(), timedelta()) == now - filed
        assert 0 <= clock.days_left(now) <= rules.days


def test_a_post_opens_next_at_its_hour_on_a_day_that_is_no_holiday() -> None:
    moscow = calendar("Europe/Moscow")
    assert moscow.opening(datetime(2026, 12, 30, 17, tzinfo=UTC)) == datetime(2027, 1, 11, 6, tzinfo=UTC)
    assert moscow.is_open(datetime(2026, 11, 23, 6, tzinfo=UTC))
    assert not moscow.is_open(datetime(2026, 11, 23, 15, tzinfo=UTC))


def test_a_day_begins_at_the_leap_where_midnight_is_left_out() -> None:
    assert begins(date(2026, 3, 29), ZoneInfo("Asia/Beirut")) == datetime(2026, 3, 28, 22, tzinfo=UTC)
