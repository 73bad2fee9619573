"""The stack of the soak's own: its folder, its ports, what it was started with. It ends with us, however we end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.soak.schedule import CRASH_POINTS
from cli.stack import Stack
from cli.up import ALL_BUT_THE_PAGES
from deploy.local.places import Places
from deploy.local.ports import DEFAULT_BASE, Ports, free_base, is_free_base, ports_from_environment
from deploy.local.processes import HOME_MARK, PART_MARK

KEPT = ("ESHIK_TEST_PORT_REGION",)


@dataclass(frozen=True)
class SoakedStack:
    """stack: as the commands see it. flags: a file in it, named as a crash point, lets the next process that comes by die."""

    stack: Stack
    flags: Path

    @property
    def ports(self) -> Ports:
        return self.stack.asked_ports

    @property
    def places(self) -> Places:
        return self.stack.places

    def pid_of(self, part: str) -> int | None:
        """None while it is gone: a number that is left in the record may be somebody else's by now."""
        record = self.stack.record()
        pid = next((one.pid for one in record.parts if one.name == part), None) if record else None
        marks = {f"{HOME_MARK}={self.places.home}".encode(), f"{PART_MARK}={part}".encode()}
        try:
            return pid if pid and marks.issubset(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")) else None
        except OSError:
            return None

    def restarts(self) -> dict[str, int]:
        record = self.stack.record()
        return {part.name: part.restarts for part in record.parts} if record else {}


@contextmanager
def soaked_stack(say: Callable[[str], None], *, keep: bool) -> Iterator[SoakedStack]:
    """Raises StackFailed, Obstacle. What the caller's environment says of another stack is not heard."""
    asked = ports_from_environment()  # where another stack runs there, it is left alone
    home = Path(tempfile.mkdtemp(prefix="eshik-soak-"))
    flags = home / "crash"
    flags.mkdir()
    ports = asked if asked.base != DEFAULT_BASE and is_free_base(asked.base) else Ports(free_base())
    for name in [name for name in os.environ if name.startswith("ESHIK_") and name not in KEPT]:
        del os.environ[name]
    os.environ |= {
        "ESHIK_HOME": str(home),
        "ESHIK_PORT_BASE": str(ports.base),
        "ESHIK_CRASH_AT": ",".join(f"{point}@{flags / point}" for point in CRASH_POINTS),
    }
    stack = Stack(Places(home), ports)
    try:
        stack.bring_up(lambda _record: None, say, foreground=True, only=ALL_BUT_THE_PAGES)
        yield SoakedStack(stack, flags)
    except KeyboardInterrupt:
        stack.take_down()
        if keep:
            say(f"logs and data are kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
        raise
    finally:
        stack.take_down()
