"""./eshik demo --day: plays a day at three consulates, shows how it goes on, draws it, and lets the ledger judge it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.casework.day import BOOKED_AT, Day
from cli.casework.desk import Desk
from cli.casework.picture import WORDS, draw
from cli.casework.plan import OFFICERS, OPENS, TICKS, figures, next_working_day, plan
from cli.console import err, fail, out, show_rows
from cli.stack import Stack
from deploy.local.places import CHECKOUT, write_whole
from services.applications.catalogue import the_catalogue
from shared.clock import FileClock


def play_day(stack: Stack, applications: int, seed: int) -> None:
    """On a running stack. The clock stays where the day ended. Exit code 1 where a step did not come about, or the ledger
    does not hold."""
    catalogue = the_catalogue()
    zone = ZoneInfo(catalogue.post(BOOKED_AT).time_zone)
    now = FileClock(stack.places.clock).offset() + datetime.now(UTC)
    day = next_working_day(now, zone)
    opens_at = datetime(day.year, day.month, day.day, OPENS, tzinfo=zone)
    began = time.monotonic()
    played = asyncio.run(_played(stack, opens_at, applications, seed))
    held = _ledger()
    ended = played.looks[-1][1]
    handed_in = sum(ended.values())
    below = f"Invented people, {opens_at:%d.%m.%Y}, seed {seed}. Ledger: {'holds' if held else 'DOES NOT HOLD'}. Specimen."
    picture = stack.places.home / "day.svg"
    picture.write_text(draw(figures(played.visits, played.looks, played.acts, played.notes, below)), encoding="utf-8")
    out.print()
    show_rows([[WORDS[status], str(count)] for status, count in ended.most_common()], ["at the end of the day", "applications"])
    served = ", ".join(f"{count} {what}" for what, count in sorted(played.attended.items()))
    out.print(
        f"\n{handed_in} applications by {len(OFFICERS)} officers, times: {served}; {time.monotonic() - began:.0f} s for the day."
    )
    out.print(f"The day as a picture: {picture}\n./eshik demo --ahead 0 sets the clock right again.", markup=False)
    for step, count in played.failures.most_common():
        err.print(f"  {count} × {step}", markup=False)
    if played.failures:
        fail(f"{sum(played.failures.values())} steps did not come about")
    if not held:
        fail("the ledger does not hold: ./eshik ledger names the ids")


async def _played(stack: Stack, opens_at: datetime, applications: int, seed: int) -> Day:
    def move(moment: datetime) -> None:
        write_whole(stack.places.clock, str((moment - datetime.now(UTC)).total_seconds()))

    acts: dict[str, list[int]] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as progress:
        shown = progress.add_task("the evening before", total=TICKS + 1)

        def show(hour: str, counts: Counter[str]) -> None:
            line = ", ".join(f"{counts[status]} {WORDS[status]}" for status in WORDS if counts[status])
            progress.update(shown, advance=1, description=hour)
            if not err.is_terminal or hour.endswith(":00"):
                progress.console.print(f"  [bold]{hour}[/]  {line}")

        desk = Desk(stack.ports, stack.places.inbox, lambda who, _act: day.count(who))
        random = Random(seed)  # noqa: S311 (a day that can be played again)
        visits = plan(desk, the_catalogue(), random, opens_at.date(), applications)
        day = Day(desk, visits, opens_at, move, show, acts, random)
        try:
            await day.run()
        finally:
            await desk.close()
    return day


def _ledger() -> bool:
    """Once what is on its way has arrived."""
    for _ in range(12):
        asked = subprocess.run([sys.executable, "-m", "cli", "ledger"], cwd=CHECKOUT, capture_output=True, check=False)
        if asked.returncode == 0:
            return True
        time.sleep(5)
    return False
