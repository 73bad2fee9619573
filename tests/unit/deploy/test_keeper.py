"""The keeper of one process: how soon it starts again what died."""

import asyncio
import sys
from pathlib import Path

import pytest

from deploy.local import keeper
from deploy.local.keeper import PAUSES_S, Keeper
from deploy.local.parts import Part
from deploy.local.processes import Program
from tests.support.serving import eventually


def kept(folder: Path, lives_s: float) -> tuple[Keeper, list[str]]:
    """A process that is ready at once and dies after lives_s, every time; and what its keeper said of each death."""
    said: list[str] = []
    command = [sys.executable, "-c", f"import time; time.sleep({lives_s})"]
    program = Program(name="mortal", home=folder, command=command, environment={}, log=folder / "mortal.log")
    part = Part(name="mortal", program=program, address="", ports=(), unready=lambda: None)
    return Keeper(part, lambda: None, said.append), said


async def deaths(keeping: Keeper, said: list[str], count: int) -> list[str]:
    async def happened() -> bool:
        return len(said) >= count

    life = asyncio.create_task(keeping.run({}))
    try:
        await eventually(happened, within_s=60)
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        await keeping.stop()
    return said[:count]


async def test_who_lived_a_while_is_started_again_at_once_however_often_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "CALM_AFTER_S", 0.0)
    said = await deaths(*kept(tmp_path, 0.3), count=len(PAUSES_S) - 2)
    assert all(f"starts again in {PAUSES_S[0]:g} s" in one for one in said), said


async def test_who_dies_soon_after_each_start_is_started_later_and_later(tmp_path: Path) -> None:
    said = await deaths(*kept(tmp_path, 0.2), count=3)
    assert [f"starts again in {pause_s:g} s" in one for pause_s, one in zip(PAUSES_S, said, strict=False)] == [True] * 3
