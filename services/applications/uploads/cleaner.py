"""Has a stranger's file made harmless by a process of its own, and waits for it no longer than is fair to the others."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

import structlog

from services.applications.uploads.told import Cleaned, Request
from shared.limited_process import LimitedProcess, limited_process
from shared.turns import Turns

log = structlog.get_logger(__name__)

PROGRAM = "services.applications.uploads.cleaning_process"
MOST_SECONDS = 60.0
MOST_WAITING = 64
PATIENCE_S = 30.0
_PIECE = 64 * 1024


class CleanerBroken(Exception):
    """The process did not even start as it should, or ended in the middle: our mistake, not the file's."""


@dataclass(frozen=True, slots=True)
class Result:
    """told: with a problem, there is nothing else. Then the copy that may be looked at, and after it the picture of what is
    wrong: as many bytes as were told, to be read once and in this order."""

    told: Cleaned
    _reader: asyncio.StreamReader

    def shown(self) -> AsyncIterator[bytes]:
        return self._part(self.told.shown_size)

    def marked(self) -> AsyncIterator[bytes]:
        return self._part(self.told.marked_size)

    async def _part(self, size: int) -> AsyncIterator[bytes]:
        """Raises CleanerBroken."""
        while size:
            piece = await self._reader.read(min(size, _PIECE))
            if not piece:
                raise CleanerBroken("cut-off")
            size -= len(piece)
            yield piece


class Cleaner:
    """One for a process of the service: one file at a time, none of them whole in its memory."""

    def __init__(self) -> None:
        self._turns = Turns(most_waiting=MOST_WAITING, patience_s=PATIENCE_S)

    @asynccontextmanager
    async def cleaning(self, pieces: AsyncIterator[bytes], request: Request) -> AsyncIterator[Result]:
        """pieces: the file, of request.size bytes. What takes too much work or memory is unreadable. Raises TooBusy,
        CleanerBroken, and what pieces raises."""
        async with self._turns.one(), limited_process(PROGRAM, most_seconds=MOST_SECONDS) as process:
            yield await _asked(process, pieces, request)


async def _asked(process: LimitedProcess, pieces: AsyncIterator[bytes], request: Request) -> Result:
    """The whole file goes in before anything comes out."""
    try:
        process.stdin.write(json.dumps(asdict(request)).encode() + b"\n")
        async for piece in pieces:
            process.stdin.write(piece)
            await process.stdin.drain()
        process.stdin.write_eof()
        line = await process.stdout.readline()
    except (BrokenPipeError, ConnectionResetError):  # it ended early: its exit code tells why
        line = b""
    if line:
        said = json.loads(line)
        told = Cleaned(**said | {"findings": tuple(said["findings"])})
        if told.problem:  # nothing else follows
            await process.wait()
        return Result(told, process.stdout)
    code = await process.wait()
    if code >= 0:
        raise CleanerBroken(str(code))
    log.warning("cleaner_ended", by=signal.Signals(-code).name)  # by a limit, or by what it read
    return Result(Cleaned(problem="unreadable"), process.stdout)
