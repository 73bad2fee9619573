"""The rules of ./eshik bench: what is compared with what, when a target is met, and that a lost event fails the run."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.bench.child import Place
from cli.bench.frame import (
    Better,
    Figure,
    LostEvents,
    Run,
    Turn,
    Workload,
    cpu_ms_per_event,
    expect,
    in_turns,
    percentile,
    results_of,
)
from cli.bench.runner import chosen, measure, repeats_of
from cli.bench.stage import Stage
from cli.bench.summary import SUMMARIES, Summary, as_data

PLACE = Place("mongodb://nowhere", "amqp://nowhere", "none", "none_")


class NoServers:
    """Stages without servers: the variants of these tests need none."""

    @asynccontextmanager
    async def stage(self, *, quick: bool, prepared: Any) -> AsyncIterator[Stage]:
        yield Stage(PLACE, Path(), {}, quick, prepared)


def turns(*values: float, key: str = "rate", cpu_ms: float = 1.0) -> list[Turn]:
    return [Turn({key: value}, 100, {"child": cpu_ms / 10}) for value in values]


def workload(*figures: Figure, variants: Mapping[str, Run] | None = None, repeats: int | None = None) -> Workload:
    return Workload("w0-test", "nothing at all", variants or {"floor": giving(100), "ours": giving(80)}, figures, repeats=repeats)


def giving(*values: float) -> Run:
    left = list(values)

    async def run(_stage: Stage) -> Turn:
        return turns(left.pop(0) if len(left) > 1 else left[0])[0]

    return run


def rate(target: float | None = None, better: Better = Better.HIGHER) -> Figure:
    return Figure("w0-test", "things", "things/s", target=target, better=better)


def test_the_ratio_is_the_median_of_turns_beside_each_other() -> None:
    (result,) = results_of(workload(rate()), {"ours": turns(80, 40, 90), "floor": turns(100, 50, 100)})
    assert result.ratios == pytest.approx([0.8, 0.8, 0.9])
    assert result.ratio == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("target", "better", "met"),
    [
        (0.75, Better.HIGHER, True),
        (0.85, Better.HIGHER, False),
        (0.8, Better.HIGHER, True),
        (0.85, Better.LOWER, True),
        (0.75, Better.LOWER, False),
        (None, Better.HIGHER, None),
    ],
)
def test_a_target_is_met_in_its_own_direction(target: float | None, better: Better, met: bool | None) -> None:
    (result,) = results_of(workload(rate(target, better)), {"ours": turns(80), "floor": turns(100)})
    assert result.met is met


def test_any_two_variants_can_be_compared() -> None:
    figure = Figure("w0-peer", "beside another", "things/s", ours="ours", floor="peer")
    (result,) = results_of(workload(figure), {"ours": turns(80), "floor": turns(100), "peer": turns(40)})
    assert result.ratio == 2


def test_a_time_can_be_compared_with_another_time_of_the_same_turn() -> None:
    figure = Figure("w0-away", "while away", "ms", key="away", floor="ours", floor_key="before", better=Better.LOWER)
    (result,) = results_of(workload(figure), {"ours": [Turn({"away": 6, "before": 5}, 1, {})]})
    assert result.ratio == pytest.approx(1.2)


def test_a_figure_without_a_floor_has_no_ratio_and_meets_nothing() -> None:
    (result,) = results_of(workload(Figure("w0-alone", "alone", "s", floor=None, target=1)), {"ours": turns(80)})
    assert (result.ratio, result.met) == (None, None)


def test_spread_is_the_least_and_the_most() -> None:
    measured = {"ours": turns(80, 70, 90), "floor": turns(100, 100, 100)}
    (line,) = Summary.of(workload(rate(0.75)), measured, repeats=3, day="2026-11-22").lines
    assert (line.ours.least, line.ours.median, line.ours.most) == (70, 80, 90)
    assert line.ratio
    assert (line.ratio.least, line.ratio.median, line.ratio.most) == (0.7, 0.8, 0.9)


def test_cpu_is_told_per_event_and_process() -> None:
    assert cpu_ms_per_event(turns(1, 2, 3, cpu_ms=2.5)) == {"child": pytest.approx(2.5)}


def test_the_last_line_has_the_promised_shape() -> None:
    summary = Summary.of(workload(rate(0.75)), {"ours": turns(80), "floor": turns(100)}, repeats=1, day="2026-11-22")
    assert as_data([summary]) == {
        "w0-test": {"ours": 80, "floor": 100, "ratio": 0.8, "unit": "things/s", "target": 0.75, "better": "higher"}
    }


def test_a_summary_can_be_kept_in_a_file() -> None:
    summary = Summary.of(workload(rate()), {"ours": turns(80), "floor": turns(100)}, repeats=1, day="2026-11-22")
    assert SUMMARIES.validate_json(SUMMARIES.dump_json([summary])) == [summary]


def test_variants_take_turns_so_that_each_goes_first_as_often() -> None:
    assert in_turns(["a", "b"], 4) == ["a", "b", "b", "a", "a", "b", "b", "a"]


async def test_each_variant_runs_as_often_as_asked() -> None:
    told: list[str] = []
    measured = await measure(workload(rate()), NoServers(), repeats=3, quick=False, tell=told.append)
    assert {name: len(these) for name, these in measured.items()} == {"floor": 3, "ours": 3}
    assert len(told) == 6


async def test_a_turn_that_lost_one_event_fails_and_says_where() -> None:
    async def loses(_stage: Stage) -> Turn:
        expect("effects", 999, 1000)
        return turns(1)[0]

    lossy = workload(rate(), variants={"floor": giving(100), "ours": loses})
    with pytest.raises(LostEvents, match=r"w0-test, ours, turn 1: effects: 1000 were asked for and 999 are there"):
        await measure(lossy, NoServers(), repeats=1, quick=False, tell=told_nobody)


async def test_a_turn_that_doubled_one_event_fails_too() -> None:
    with pytest.raises(LostEvents):
        expect("effects", 1001, 1000)


async def test_what_prepare_learned_is_there_in_every_turn() -> None:
    async def learn(_stage: Stage) -> list[int]:
        return [1, 2, 3]

    async def uses(stage: Stage) -> Turn:
        return Turn({"rate": sum(stage.prepared)}, 1, {})

    measured = await measure(
        Workload("w0-test", "", {"ours": uses}, [], prepare=learn), NoServers(), repeats=2, quick=False, tell=told_nobody
    )
    assert [turn.figures["rate"] for turn in measured["ours"]] == [6, 6]


def told_nobody(_what: str) -> None:
    return


@pytest.mark.parametrize(
    ("asked", "quick", "own", "found"), [(None, False, None, 5), (None, False, 2, 2), (7, False, 2, 7), (None, True, 2, 1)]
)
def test_how_often_depends_on_what_was_asked(asked: int | None, quick: bool, own: int | None, found: int) -> None:
    assert repeats_of(workload(repeats=own), asked, quick=quick) == found


def test_workloads_are_chosen_by_name_by_a_figure_or_by_the_first_part() -> None:
    there = {"w1-submit": workload(), "w5-end-to-end": workload(Figure("w14-one-by-one", "", "")), "w14-faststream": workload()}

    def names(asked: Sequence[str]) -> int:
        return len(chosen(asked, there))

    assert (names([]), names(["w1"]), names(["w14"]), names(["w1-submit"])) == (3, 1, 2, 1)
    with pytest.raises(KeyError, match="w9"):
        chosen(["w9"], there)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1.0)) == (51, 100, 100)
