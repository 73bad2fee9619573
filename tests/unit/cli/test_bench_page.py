"""What docs/benchmarks.md says of a run, and that its picture can be drawn."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cli.bench import picture
from cli.bench.frame import Better, Figure, Turn, Workload
from cli.bench.page import NOTES, machine, notes_by_workload, text
from cli.bench.report import bar, compared, verdict, with_spread
from cli.bench.summary import Spread, Summary
from cli.bench.workloads import all_workloads


async def nothing(_stage: object) -> Turn:
    raise AssertionError("no turn is needed here")


def summary(ours: float, better: Better = Better.HIGHER) -> Summary:
    figure = Figure("w1-submit-c1", "submissions", "submits/s", target=0.75, better=better)
    turns = {"ours": [Turn({"rate": ours}, 10, {"service": 0.5})], "floor": [Turn({"rate": 100}, 10, {"database": 0.2})]}
    workload = Workload("w1-submit", "handing in", {"ours": nothing, "floor": nothing}, [figure])
    return Summary.of(workload, turns, repeats=1, day="2026-11-22")


def test_the_page_says_which_targets_are_missed_and_what_is_written_about_them() -> None:
    written = text([summary(50)], "the machine")
    assert "| w1-submit-c1: submissions | submits/s | 50 | floor | 100 |" in written
    assert "| ≥ 0.75 | **missed** |" in written
    assert notes_by_workload(NOTES.read_text(encoding="utf-8"))["w1-submit"][:40] in written


def test_the_page_says_which_targets_are_met() -> None:
    assert "| ≥ 0.75 | met |" in text([summary(80)], "the machine")
    assert "| ≤ 0.75 | **missed** |" in text([summary(80, Better.LOWER)], "the machine")


def test_cpu_is_told_by_variant_and_process() -> None:
    assert "| ours | 50 |  |\n| floor |  | 20 |" in text([summary(80)], "the machine")


def test_words_are_written_for_workloads_that_are_there() -> None:
    noted = set(notes_by_workload(NOTES.read_text(encoding="utf-8")))
    assert noted <= {*all_workloads(), "driver", "all"}


def test_every_figure_has_a_name_of_its_own() -> None:
    names = [figure.name for workload in all_workloads().values() for figure in workload.figures]
    assert sorted(names) == sorted(set(names))


def test_figures_compare_variants_that_are_there() -> None:
    for workload in all_workloads().values():
        for figure in workload.figures:
            assert {figure.ours, figure.floor or figure.ours} <= set(workload.variants), figure.name


def test_the_machine_is_told_without_names_or_places() -> None:
    told = machine()
    assert "cores" in told
    assert "/" not in told.replace("https://", "")


def test_the_picture_is_a_picture_also_of_one_figure(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    picture.draw([summary(80)], tmp_path / "benchmarks.svg")
    assert ET.parse(tmp_path / "benchmarks.svg").getroot().tag.endswith("svg")  # noqa: S314 (drawn a line above)


def test_the_terminal_shows_target_and_ratio() -> None:
    (line,) = summary(50).lines
    assert verdict(line) == ">= 0.75 [red]missed[/]"
    assert verdict(line, quick=True) == ">= 0.75 [dim]not judged by --quick[/]"
    assert bar(0.5).count("█") == 20
    assert bar(1.5).count("█") == 60
    assert bar(1000).count("█") == 80


@pytest.mark.parametrize(
    ("variant", "told"), [("faststream", "FastStream"), ("one a transaction", "one by one"), ("floor", "floor")]
)
def test_the_terminal_names_what_ours_is_compared_with(variant: str, told: str) -> None:
    figure = Figure("w14-faststream", "beside another", "events/s", floor=variant)
    turns = {"ours": [Turn({"rate": 80}, 10, {})], variant: [Turn({"rate": 40}, 10, {})]}
    (line,) = Summary.of(Workload("w0", "", dict.fromkeys(turns, nothing), [figure]), turns, repeats=1, day="").lines
    assert compared(line) == [f"{told}: 40", "2"]


def test_a_spread_is_told_where_there_is_one() -> None:
    assert (with_spread(Spread(571, 571, 571)), with_spread(Spread(571, 560, 580))) == ("571", "571 (560 to 580)")
