"""Has a stranger's file made harmless by a process of its own, and waits for it no longer than is fair to the others."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from services.applications.uploads.told import Cleaned, Request
from shared.turns import TooBusy, Turns

log = structlog.get_logger(__name__)

CHECKOUT = Path(__file__).parents[3]
PROGRAM = "services.applications.uploads.cleaning_process"
MOST_SECONDS = 60.0  # its own limit counts the time it works; this one, how long the machine lets it wait
MOST_WAITING = 64
PATIENCE_S = 30.0
_LONGEST_ANSWER = 64 * 1024
_MOST_BACK = 64 * 1024 * 1024


class CleanerBroken(Exception):
    """The process did not even start as it should: our mistake, not the file's."""


@dataclass(frozen=True, slots=True)
class Result:
    """told: with a problem, nothing else. shown: the copy that may be looked at; marked: the picture of what is wrong."""

    told: Cleaned
    shown: bytes = b""
    marked: bytes = b""


class Cleaner:
    """One for a process of the service: one file at a time."""

    def __init__(self) -> None:
        self._turns = Turns(most_waiting=MOST_WAITING, patience_s=PATIENCE_S)

    async def clean(self, pieces: AsyncIterator[bytes], request: Request) -> Result:
        """pieces: the file, of request.size bytes. What takes too much work or memory is unreadable. Raises TooBusy,
        CleanerBroken, and what pieces raises."""
        async with self._turns.one():
            return await _cleaned(pieces, request)


async def _cleaned(pieces: AsyncIterator[bytes], request: Request) -> Result:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        PROGRAM,
        cwd=CHECKOUT,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},  # none of our secrets
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_MOST_BACK,
    )
    try:
        out = await asyncio.wait_for(_talk(process, pieces, request), MOST_SECONDS)
        code = await process.wait()
    except TimeoutError:
        raise TooBusy("file-took-too-long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _result(code, out)


async def _talk(process: asyncio.subprocess.Process, pieces: AsyncIterator[bytes], request: Request) -> bytes:
    """The whole file goes in before anything comes out."""
    assert process.stdin is not None  # noqa: S101 (it is a pipe)
    assert process.stdout is not None  # noqa: S101 (as above)
    try:
        process.stdin.write(json.dumps(asdict(request)).encode() + b"\n")
        async for piece in pieces:
            process.stdin.write(piece)
            await process.stdin.drain()
        process.stdin.close()
    except (BrokenPipeError, ConnectionResetError):  # it ended early: its exit code tells why
        pass
    return await process.stdout.read()


def _result(code: int, out: bytes) -> Result:
    if code < 0:  # ended by a limit, or by what it read
        log.warning("cleaner_ended", by=signal.Signals(-code).name)
        return Result(Cleaned(problem="unreadable"))
    line, _, rest = out.partition(b"\n")
    if code > 0 or len(line) > _LONGEST_ANSWER:
        raise CleanerBroken(str(code))
    said = json.loads(line)
    told = Cleaned(**said | {"findings": tuple(said["findings"])})
    if len(rest) != told.shown_size + told.marked_size:
        raise CleanerBroken("cut-off")
    return Result(told, rest[: told.shown_size], rest[told.shown_size :])
