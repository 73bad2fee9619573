"""./eshik soak."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from cli.console import err, fail, out
from cli.soak.load import ACTORS
from cli.soak.place import soaked_stack
from cli.soak.report import Progress, as_json, show
from cli.soak.run import Result, soak_it
from cli.soak.schedule import schedule
from cli.stack import StackFailed

MOST_SEEDS = 1_000_000
INTERRUPTED = 130


def soak(
    minutes: Annotated[float, typer.Option(min=0.1, max=1440, help="How long load and faults go on.")] = 2,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed gives the same faults at the same times.")] = None,
    actors: Annotated[int, typer.Option(min=1, max=64, help="How many people act at once.")] = ACTORS,
    only_schedule: Annotated[bool, typer.Option("--schedule", help="Print what would happen when, and end.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep logs and data even when nothing is wrong.")] = False,
    as_json_too: Annotated[bool, typer.Option("--json", help="Print the result as JSON in the last line.")] = False,
) -> None:
    """Start a stack of its own, put it under load, kill and freeze its processes at random, and count what became of each act.

    Ends with exit code 0 only if nothing was lost, doubled or unexpected, all was worked off, and the ledger holds.
    """
    chosen = secrets.randbelow(MOST_SEEDS) if seed is None else seed
    faults = schedule(chosen, minutes)
    if only_schedule:
        out.print("\n".join(str(fault) for fault in faults), markup=False)
        return
    err.print(f"[bold]Soak[/] of {minutes:g} minutes, seed {chosen}: {len(faults)} faults to come")
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    try:
        with Progress() as progress, soaked_stack(progress.tell, keep=keep) as soaked:
            result = asyncio.run(soak_it(soaked, faults, seed=chosen, minutes=minutes, actors=actors, tell=progress.tell))
            progress.tell("taking the stack down")
    except StackFailed as reason:
        fail(str(reason))
    except KeyboardInterrupt:
        err.print("The soak was ended before its time: no verdict.")
        raise typer.Exit(INTERRUPTED) from None
    tell_result(result, soaked.places.home, keep=keep, as_json_too=as_json_too)


def tell_result(result: Result, home: Path, *, keep: bool, as_json_too: bool) -> None:
    """Print it, and end with the exit code. home is deleted where nobody needs it."""
    kept = home if keep or not result.holds else None
    if kept is None:
        shutil.rmtree(home, ignore_errors=True)
    show(result, kept)
    if as_json_too:
        print(as_json(result, kept))
    raise typer.Exit(0 if result.holds else 1)


def _as_ctrl_c(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
