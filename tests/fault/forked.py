"""Processes that start in a moment: a parent with everything imported, python -m tests.fault.forked, forks one for each start.

The parent never has a loop, a client or a thread, so that what it forks is as clean as a process that was started anew. It
reads one JSON command per line and answers each with one line: {"start": "service", ...} with the child's pid,
{"ended": PID} with its exit code, or null while it runs.
"""

import asyncio
import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from deploy.local.places import CHECKOUT
from shared.web.tls import authorities
from tests.support.notifying import free_port
from tests.support.parent import CHILD
from tests.support.serving import eventually

NOT_SO_YET = ("indexes", "database")  # what a service must have before it takes requests; the broker may come later


class Forks:
    """The parent, seen from the test. environment: what all of its children have."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._asking = asyncio.Lock()

    async def start(self, **command: Any) -> int:
        pid = await self._ask(command)
        assert isinstance(pid, int)
        return pid

    async def died(self, pid: int, *, within_s: float = 40) -> int:
        """The exit code of a child, minus the signal where one ended it."""

        async def ended() -> list[int] | None:
            code = await self._ask({"ended": pid})
            return None if code is None else [code]

        found = await eventually(ended, within_s=within_s, every_s=0.01)
        assert found
        return found[0]

    async def _ask(self, command: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        async with self._asking:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            await self._process.stdin.drain()
            return json.loads(await self._process.stdout.readline())


@asynccontextmanager
async def forks(what: str, environment: Mapping[str, str], *, log: Path) -> AsyncIterator[Forks]:
    """what: a service's name, or tests.fault.child. At the end all children are gone."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.fault.forked", what, cwd=CHECKOUT, env=dict(environment),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=output,
        )  # fmt: skip
    try:
        yield Forks(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()  # it kills its children and ends
        await process.wait()


@dataclass
class ForkedService:
    """A service of the parent's kind on a port of its own, to be killed and started again."""

    forks: Forks
    port: int = field(default_factory=free_port)
    pid: int = 0

    async def start(self, *, crash_at: str = "", **environment: str) -> None:
        """Until it takes requests. crash_at: as in ESHIK_CRASH_AT."""
        self.pid = await self.forks.start(start="service", port=self.port, crash_at=crash_at, environment=environment)
        async with httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=10, verify=authorities()) as api:
            await eventually(lambda: self._takes_requests(api), every_s=0.01)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def died(self) -> int:
        pid, self.pid = self.pid, 0
        return await self.forks.died(pid)

    async def stop(self) -> None:
        """As it ends by itself: uvicorn gives the signal on once all is closed."""
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)
            assert await self.died() in (0, -signal.SIGTERM)

    async def kill9(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            await self.died()

    async def _takes_requests(self, api: httpx.AsyncClient) -> bool:
        try:
            parts = (await api.get("/health/ready")).json()["parts"]
        except httpx.TransportError:
            return False
        return all(parts.get(name, "ok") == "ok" for name in NOT_SO_YET)


def main(what: str) -> None:
    """The parent's life: import, then fork on demand until nobody asks any more."""
    module = importlib.import_module(what if what == CHILD else f"services.{what}.app")
    if what != CHILD:
        module.create_app()  # what it reads once, as the catalogue, is read here
    importlib.import_module("uvicorn.protocols.http.auto")
    importlib.import_module("uvicorn.loops.auto")
    gc.freeze()  # else the first collection of each child would copy all that it shares with us
    running: set[int] = set()
    for line in sys.stdin:
        command = json.loads(line)
        if "ended" in command:
            answer = _ended(command["ended"], running)
        else:
            answer = os.fork()
            if answer == 0:
                _live(module, command)
            running.add(answer)
        print(json.dumps(answer), flush=True)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _ended(pid: int, running: set[int]) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    if not found:
        return None
    running.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _live(module: Any, command: Mapping[str, Any]) -> None:
    """The child: what stands in its environment counts from here on. Never returns."""
    import shared.crash_points

    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    if log := command.get("log"):
        os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), 2)
    os.dup2(2, 1)
    os.environ.update(command.get("environment", {}))
    vars(shared.crash_points)["_CRASH_AT"] = frozenset(filter(None, command.get("crash_at", "").split(",")))
    code = 1
    try:
        if command["start"] == "service":
            _serve(module, command["port"])
        else:
            asyncio.run(module.main(command["start"], module.Journal(Path(command["journal"]))))
        code = 0
    finally:
        os._exit(code)


def _serve(module: Any, port: int) -> None:
    import uvicorn

    uvicorn.run(module.create_app, factory=True, host="127.0.0.1", port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main(sys.argv[1])
