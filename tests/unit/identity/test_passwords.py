"""Passwords: how many are looked at at once, what that takes, and that nobody's takes as long as somebody's."""

import asyncio
import subprocess
import sys
import time
from statistics import median

import pytest

from services.identity.passwords import AT_ONCE, MEMORY_KIB, Room, TooBusy, hash_password, is_password

PASSWORD = "ырчы-темир-булут-41"
MEASURE = """
import asyncio, resource
from services.identity.passwords import is_password
asyncio.run(is_password("warm up", None))
def peak() -> int:
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
before = peak()
async def all_at_once() -> None:
    await asyncio.gather(*(is_password(f"guess-number-{n}", None) for n in range(24)))
asyncio.run(all_at_once())
print(peak() - before)
"""


def test_whoever_comes_when_all_places_are_taken_is_told_so_at_once_and_a_place_comes_back() -> None:
    room = Room(2)
    with room(), room(), pytest.raises(TooBusy):
        room().__enter__()
    with pytest.raises(ValueError, match="went wrong"), room():
        raise ValueError("went wrong")
    with room(), room():
        pass


def test_however_many_come_their_hashes_take_the_memory_of_four() -> None:
    """Twenty-four at once, in a process of their own: by how much its peak grew."""
    grown = int(subprocess.run([sys.executable, "-c", MEASURE], check=True, capture_output=True, text=True).stdout)
    assert grown < (AT_ONCE + 1) * MEMORY_KIB


async def test_a_login_that_nobody_has_costs_as_much_as_one_that_somebody_has() -> None:
    """By the processor's time, which a busy machine does not change much; a difference of work would be one of times."""
    known = await hash_password(PASSWORD, login="nurlan")

    async def cost(hashed: str | None) -> float:
        began = time.process_time()
        assert not await is_password("wrong-wrong-wrong", hashed)
        return time.process_time() - began

    pairs = [(await cost(known), await cost(None)) for _ in range(9)]
    assert 0.5 < median(one for one, _ in pairs) / median(other for _, other in pairs) < 2


async def test_a_request_that_is_given_up_leaves_its_place() -> None:
    room = Room(1)

    async def one() -> None:
        with room():
            await asyncio.sleep(60)

    task = asyncio.create_task(one())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with room():
        pass
