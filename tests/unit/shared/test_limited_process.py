"""A stranger's file is opened by a process of its own, forked by a program that has read no file."""

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.limited_process import CHECKOUT, limited_process
from shared.process_limits import MOST_MEMORY
from shared.turns import TooBusy

PROGRAM = "tests.support.telling"


async def told(asked: str = "tell") -> Any:
    async with limited_process(PROGRAM, most_seconds=60) as process:
        return json.loads(await process.answer(asked.encode()))


def runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def ends(asked: str) -> int:
    async with limited_process(PROGRAM, most_seconds=60) as process:
        await process.answer(asked.encode())
        return await process.wait()


async def test_each_file_has_a_process_of_its_own_that_knows_nothing_of_the_one_before() -> None:
    first, second = await told("one"), await told("two")
    assert (first["opened"], second["opened"]) == (["one"], ["two"])
    assert first["pid"] != second["pid"]
    assert first["program"] == second["program"]  # what is loaded once serves both


async def test_the_process_is_limited_and_has_nothing_open_but_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESHIK_SERVICE_SECRET", "a secret")
    seen = await told()
    assert seen["limits"] == [3, MOST_MEMORY, 0]
    assert seen["open"] == [0, 1, 2]
    assert [name for name in seen["environment"] if name.startswith("ESHIK")] == []


async def test_after_a_file_that_broke_its_process_the_next_has_another_program() -> None:
    before = await told()
    assert await ends("die") < 0
    after = await told()
    assert after["opened"] == ["tell"]
    assert after["program"] != before["program"]
    assert not runs(before["program"])


async def test_files_that_come_at_once_are_opened_side_by_side() -> None:
    seen = await asyncio.gather(*(told(str(number)) for number in range(3)))
    assert [one["opened"] for one in seen] == [["0"], ["1"], ["2"]]


async def test_a_process_that_waits_for_its_file_too_long_is_ended_with_its_program() -> None:
    program = (await told())["program"]
    with pytest.raises(TooBusy):
        async with limited_process(PROGRAM, most_seconds=0.2) as process:
            await process.stdout.read()  # and nothing is sent
    assert not runs(program)


def test_a_program_ends_with_its_line_however_the_service_ended() -> None:
    ours, its = socket.socketpair()
    program = subprocess.Popen([sys.executable, "-m", PROGRAM], cwd=CHECKOUT, stdin=its.fileno())
    its.close()
    ours.close()
    assert program.wait(60) == 0
