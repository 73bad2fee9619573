"""Run the workloads of ./eshik bench, show them, and write docs/benchmarks.md."""

from __future__ import annotations

import asyncio
import json
import signal
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.bench import driver, page, report
from cli.bench.frame import LostEvents, Workload
from cli.bench.names import DRIVER, refusal
from cli.bench.runner import chosen, measure, repeats_of, turns_to_run
from cli.bench.settled import NeverSettled
from cli.bench.stage import BenchServers, ChildFailed
from cli.bench.summary import Summary, as_data
from cli.bench.workloads import all_workloads
from cli.console import err, fail, out

TERMINATED = 128 + signal.SIGTERM


@dataclass(frozen=True)
class Asked:
    workloads: Sequence[Workload]
    repeats: int | None
    quick: bool


def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Workloads, as w1-submit or w5; driver; none for all.")] = None,
    repeats: Annotated[int | None, typer.Option(min=1, help="Turns of each variant; 5 where nothing is said.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line.")] = False,
    quick: Annotated[bool, typer.Option(help="One small turn each: shows that it works, measures little.")] = False,
    write_docs: Annotated[bool, typer.Option(help="Write docs/benchmarks.md and its picture; others' figures are kept.")] = False,
) -> None:
    """Measure the event path beside bare drivers that do the same reads and writes, on a private broker and database.

    Exit code 1 when a turn lost or doubled a single event. A missed target is shown, and is no failure.
    """
    wanted = [name for name in names or [] if name != DRIVER]
    try:
        workloads = chosen(wanted, all_workloads()) if wanted or not names else []
    except KeyError as unknown:
        fail(refusal(unknown.args[0]))
    summaries = _run(Asked(workloads, repeats, quick)) if workloads else []
    if summaries:
        report.show(summaries, quick=quick)
    data: Mapping[str, Mapping[str, object]] = as_data(summaries)
    if DRIVER in (names or []) or not (names or quick):
        compared = driver.compare(repeats if names == [DRIVER] else None, _today())
        data = compared.data if names == [DRIVER] else {**data, **as_data([compared.summary])}
        summaries.append(compared.summary)
    if write_docs:
        out.print(f"\nwritten: {', '.join(str(path) for path in page.write(summaries))}")
    if as_json:
        print(json.dumps(data))


def _run(asked: Asked) -> list[Summary]:
    try:
        return asyncio.run(_measured(asked))
    except asyncio.CancelledError:
        raise typer.Exit(TERMINATED) from None
    except (LostEvents, ChildFailed, NeverSettled) as failure:
        fail(str(failure))


async def _measured(asked: Asked) -> list[Summary]:
    if (running := asyncio.current_task()) is not None:  # told to end, it leaves no server behind
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    done: list[Summary] = []
    with tempfile.TemporaryDirectory(prefix="eshik-bench-") as folder:
        servers = BenchServers(Path(folder))
        try:
            with _progress() as progress:
                task = progress.add_task("servers start", total=turns_to_run(asked.workloads, asked.repeats, quick=asked.quick))

                def tell(what: str) -> None:
                    progress.update(
                        task, description=what, advance=0 if progress.tasks[task].description == "servers start" else 1
                    )

                await asyncio.to_thread(servers.start)
                for workload in asked.workloads:
                    repeats = repeats_of(workload, asked.repeats, quick=asked.quick)
                    turns = await measure(workload, servers, repeats=repeats, quick=asked.quick, tell=tell)
                    done.append(Summary.of(workload, turns, repeats=repeats, day=_today()))
        finally:
            await asyncio.to_thread(servers.stop)
    return done


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _progress() -> Progress:
    bar = (TextColumn("{task.description:<44}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*bar, console=err, transient=True)
