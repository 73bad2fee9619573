"""A process of its own for what a stranger sent: it gets none of our secrets, and is ended when it is not done in time.

To start Python and to load what opens files takes most of a file's time. So a program is started once (its main is
shared/process_limits.py's one_process_for_each_file) and, with all loaded and nothing read, forks a process for each file.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from shared.turns import TooBusy

CHECKOUT = Path(__file__).parents[1]
_LONGEST_LINE = 64 * 1024


class Program:
    """A started program, with one file at a time."""

    def __init__(self, module: str) -> None:
        self._line, its_end = socket.socketpair()
        self._line.setblocking(False)
        with its_end:
            self._started = subprocess.Popen(  # noqa: S603 (our own words, no shell)
                [sys.executable, "-m", module],
                cwd=CHECKOUT,
                env={"PATH": os.defpath, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
                stdin=its_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # to be ended together with the process of its file
            )

    @property
    def runs(self) -> bool:
        return self._started.poll() is None

    def hand_over(self, file: socket.socket) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # it did not even start: its exit code tells
            socket.send_fds(self._line, [b"f"], [file.fileno()])

    async def exit_code(self) -> int:
        """Of the process of the file that was handed over; the program's own where it has ended."""
        with suppress(ConnectionResetError):
            if said := await asyncio.get_running_loop().sock_recv(self._line, 16):
                return int(said)
        return await asyncio.to_thread(self._started.wait)

    def kill(self) -> None:
        self._line.close()
        if self._started.returncode is None:
            os.killpg(self._started.pid, signal.SIGKILL)
            self._started.wait()


class LimitedProcess:
    """What goes into the process of one file, what comes out, and how it ends."""

    def __init__(self, program: Program, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.stdout, self.stdin = reader, writer
        self.exit_code: int | None = None
        self._program = program

    async def answer(self, asked: bytes) -> bytes:
        """All that comes out, after all has gone in; nothing where it ended before."""
        try:
            self.stdin.write(asked)
            await self.stdin.drain()
            self.stdin.write_eof()
            return await self.stdout.read()
        except (BrokenPipeError, ConnectionResetError):
            return b""

    async def wait(self) -> int:
        """The exit code, minus the signal where one ended it."""
        if self.exit_code is None:
            self.exit_code = await self._program.exit_code()
        return self.exit_code


_waiting: dict[str, list[Program]] = {}  # by module: those that have no file now


@asynccontextmanager
async def limited_process(module: str, *, most_seconds: float) -> AsyncIterator[LimitedProcess]:
    """module: what is run as a program. most_seconds: its own limit counts the time it works; this one, how long the machine
    lets it wait. A program whose process did not end well is not used again. Raises TooBusy."""
    program = _program(module)
    process = None
    try:
        async with asyncio.timeout(most_seconds):
            process = await _process_of(program)
            yield process
            process.stdin.close()
            await process.wait()
    except TimeoutError:
        raise TooBusy("file-took-too-long") from None
    finally:
        if process:
            process.stdin.close()
        if process and process.exit_code == 0:
            _waiting.setdefault(module, []).append(program)
        else:
            program.kill()


def _program(module: str) -> Program:
    while _waiting.get(module):
        program = _waiting[module].pop()
        if program.runs:
            return program
        program.kill()
    return Program(module)


async def _process_of(program: Program) -> LimitedProcess:
    ours, its = socket.socketpair()
    with its:
        program.hand_over(its)
    return LimitedProcess(program, *await asyncio.open_unix_connection(sock=ours, limit=_LONGEST_LINE))
