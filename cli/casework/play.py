"""./eshik demo --day: plays a day at three consulates, shows how it goes on, draws it, and lets the ledger judge it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.casework.day import BOOKED_AT, Day
from cli.casework.desk import Desk
from cli.casework.figures import Played, figures, shown
from cli.casework.picture import WORDS, draw
from cli.casework.plan import OFFICERS, OPENS, TICKS, next_working_day, plan
from cli.console import err, fail, out, show_rows
from cli.stack import Stack
from deploy.local.places import CHECKOUT, write_whole
from services.applications.catalogue import the_catalogue
from shared.clock import FileClock

INTERRUPTED = 130
LEDGER_AGAIN_S, LEDGER_TRIES = 5, 12
CLOCK = "The stack's clock shows the evening of that day; ./eshik demo --ahead 0 sets it right again."


@dataclass
class Playing:
    """The day while it is played: what there is of it remains where it is interrupted."""

    stack: Stack
    applications: int
    seed: int
    opens_at: datetime
    began: float = field(default_factory=time.monotonic)
    day: Day | None = None

    async def play(self) -> Day:
        columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn()
        with Progress(*columns, console=err, disable=not err.is_terminal) as progress:
            task = progress.add_task("the evening before", total=TICKS + 1)

            def show(hour: str, counts: Counter[str]) -> None:
                progress.update(task, advance=1, description=hour)
                if hour.endswith(":00") or not err.is_terminal:
                    standing = shown(counts)
                    line = ", ".join(f"{standing[status]} {WORDS[status]}" for status in WORDS if standing[status])
                    progress.console.print(f"  [bold]{hour}[/]  {line} [dim]({time.monotonic() - self.began:.0f} s)[/]")

            def count(who: str, _act: str) -> None:
                if self.day:
                    self.day.count(who)

            async with Desk(self.stack.ports, self.stack.places.inbox, count) as desk:
                visits = plan(desk, the_catalogue(), self.seed, self.opens_at.date(), self.applications)
                chance = Random(f"{self.seed}/times")  # noqa: S311 (a day that can be played again)
                self.day = Day(desk, visits, self.opens_at, self._move, show, chance)
                await self.day.run()
        return self.day

    def picture(self, below: str) -> Path | None:
        day = self.day
        if day is None or not day.looks:
            return None
        told = Played(f"{self.opens_at:%d.%m.%Y}", day.visits, day.looks, day.acts, day.came, day.notes, day.moved)
        path = self.stack.places.home / "day.svg"
        path.write_text(draw(figures(told, f"Invented people, seed {self.seed}. {below} Specimen.")), encoding="utf-8")
        return path

    def _move(self, moment: datetime) -> None:
        write_whole(self.stack.places.clock, str((moment - datetime.now(UTC)).total_seconds()))


def play_day(stack: Stack, applications: int, seed: int) -> None:
    """On a running stack. The clock stays where the day ended. Exit code 1 where a step did not come about, or the ledger
    does not hold."""
    zone = ZoneInfo(the_catalogue().post(BOOKED_AT).time_zone)
    day = next_working_day(FileClock(stack.places.clock).offset() + datetime.now(UTC), zone)
    err.print(f"[bold]{day:%A, %d %B %Y}: {applications} applications, {len(OFFICERS)} officers, three consulates[/]")
    playing = Playing(stack, applications, seed, datetime(day.year, day.month, day.day, OPENS, tzinfo=zone))
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited")  # whose turn never came, as it is interrupted
    try:
        played = asyncio.run(playing.play())
    except KeyboardInterrupt:
        drawn = playing.picture("It was interrupted.")
        out.print(f"\nInterrupted. What was done stays, and each post is open. {CLOCK}", markup=False)
        if drawn:
            out.print(f"The day until then as a picture: {drawn}", markup=False)
        raise typer.Exit(INTERRUPTED) from None
    seconds = time.monotonic() - playing.began
    held = _ledger()
    picture = playing.picture(f"The ledger {_judged(held)}.")
    _show_end(played, picture, seconds, held=held)
    if played.failures:
        fail(f"{sum(played.failures.values())} steps did not come about")
    if not held:
        fail("the ledger does not hold: ./eshik ledger names the ids")


def _judged(held: bool) -> str:
    return "holds" if held else "DOES NOT HOLD"


def _show_end(played: Day, picture: Path | None, seconds: float, *, held: bool) -> None:
    ended = shown(played.looks[-1][1])
    out.print()
    show_rows([[WORDS[status], str(count)] for status, count in ended.most_common()], ["at the end of the day", "applications"])
    served = ", ".join(f"{count} {what}" for what, count in sorted(played.attended.items()))
    out.print(f"\n{sum(ended.values())} applications in {seconds:.0f} s; of {sum(played.attended.values())} times: {served}.")
    out.print(f"The ledger {_judged(held)}. The day as a picture: {picture}\n{CLOCK}", markup=False)
    for step, count in played.failures.most_common():
        err.print(f"  {count} × {step}", markup=False)


def _ledger() -> bool:
    """Once what is on its way has arrived."""
    for _ in range(LEDGER_TRIES):
        asked = subprocess.run([sys.executable, "-m", "cli", "ledger"], cwd=CHECKOUT, capture_output=True, check=False)
        if asked.returncode == 0:
            return True
        time.sleep(LEDGER_AGAIN_S)
    return False
