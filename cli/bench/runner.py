"""Runs workloads: each variant in its turn, on a stage of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from cli.bench.frame import REPEATS, LostEvents, Turn, Turns, Workload, in_turns
from cli.bench.names import is_called
from cli.bench.stage import Stage

Tell = Callable[[str], None]


class Stages(Protocol):
    def stage(self, *, quick: bool, prepared: Any) -> AbstractAsyncContextManager[Stage]: ...


def repeats_of(workload: Workload, asked: int | None, *, quick: bool) -> int:
    return asked or (1 if quick else workload.repeats or REPEATS)


async def measure(workload: Workload, stages: Stages, *, repeats: int, quick: bool, tell: Tell) -> Turns:
    """All turns. tell: is told what runs, once per turn. Raises LostEvents with the name of the variant."""
    prepared = None
    if workload.prepare:
        async with stages.stage(quick=quick, prepared=None) as stage:
            prepared = await workload.prepare(stage)
    turns: dict[str, list[Turn]] = {name: [] for name in workload.variants}
    for name in in_turns(list(workload.variants), repeats):
        tell(f"{workload.name}: {name}, {len(turns[name]) + 1} of {repeats}")
        async with stages.stage(quick=quick, prepared=prepared) as stage:
            try:
                turns[name].append(await workload.variants[name](stage))
            except LostEvents as lost:
                raise LostEvents(f"{workload.name}, {name}, turn {len(turns[name]) + 1}: {lost}") from None
    return turns


def turns_to_run(workloads: Sequence[Workload], asked: int | None, *, quick: bool) -> int:
    return sum(repeats_of(workload, asked, quick=quick) * len(workload.variants) for workload in workloads)


def chosen(names: Sequence[str], there: Mapping[str, Workload]) -> list[Workload]:
    """By full name, the name of a figure, or the first part of one, as w14. Raises KeyError with the name that is nobody's."""
    found: dict[str, Workload] = {}
    for name in names or list(there):
        matching = {key: work for key, work in there.items() if _is_called(work, key, name)}
        if not matching:
            raise KeyError(name)
        found |= matching
    return [work for key, work in there.items() if key in found]


def _is_called(workload: Workload, key: str, name: str) -> bool:
    return is_called(name, [key, *(figure.name for figure in workload.figures)])
