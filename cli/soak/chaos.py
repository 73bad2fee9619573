"""Does to the running stack what the schedule says, and measures how long each part then takes to serve again."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

from cli.soak.place import SoakedStack
from cli.soak.schedule import SERVICES, TARGETS, Fault
from deploy.local import broker, database
from deploy.local.parts import unready_over_http
from deploy.local.ports import LOOPBACK, Ports

SIGNALS = {"kill": signal.SIGKILL, "end": signal.SIGTERM, "freeze": signal.SIGSTOP}
LOOK_S = 0.2
BACK_WITHIN_S = 120.0


@dataclass
class Injected:
    """What was done, by target and kind, and how long each target took at most to serve again."""

    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: int = 0  # the target was down already
    crashed: Counter[str] = field(default_factory=Counter)
    slowest_s: dict[str, float] = field(default_factory=dict)
    never_back: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.done.values()) + sum(self.crashed.values())


def probes(ports: Ports) -> dict[str, Callable[[], bool]]:
    """How each target shows that it serves."""

    def over_http(port: int) -> Callable[[], bool]:
        unready = unready_over_http(f"http://{LOOPBACK}:{port}/health/ready")
        return lambda: unready() is None

    return {
        **{name: over_http(ports.service(name)) for name in SERVICES},
        "mail-sink": over_http(ports.inbox),
        "sms-sink": over_http(ports.sms_gateway),
        "rabbitmq": lambda: broker.answers(ports.amqp),
        "mongo": lambda: database.answers(ports.mongo_url, 1),
    }


class Chaos:
    """Follows the schedule once. down: what is away at this moment, and why, for who watches."""

    def __init__(self, soaked: SoakedStack, faults: Sequence[Fault]) -> None:
        self.injected = Injected()
        self.down: dict[str, str] = {}
        self._soaked, self._faults = soaked, faults
        self._probes = probes(soaked.ports)
        self._threads = ThreadPoolExecutor(len(TARGETS) * 2, thread_name_prefix="probe")
        self._watched: dict[str, asyncio.Task[None]] = {}
        self._frozen: dict[str, int] = {}
        self._armed: set[str] = set()

    async def run(self) -> None:
        """Until the last fault is over and every part serves again."""
        born = time.monotonic()
        going: list[asyncio.Task[None]] = []
        try:
            for fault in self._faults:
                await asyncio.sleep(max(0.0, born + fault.at_s - time.monotonic()))
                self._count_crashes()
                going.append(asyncio.create_task(self._do(fault)))
            await asyncio.gather(*going)
        finally:
            self.calm()
        await asyncio.gather(*self._watched.values(), return_exceptions=True)
        await asyncio.gather(*(self._until_serving(name, crashed=True) for name in TARGETS))

    def calm(self) -> None:
        """Nothing more happens, and nobody stays frozen."""
        self._count_crashes()
        for point in self._armed:
            (self._soaked.flags / point).unlink(missing_ok=True)
        self._armed.clear()
        for pid in self._frozen.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._frozen.clear()

    def close(self) -> None:
        self.calm()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _do(self, fault: Fault) -> None:
        if fault.kind == "crash":
            for point in fault.points:
                (self._soaked.flags / point).touch()
                self._armed.add(point)
            return
        pid = self._soaked.pid_of(fault.target)
        if pid is None or not self._signalled(pid, SIGNALS[fault.kind]):
            self.injected.missed += 1
            return
        self.injected.done[fault.target, fault.kind] += 1
        self.down[fault.target] = {"kill": "killed", "end": "ending", "freeze": f"frozen {fault.seconds:.0f} s"}[fault.kind]
        if fault.kind == "freeze":
            self._frozen[fault.target] = pid
            await asyncio.sleep(fault.seconds)
            self._frozen.pop(fault.target, None)
            self._signalled(pid, signal.SIGCONT)
        else:
            await self._until_gone(pid)
        if watched := self._watched.pop(fault.target, None):  # another fault came meanwhile: its time counts from here
            watched.cancel()
        self._watched[fault.target] = asyncio.create_task(self._until_serving(fault.target))

    async def _until_gone(self, pid: int) -> None:
        """Until it ended; the supervisor then reaps it."""
        end = time.monotonic() + BACK_WITHIN_S
        while self._signalled(pid, 0) and time.monotonic() < end:  # noqa: ASYNC110 (a process offers no event)
            await asyncio.sleep(LOOK_S)

    async def _until_serving(self, target: str, *, crashed: bool = False) -> None:
        """crashed: at a named point, nobody knows when."""
        began = time.monotonic()
        loop = asyncio.get_running_loop()
        while not await loop.run_in_executor(self._threads, self._probes[target]):
            if time.monotonic() - began > BACK_WITHIN_S:
                self.injected.never_back.append(target)
                return
            await asyncio.sleep(LOOK_S)
        if not crashed:
            took = round(time.monotonic() - began, 1)
            self.injected.slowest_s[target] = max(took, self.injected.slowest_s.get(target, 0.0))
        self.down.pop(target, None)

    def _count_crashes(self) -> None:
        """A flag that is gone was taken by a process that died there."""
        taken = {point for point in self._armed if not (self._soaked.flags / point).exists()}
        self.injected.crashed.update(taken)
        self._armed -= taken

    @staticmethod
    def _signalled(pid: int, number: int) -> bool:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True
