"""The picture of docs/benchmarks.md: each ratio as a bar, the floor as a line, targets as marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cli.bench.summary import Line, Summary

MET, MISSED, NO_TARGET, INK = "#1d6b4f", "#b3402a", "#5b7a99", "#22303c"


def draw(summaries: Sequence[Summary], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    lines = [line for summary in summaries for line in summary.lines if line.ratio]
    mpl.rcParams.update({"font.family": "DejaVu Sans", "font.size": 10, "svg.hashsalt": "eshik", "svg.fonttype": "path"})
    figure, axes = plt.subplots(figsize=(9, 0.42 * len(lines) + 1.3))
    for place, line in enumerate(reversed(lines)):
        _draw_line(axes, place, line)
    axes.set_yticks(range(len(lines)), [f"{line.name} ({_direction(line)})" for line in reversed(lines)])
    axes.axvline(1, color=INK, linewidth=1.2)
    axes.set_xlabel("ratio to what it is compared with (the line at 1); small marks: targets; thin lines: least and most")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _draw_line(axes: object, place: int, line: Line) -> None:
    from matplotlib.axes import Axes

    assert isinstance(axes, Axes)  # noqa: S101 (matplotlib is imported only here)
    assert line.ratio is not None  # noqa: S101
    colour = {True: MET, False: MISSED, None: NO_TARGET}[line.met]
    axes.barh(place, line.ratio.median, height=0.6, color=colour)
    axes.plot([line.ratio.least, line.ratio.most], [place, place], color=INK, linewidth=1)
    if line.target is not None:
        axes.plot([line.target, line.target], [place - 0.4, place + 0.4], color=INK, linewidth=2.5)
    axes.text(line.ratio.most + 0.03, place, f"{line.ratio.median:.2f}", va="center", color=INK)


def _direction(line: Line) -> str:
    return "more is better" if line.better == "higher" else "less is better"
