"""Results for people: a table and bars in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from cli.bench.summary import Line, Spread, Summary
from cli.console import out, show_rows

WIDTH = 40  # of a bar that stands for the floor itself
WORDS = {"faststream": "FastStream", "one a transaction": "one by one"}  # variants as people know them
DURABILITY = (
    "database: w=majority, j=true, snapshot reads, --sync-on-commit; broker: quorum queues, persistent, each message confirmed"
)


def show(summaries: Sequence[Summary], *, quick: bool = False) -> None:
    lines = [line for summary in summaries for line in summary.lines]
    rows = [[line.name, line.unit, with_spread(line.ours), *compared(line), verdict(line, quick=quick)] for line in lines]
    show_rows(rows, ["workload", "unit", "ours", "compared with", "ratio", "target"])
    out.print()
    for line in lines:
        if line.ratio:
            out.print(f"{line.name:<28} {bar(line.ratio.median)} {line.ratio.median:.2f}", markup=False)
    out.print()
    for summary in summaries:
        for variant, spent in summary.cpu_ms.items():
            parts = ", ".join(f"{name} {ms:.2f}" for name, ms in spent.items())
            out.print(f"[dim]CPU ms per event, {summary.name}, {variant}:[/] {parts}")
    out.print(
        f"\n[dim]Medians (least to most), the ratio of turns beside each other. Counts were exact in every turn. {DURABILITY}.[/]"
    )


def compared(line: Line) -> list[str]:
    """With its name: not everything that ours is set beside is a floor."""
    floor = f"{WORDS.get(line.floor_is or '', line.floor_is)}: {with_spread(line.floor)}" if line.floor else "-"
    return [floor, with_spread(line.ratio) if line.ratio else "-"]


def verdict(line: Line, *, quick: bool = False) -> str:
    """The target, and whether it is met; one small turn cannot say."""
    if line.target is None:
        return ""
    sign = ">=" if line.better == "higher" else "<="
    if quick:
        return f"{sign} {line.target:g} [dim]not judged by --quick[/]"
    return f"{sign} {line.target:g} {'[green]met[/]' if line.met else '[red]missed[/]'}"


def with_spread(spread: Spread) -> str:
    """One turn has no spread."""
    if spread.least == spread.most:
        return number(spread.median)
    return f"{number(spread.median)} ({number(spread.least)} to {number(spread.most)})"


def number(value: float) -> str:
    """Three or four digits that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def bar(ratio: float) -> str:
    """Ours beside the floor, whose end is the mark; what goes far beyond it is cut."""
    length = min(round(ratio * WIDTH), WIDTH * 2)
    drawn = "█" * length
    return f"{drawn[:WIDTH]:<{WIDTH}}│{drawn[WIDTH:]:<{WIDTH}}" if length > WIDTH else f"{drawn:<{WIDTH}}│"
