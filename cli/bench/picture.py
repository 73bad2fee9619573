"""The picture of docs/benchmarks.md: ratios as bars, what they are compared with as a line, targets as marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.bench.frame import Better
from cli.bench.summary import Line, Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MET, MISSED, NO_TARGET, INK = "#1d6b4f", "#b3402a", "#5b7a99", "#22303c"
HEADINGS = {Better.HIGHER.value: "Speed: more is better", Better.LOWER.value: "Waiting: less is better"}
BELOW = "Ratio to what stands in brackets, which is the line at 1. Thick marks: targets. Thin lines: least and most of all turns."


def draw(summaries: Sequence[Summary], path: Path) -> None:
    """Every figure with a target, and every comparison with something else than a floor."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    shown = [line for one in summaries for line in one.lines if line.ratio and (line.target or line.floor_is != "floor")]
    groups = {better: found for better in HEADINGS if (found := [line for line in shown if line.better == better])}
    if not groups:
        return
    mpl.rcParams.update({"font.family": "DejaVu Sans", "font.size": 10, "svg.hashsalt": "eshik"})
    rows = [len(found) for found in groups.values()]
    figure, panels = plt.subplots(
        len(rows), 1, figsize=(9.5, 0.4 * sum(rows) + 1.6), height_ratios=rows, squeeze=False, layout="constrained"
    )
    for axes, (better, found) in zip(panels[:, 0], groups.items(), strict=True):
        _panel(axes, HEADINGS[better], list(reversed(found)))
    figure.supxlabel(BELOW, fontsize=8, color=INK)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _panel(axes: Axes, heading: str, lines: Sequence[Line]) -> None:
    reach = max(1.0, *(value for line in lines if line.ratio for value in (line.ratio.most, line.target or 0)))
    for place, line in enumerate(lines):
        _bar(axes, place, line, reach * 1.04)
    axes.set_yticks(range(len(lines)), [f"{line.name} ({line.floor_is})" for line in lines])
    axes.set_xlim(0, reach * 1.16)
    axes.axvline(1, color=INK, linewidth=1, zorder=0)
    axes.set_title(heading, loc="left", fontsize=11, color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)


def _bar(axes: Axes, place: int, line: Line, beside: float) -> None:
    if line.ratio is None:
        return
    colour = {True: MET, False: MISSED, None: NO_TARGET}[line.met]
    axes.barh(place, line.ratio.median, height=0.6, color=colour)
    axes.plot([line.ratio.least, line.ratio.most], [place, place], color=INK, linewidth=1)
    if line.target is not None:
        axes.plot([line.target, line.target], [place - 0.4, place + 0.4], color=INK, linewidth=2.5)
    axes.text(beside, place, f"{line.ratio.median:.2f}", va="center", color=INK, fontweight="bold")
