"""One soak from the first case to the verdict: load and faults side by side, then calm, then the count."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from cli.soak.chaos import Chaos, Injected
from cli.soak.checker import Verdict, check
from cli.soak.evidence import gather_evidence
from cli.soak.history import History
from cli.soak.load import Load
from cli.soak.place import SoakedStack
from cli.soak.schedule import Fault
from cli.soak.settling import settle
from deploy.local.places import CHECKOUT

SETTLED_WITHIN_S = 300.0
LEDGER_WITHIN_S = 300.0
ALARM = "●"  # begins a line that is to be seen at once
Tell = Callable[[str], None]


@dataclass
class Ledger:
    """What ./eshik ledger said of the stack, rule by rule. text: where it could not say it."""

    holds: bool
    rules: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""

    @property
    def faults(self) -> dict[str, int]:
        return {f"{rule['about']}: {rule['rule']}": rule["faults"] for rule in self.rules if not rule["holds"]}


@dataclass
class Result:
    """All that is printed. settled_s: how long it took until all was worked off."""

    seed: int
    minutes: float
    history: History
    injected: Injected
    verdict: Verdict
    ledger: Ledger
    settled_s: float
    restarts: dict[str, int]

    @property
    def holds(self) -> bool:
        return self.verdict.holds and self.ledger.holds


async def soak_it(soaked: SoakedStack, faults: Sequence[Fault], *, seed: int, minutes: float, actors: int, tell: Tell) -> Result:
    history = History()
    load, chaos = Load(soaked.ports, history, seed, actors), Chaos(soaked, faults)
    try:
        await _storm(load, chaos, history, minutes * 60, tell)
        settled_s = await _calm(soaked, chaos, history, tell)
        tell("comparing what was answered with what is there")
        verdict = check(history, await gather_evidence(soaked, load.client))
    finally:
        chaos.close()
        await load.client.close()
    tell("the ledger")
    ledger = await asyncio.to_thread(_ledger)
    return Result(seed, minutes, history, chaos.injected, verdict, ledger, settled_s, soaked.restarts())


async def _storm(load: Load, chaos: Chaos, history: History, seconds: float, tell: Tell) -> None:
    """Load and faults, until both are over. A mistake of the soak itself ends it at once."""
    end = time.monotonic() + seconds
    showing = asyncio.create_task(_show(chaos, history, end, tell))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(load.run())
            await asyncio.gather(chaos.run(), asyncio.sleep(seconds))
            load.end()
    finally:
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing


async def _calm(soaked: SoakedStack, chaos: Chaos, history: History, tell: Tell) -> float:
    """Until all is worked off, or the bound is over. Out: how long it took."""
    began = time.monotonic()
    for target in sorted(set(chaos.injected.never_back)):
        history.note("unsettled", target, "did not serve again")

    def say(left: dict[str, int]) -> None:
        tell("working off: " + (", ".join(f"{count} {what}" for what, count in left.items()) or "nothing left"))

    for what, count in (await settle(soaked.ports, SETTLED_WITHIN_S, say)).items():
        history.note("unsettled", what, f"{count} left after {SETTLED_WITHIN_S:.0f} s")
    return round(time.monotonic() - began, 1)


async def _show(chaos: Chaos, history: History, end: float, tell: Tell) -> None:
    told = 0
    while True:
        for one in history.wrong[told:]:
            tell(f"{ALARM} {one.fault}: {one.what} {one.about}")
        told = len(history.wrong)
        left = max(0, round(end - time.monotonic()))
        done, acknowledged = history.count(), history.count("acknowledged")
        wrong = f", wrong {len(history.wrong)}" if history.wrong else ""
        down = ", ".join(f"{name} {how}" for name, how in chaos.down.items()) or "nothing"
        tell(
            f"{left // 60}:{left % 60:02d} left, cases {len(history.cases)}, acts {acknowledged} of {done}, "
            f"faults {chaos.injected.total}{wrong}, down: {down}"
        )
        await asyncio.sleep(1)


def _ledger() -> Ledger:
    """By its own command, on the stack that our environment names."""
    command = [sys.executable, "-m", "cli", "ledger", "--json"]
    try:
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=LEDGER_WITHIN_S, check=False)  # noqa: S603 (our own words, no shell)
    except subprocess.TimeoutExpired:
        return Ledger(False, text=f"no answer within {LEDGER_WITHIN_S:.0f} s")
    try:
        return Ledger(done.returncode == 0, json.loads(done.stdout)["rules"])
    except (ValueError, KeyError):
        return Ledger(False, text=(done.stdout + done.stderr).strip())
