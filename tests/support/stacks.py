"""A whole local stack of a test's own, as ./eshik up makes it, in a state folder and on ports that nobody else uses."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from deploy.local.places import CHECKOUT, Places
from deploy.local.ports import Ports, free_base
from deploy.local.record import StackRecord, read_record


class RunningStack:
    def __init__(self, home: Path, ports: Ports, environment: Mapping[str, str]) -> None:
        self.places, self.ports, self._environment = Places(home), ports, environment

    def eshik(self, *arguments: str, timeout_s: float = 240) -> subprocess.CompletedProcess[str]:
        """Run an ./eshik command against this stack."""
        return subprocess.run(
            self.command(*arguments),
            cwd=CHECKOUT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    @staticmethod
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "cli", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """What a command of this stack is run with."""
        return {**os.environ, **self._environment}

    @property
    def record(self) -> StackRecord:
        record = read_record(self.places)
        assert record is not None
        return record

    @property
    def pages_url(self) -> str:
        """Where the portal is."""
        return self.ports.pages_url

    def pid_of(self, part: str) -> int:
        pid = next(p.pid for p in self.record.parts if p.name == part)
        assert pid is not None
        return pid

    def rows(self, database: str, collection: str, query: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        with MongoClient[dict[str, Any]](self.ports.mongo_url) as client:
            return list(client[database][collection].find(query or {}))


@contextmanager
def running_stack(home: Path, *, pages: bool = False, seeded: bool = False, **extra: str) -> Iterator[RunningStack]:
    """Up, and down at the end; with the portal, and with the invented people's applications, where they are asked for.

    extra: further environment, as ESHIK_CRASH_AT."""
    ports = Ports(free_base())
    stack = RunningStack(home, ports, {"ESHIK_HOME": str(home), "ESHIK_PORT_BASE": str(ports.base), **extra})
    without = [*([] if pages else ["--no-pages"]), *([] if seeded else ["--empty"])]
    up = stack.eshik("up", "--detach", *without)
    try:
        assert up.returncode == 0, up.stderr[-2000:]
        yield stack
    finally:
        stack.eshik("down")
