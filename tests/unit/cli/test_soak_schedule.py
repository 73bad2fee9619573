"""What a soak does when: made of the seed alone."""

import re

from cli.soak.schedule import CRASH_POINTS, CRASHING, TARGETS, schedule
from tests.architecture.tree import CHECKOUT

NOT_ON_THE_PATH_OF_A_CASE = ("dead_letters.", "data_keys.", "retention.")  # nothing is parked in a soak, and no keys are turned


def test_the_same_seed_gives_the_same_schedule() -> None:
    assert schedule(7, 30) == schedule(7, 30)


def test_another_seed_gives_another_schedule() -> None:
    assert schedule(7, 5) != schedule(8, 5)


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    short, long = schedule(7, 2), schedule(7, 30)
    whole = [fault for fault in short if fault.over_s < 120]
    assert whole == [fault for fault in long if fault in whole]


def test_nothing_begins_or_lasts_beyond_the_end() -> None:
    for seed in range(50):
        assert all(fault.over_s <= 120 for fault in schedule(seed, 2))


def test_two_hours_hit_every_target_in_every_way_and_every_crash_point() -> None:
    faults = schedule(1, 120)
    hit = {(fault.target, fault.kind) for fault in faults}
    assert {(target, kind) for target in TARGETS for kind in ("kill", "freeze", "end")} <= hit
    assert {point for fault in faults for point in fault.points} == set(CRASH_POINTS)
    assert max(fault.seconds for fault in faults) > 20  # past leases and the broker's heartbeats
    moments = [fault.at_s for fault in faults]
    assert len(set(moments)) < len(moments)  # two at once


def test_a_target_is_not_frozen_again_while_it_is_frozen() -> None:
    for seed in range(50):
        until: dict[str, float] = {}
        for fault in schedule(seed, 10):
            assert fault.target == CRASHING or fault.at_s >= until.get(fault.target, 0)
            until[fault.target] = max(until.get(fault.target, 0), fault.over_s)


def test_every_crash_point_of_the_code_is_in_the_soak() -> None:
    sources = [path for folder in ("services", "shared") for path in (CHECKOUT / folder).rglob("*.py")]
    named = {name for path in sources for name in re.findall(r'crash_point\("([^"]+)"\)', path.read_text(encoding="utf-8"))}
    assert {name for name in named if not name.startswith(NOT_ON_THE_PATH_OF_A_CASE)} == set(CRASH_POINTS)
