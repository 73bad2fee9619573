"""The process that owns a local stack from `up` to `down`: python -m deploy.local.supervisor."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from deploy.local.keeper import Keeper, StartFailed
from deploy.local.keys import make_keys
from deploy.local.parts import Absent, Part, parts_of_stack
from deploy.local.places import Places, places_from_environment
from deploy.local.ports import Ports, holder, is_free, ports_from_environment
from deploy.local.processes import end_parts
from deploy.local.record import PartRecord, Phase, StackLock, StackRecord, write_record
from deploy.local.system import explain

ALREADY_RUNNING = 3
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """Why the stack cannot be started, in one line that names the way out."""


class Supervisor:
    """Starts every part, keeps it running, and ends all of it in the reverse order."""

    def __init__(self, places: Places, ports: Ports, parts: list[Part], absent: list[Absent]) -> None:
        self._places = places
        self._born = time.monotonic()
        self._keepers = {part.name: Keeper(part, self._write, say) for part in parts}
        self._absent = [PartRecord(name=one.name, state="absent", note=one.why, address=one.address) for one in absent]
        self._record = StackRecord(pid=os.getpid(), port_base=ports.base)

    async def run(self) -> int:
        """Until SIGTERM or SIGINT, or until the start fails. Returns the exit code."""
        asked_to_end = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, asked_to_end.set)
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(self._tell_when_ready()),
            asyncio.create_task(asked_to_end.wait()),
            *(asyncio.create_task(keeper.run(self._keepers)) for keeper in self._keepers.values()),
        ]
        end = await self._first_end(tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if end is not None:
            say(f"start failed: {end}")
        self._record.reason = str(end or "")
        self._phase("stopping")
        await self._stop_all()
        if end is None:
            return 0
        self._phase("failed")
        if not isinstance(end, StartFailed | OSError):
            raise end
        return 1

    async def _first_end(self, tasks: list[asyncio.Task[Any]]) -> BaseException | None:
        """Wait until somebody asks for the end (None) or a task fails (its exception)."""
        told, asked, *lives = tasks
        while True:
            waiting = {task for task in tasks if not task.done()}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            failed = next((task for task in (told, *lives) if task.done() and task.exception()), None)
            if failed is not None:
                return failed.exception()
            if asked.done():
                return None

    async def _tell_when_ready(self) -> None:
        for keeper in self._keepers.values():
            await keeper.ready.wait()
        self._record.seconds = round(time.monotonic() - self._born, 1)
        self._phase("ready")

    async def _stop_all(self) -> None:
        left = dict(self._keepers)
        while left:
            needed = {need for keeper in left.values() for need in keeper.part.needs}
            outermost = [name for name in left if name not in needed]
            await asyncio.gather(*(left.pop(name).stop() for name in outermost))
        await asyncio.to_thread(end_parts, self._places.home)

    def _phase(self, phase: Phase) -> None:
        self._record.phase = phase
        self._write()

    def _write(self) -> None:
        self._record.parts = [keeper.record for keeper in self._keepers.values()] + self._absent
        with suppress(OSError):  # a disk that is full now must not end what runs
            write_record(self._places, self._record)


def say(text: str) -> None:
    """To the supervisor's log, which a foreground `up` shows."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def check_ports(parts: list[Part], base: int) -> None:
    """Raises CannotStart for the first port that somebody else holds."""
    for part in parts:
        for port in part.ports:
            if not is_free(port):
                who = holder(port)
                raise CannotStart(
                    f"port {port}, needed by {part.name}, is taken{f' by {who}' if who else ''}: end that program, "
                    f"or use other ports: ESHIK_PORT_BASE={base + 1000} ./eshik up"
                )


def start(places: Places, ports: Ports, outer: Mapping[str, str]) -> int:
    """Clear what a killed stack left, start everything and stay until the end. Returns the exit code."""
    places.make()
    lock = StackLock(places.lock)
    if not lock.take():
        return ALREADY_RUNNING
    write_record(places, StackRecord(pid=os.getpid(), port_base=ports.base))
    left = end_parts(places.home)
    if left:
        say(f"ended what an earlier stack left: {', '.join(sorted(set(left.values())))}")
    try:
        parts, absent = parts_of_stack(places, ports, make_keys(places.keys), outer)
        check_ports(parts, ports.base)
        code = asyncio.run(Supervisor(places, ports, parts, absent).run())
    except CannotStart as obstacle:
        say(f"start failed: {obstacle}")
        write_record(places, StackRecord(pid=os.getpid(), port_base=ports.base, phase="failed", reason=str(obstacle)))
        return 1
    if code == 0:
        places.record.unlink(missing_ok=True)
    return code


def end_with(parent: int) -> None:
    """Be told to end when that process, whose terminal shows this stack, is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--end-with", type=int, metavar="PID", help="end when this parent process ends")
    given = parser.parse_args()
    if given.end_with:
        end_with(given.end_with)
    try:
        code = start(places_from_environment(), ports_from_environment(), os.environ)
    except OSError as error:
        say(f"start failed: {explain(error)}")
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
