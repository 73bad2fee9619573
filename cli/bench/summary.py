"""What is kept of a run: for the tables, the picture, docs/benchmarks.json and the last line of --json."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from cli.bench.frame import Result, Turns, Workload, cpu_ms_per_event, results_of


@dataclass(frozen=True, slots=True)
class Spread:
    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(*(float(f"{value:.4g}") for value in (statistics.median(values), min(values), max(values))))


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. ours_is, floor_is: the names of the two variants that are compared."""

    name: str
    title: str
    unit: str
    ours_is: str
    floor_is: str | None
    ours: Spread
    floor: Spread | None
    ratio: Spread | None
    target: float | None
    better: str
    met: bool | None

    @classmethod
    def of(cls, result: Result) -> Line:
        figure = result.figure
        compared = Spread.of(result.floor) if result.floor else None
        ratio = Spread.of(result.ratios) if result.ratios else None
        floor_is = figure.floor if figure.floor_key is None else figure.floor_key
        return cls(
            *(figure.name, figure.title, figure.unit, figure.ours, floor_is if compared else None, Spread.of(result.ours)),
            *(compared, ratio, figure.target, figure.better.value, result.met),
        )

    @property
    def as_data(self) -> dict[str, float | str | None]:
        """One entry of the last line of --json."""
        return {
            "ours": self.ours.median,
            "floor": self.floor.median if self.floor else None,
            "ratio": self.ratio.median if self.ratio else None,
            "unit": self.unit,
            "target": self.target,
            "better": self.better,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """One workload. cpu_ms: by variant and process, a median per event. day: when it was measured, ISO 8601."""

    name: str
    title: str
    repeats: int
    day: str
    lines: list[Line]
    cpu_ms: dict[str, dict[str, float]]

    @classmethod
    def of(cls, workload: Workload, turns: Turns, *, repeats: int, day: str) -> Summary:
        cpu = {variant: {name: round(ms, 3) for name, ms in cpu_ms_per_event(these).items()} for variant, these in turns.items()}
        lines = [Line.of(result) for result in results_of(workload, turns)]
        return cls(workload.name, workload.title, repeats, day, lines, cpu)


SUMMARIES: TypeAdapter[list[Summary]] = TypeAdapter(list[Summary])


def as_data(summaries: Sequence[Summary]) -> dict[str, Mapping[str, Any]]:
    return {line.name: line.as_data for summary in summaries for line in summary.lines}
