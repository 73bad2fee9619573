"""What a workload of ./eshik bench is: variants that do the same work, and figures that set one beside the other.

To add one, write a module with WORKLOADS and name it in cli/bench/workloads.py:

    async def ours(stage: Stage) -> Turn:
        process = await stage.child("consumer", our_consumer, count=COUNT)  # a process of its own, ready when this returns
        async with stage.measured() as measured:
            await process.tell(begin=True)
            done = await process.heard("done")
        expect("effects", await counted(stage.place), COUNT)                # one event lost: the whole command fails
        return measured.turn({"rate": COUNT / measured.seconds}, events=COUNT)

    async def our_consumer(link: Link) -> None:                             # runs in the child; a function of a module
        ...                                                                 # link.place: its URLs and names
        link.say(ready=True)
        await link.heard("begin")
        ...
        link.say(done=time.monotonic())

    WORKLOADS = [Workload("w4-consume", "20k queued events, two rows each", {"floor": bare, "ours": ours},
                          [Figure("w4-consume", "events handled", "events/s", target=0.75)], prepare=learn_documents)]

Each turn of each variant has a virtual host and database names of its own, which are gone afterwards. Variants take turns as
ABBA: what the machine does besides meets all of them. What prepare returns is stage.prepared: the documents that ours really
writes, so that the floor writes the same bytes. Code that uses aio-pika or starts transactions by itself stands in modules
named cli/bench/bare_*.py. Quick runs (stage.quick) take seconds: stage.pick(quick, full) chooses a number.
"""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cli.bench.stage import Stage

REPEATS = 5


class LostEvents(Exception):
    """A turn left less or more behind than it was asked for: its speed means nothing."""


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Turn:
    """One variant, once. figures: by key. cpu_s: what each process, the broker and the database spent, by name."""

    figures: Mapping[str, float]
    events: int
    cpu_s: Mapping[str, float]


Run = Callable[["Stage"], Awaitable[Turn]]
Prepare = Callable[["Stage"], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: a key of the turns of one variant beside that of another, or alone (floor=None).

    target: the ratio ours/floor must be at least that, or at most where lower is better. floor_key: where what it is compared
    with has another name, as the time before an outage.
    """

    name: str
    title: str
    unit: str
    key: str = "rate"
    target: float | None = None
    better: Better = Better.HIGHER
    ours: str = "ours"
    floor: str | None = "floor"
    floor_key: str | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    name: str
    title: str
    variants: Mapping[str, Run]
    figures: Sequence[Figure]
    prepare: Prepare | None = None
    repeats: int | None = None  # where a turn takes minutes: fewer than the others, unless asked for more


Turns = Mapping[str, Sequence[Turn]]  # by variant; the n-th of each belong together


@dataclass(frozen=True, slots=True)
class Result:
    """A figure over all turns. ratios: one per pair of turns, because neighbours in time share the machine's load."""

    figure: Figure
    ours: Sequence[float]
    floor: Sequence[float]
    ratios: Sequence[float]

    @property
    def ratio(self) -> float | None:
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def met(self) -> bool | None:
        """None: there is no target."""
        if self.figure.target is None or self.ratio is None:
            return None
        return self.ratio >= self.figure.target if self.figure.better is Better.HIGHER else self.ratio <= self.figure.target


def expect(what: str, found: int, wanted: int) -> None:
    """Raises LostEvents unless exactly as many are there as must be."""
    if found != wanted:
        raise LostEvents(f"{what}: {wanted} were asked for and {found} are there")


def results_of(workload: Workload, turns: Turns) -> list[Result]:
    return [_result(figure, turns) for figure in workload.figures]


def _result(figure: Figure, turns: Turns) -> Result:
    ours = [turn.figures[figure.key] for turn in turns[figure.ours]]
    floor: list[float] = []
    if figure.floor is not None:
        floor = [turn.figures[figure.floor_key or figure.key] for turn in turns[figure.floor]]
    pairs = zip(ours, floor, strict=True) if floor else ()
    return Result(figure, ours, floor, [mine / other for mine, other in pairs])


def cpu_ms_per_event(turns: Sequence[Turn]) -> dict[str, float]:
    """By process, the median of all turns."""
    names = list(dict.fromkeys(name for turn in turns for name in turn.cpu_s))
    return {name: statistics.median(1000 * turn.cpu_s.get(name, 0.0) / turn.events for turn in turns) for name in names}


def in_turns(variants: Sequence[str], repeats: int) -> list[str]:
    """A B, B A, A B, ...: each goes first as often as the others."""
    return [name for turn in range(repeats) for name in (reversed(variants) if turn % 2 else variants)]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
