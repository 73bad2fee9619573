"""Where the turns of workloads happen: private servers, a place for each turn, child processes, and what they spend."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import psutil
from pymongo import AsyncMongoClient

from cli.bench.child import LONGEST_LINE, Place, Role
from cli.bench.frame import Turn
from deploy.local.broker import RabbitNode
from deploy.local.database import SecantusServer
from deploy.local.ports import Ports, free_base

READY_S = 60.0
ANSWER_S = 600.0
END_S = 15.0
GUEST = ("guest", "guest")
CHECKOUT = Path(__file__).resolve().parents[2]
N = TypeVar("N")


class ChildFailed(Exception):
    """A process of a workload ended before its time; its last words are in the message."""


class Child:
    """A process of a turn, seen from the command."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path, end: socket.socket) -> None:
        self.name, self._process, self._log, self._socket = name, process, log, end
        self._said: dict[str, Any] = {}

    @property
    def pid(self) -> int:
        return self._process.pid

    async def open(self, place: Place, settings: Mapping[str, Any]) -> None:
        self._reader, self._writer = await asyncio.open_connection(sock=self._socket, limit=LONGEST_LINE)
        await self._send({"place": asdict(place), "settings": settings})
        await self.heard("ready", READY_S)

    async def tell(self, **what: Any) -> None:
        await self._send(what)

    async def heard(self, word: str, within_s: float = ANSWER_S) -> Any:
        """What it said under this word, now or before. Raises ChildFailed."""
        try:
            async with asyncio.timeout(within_s):
                while word not in self._said:
                    line = await self._reader.readline()
                    if not line:
                        raise ChildFailed(f"{self.name} ended before it said {word!r}: {self._last_words()}")
                    self._said |= json.loads(line)
        except TimeoutError:
            raise ChildFailed(f"{self.name} did not say {word!r} within {within_s:.0f} s: {self._last_words()}") from None
        return self._said.pop(word)

    async def end(self) -> None:
        self._writer.close()
        try:
            async with asyncio.timeout(END_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _send(self, what: Mapping[str, Any]) -> None:
        self._writer.write(json.dumps(what).encode() + b"\n")
        await self._writer.drain()

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-1500:].strip() or "it said nothing"


@dataclass
class Measured:
    """A stretch of time, and what each process spent in it."""

    seconds: float = 0.0
    cpu_s: dict[str, float] = field(default_factory=dict)

    def turn(self, figures: Mapping[str, float], *, events: int) -> Turn:
        return Turn(figures, events, self.cpu_s)


@dataclass
class Stage:
    """One turn of one variant. prepared: what the workload's prepare returned. servers: by name, their process ids."""

    place: Place
    folder: Path
    servers: Mapping[str, int]
    quick: bool = False
    prepared: Any = None
    broker: RabbitNode | None = None  # for who wants to freeze it or stop it; running again when the turn ends
    _children: list[Child] = field(default_factory=list)

    def pick(self, quick: N, full: N) -> N:
        return quick if self.quick else full

    async def child(self, name: str, role: Role, **settings: Any) -> Child:
        """Start a process that plays the role: a function of a module that says ready=True. settings: what JSON can hold."""
        ours, theirs = socket.socketpair()
        log = self.folder / f"{name}-{uuid4().hex[:6]}.log"
        target = f"{role.__module__}:{role.__name__}"  # a function, as said
        environment = {**_plain_environment(), **self.place.environment, "PYTHONPATH": str(CHECKOUT)}
        with log.open("wb") as out, theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cli.bench.child", str(theirs.fileno()), target),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment,
                cwd=CHECKOUT,
                pass_fds=[theirs.fileno()],
            )
        child = Child(name, process, log, ours)
        self._children.append(child)
        await child.open(self.place, settings)
        return child

    @asynccontextmanager
    async def measured(self) -> AsyncIterator[Measured]:
        """Time, and the CPU time of every child that was started and of the servers."""
        pids = {**{child.name: child.pid for child in self._children}, **self.servers}
        measured, before, started = Measured(), {name: _cpu_s(pid) for name, pid in pids.items()}, time.monotonic()
        yield measured
        measured.seconds = time.monotonic() - started
        measured.cpu_s = {name: max(0.0, _cpu_s(pid) - before[name]) for name, pid in pids.items()}  # 0: it was restarted

    def database(self, client: AsyncMongoClient[dict[str, Any]], service: str) -> Any:
        """A service's database in this place."""
        return client[f"{self.place.database_prefix}{service}"]

    async def end(self) -> None:
        await asyncio.gather(*(child.end() for child in self._children))


class BenchServers:
    """A private RabbitMQ and a private SecantusDB, as the local stack makes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ports = Ports(free_base())
        self.broker, self.database = RabbitNode(folder / "rabbitmq", ports), SecantusServer(folder / "mongo", ports.mongo)

    def start(self) -> None:
        self.broker.start()
        self.database.start()
        self.database.wait_ready()
        self.broker.wait_ready()

    def stop(self) -> None:
        self.broker.discard()
        self.database.kill9()

    @asynccontextmanager
    async def stage(self, *, quick: bool, prepared: Any) -> AsyncIterator[Stage]:
        """A place for one turn; its processes and its virtual host are gone afterwards."""
        name = f"b{uuid4().hex[:10]}"
        await self._make_vhost(name)
        place = Place(self.database.url, f"{self.broker.url.rstrip('/')}/{name}", name, f"{name}_")
        stage = Stage(place, self.folder, self._pids(), quick, prepared, self.broker)
        try:
            yield stage
        finally:
            await stage.end()
            await self._clear(place)

    def _pids(self) -> dict[str, int]:
        pids = {"broker": self.broker.node.pid, "database": self.database.program.pid}
        return {name: pid for name, pid in pids.items() if pid is not None}

    async def _make_vhost(self, name: str) -> None:
        async with self._management() as client:
            for _ in range(100):  # the management listener opens a moment after AMQP's
                with suppress(httpx.TransportError):
                    (await client.put(f"/api/vhosts/{name}")).raise_for_status()
                    break
                await asyncio.sleep(0.2)
            allowed = {"configure": ".*", "write": ".*", "read": ".*"}
            (await client.put(f"/api/permissions/{name}/guest", json=allowed)).raise_for_status()

    async def _clear(self, place: Place) -> None:
        """The virtual host goes. Databases stay until the end: a drop waits for ever where a transaction was cut off."""
        async with self._management() as client:
            await client.delete(f"/api/vhosts/{place.vhost}")

    def _management(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(trust_env=False, auth=GUEST, base_url=self.broker.management_url, timeout=20)


def _cpu_s(pid: int) -> float:
    """User and system time, of all threads."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ESHIK_")}
