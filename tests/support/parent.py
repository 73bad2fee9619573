"""One parent for the small processes of a lane's tests (tests/fault/child.py): all is imported in it, and each is forked fast.

It ends with the process of the tests, however that ends, and its children with it: see tests/fault/forked.py.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import Any

from deploy.local.places import CHECKOUT

CHILD = "tests.fault.child"


class Parent:
    """Belongs to no loop, as each test has one of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fault.forked", CHILD],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._asking = Lock()

    def start(self, role: str, *, journal: str, log: str, crash_at: str, environment: Mapping[str, str]) -> int:
        """Its pid. environment: beside the parent's own."""
        said = {"start": role, "journal": journal, "log": log, "crash_at": crash_at, "environment": {**os.environ, **environment}}
        pid = self._ask(said)
        assert isinstance(pid, int)
        return pid

    def exit_code(self, pid: int) -> int | None:
        """Of a child that has ended: minus the signal where one ended it. To be asked until it is known, and not after."""
        code = self._ask({"ended": pid})
        assert code is None or isinstance(code, int)
        return code

    def _ask(self, said: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._asking:
            self._process.stdin.write(json.dumps(said) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


@cache
def the_parent() -> Parent:
    return Parent()
