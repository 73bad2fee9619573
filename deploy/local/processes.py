"""Starting processes that can be found again, and ending all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

HOME_MARK = "ESHIK_HOME"
PART_MARK = "ESHIK_STACK_PART"
LOG_KEPT_BYTES = 8 * 1024 * 1024


class NotReady(Exception):
    """A process ended, or did not answer in time, before it was ready."""


def marked(home: Path, part: str, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """A small environment by which the process and all its children are found again."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR") if name in os.environ}
    return {"PATH": os.defpath, **kept, **(environment or {}), HOME_MARK: str(home), PART_MARK: part}


@dataclass
class Program:
    """One program with its log file: start it, end it, or treat it badly for a test."""

    name: str
    home: Path
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    log: Path
    cwd: Path | None = None
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it in a session of its own: a Ctrl-C in the terminal is for the supervisor, not for it."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own words, no shell). Ended by stop() and kill9()
                [str(word) for word in self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=marked(self.home, self.name, self.environment),
                cwd=self.cwd,
                start_new_session=True,
            )

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def stop(self, grace_s: float = 15) -> None:
        """Ask it to end; after grace_s kill it."""
        if self.process is None:
            return
        self.send(signal.SIGTERM)
        try:
            self.process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.kill9()

    def kill9(self) -> None:
        """End it without warning, as a crash does."""
        self.send(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def freeze(self) -> None:
        """It stays connected and answers nothing."""
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)

    def wait_until(self, ready: Callable[[], bool], timeout_s: float) -> None:
        """Wait until ready() is true. Raises NotReady when the process ends or the time is over."""
        deadline = time.monotonic() + timeout_s
        while not ready():
            if not self.is_running:
                code = self.process.returncode if self.process else None
                raise NotReady(f"{self.name} ended ({describe_exit(code)}); its log is {self.log}")
            if time.monotonic() > deadline:
                raise NotReady(f"{self.name} did not answer within {timeout_s:.0f} s; its log is {self.log}")
            time.sleep(0.05)


def describe_exit(code: int | None) -> str:
    """An exit code in words."""
    if code is None:
        return "never started"
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


def last_lines(log: Path, count: int = 6) -> list[str]:
    """The end of a log, for telling why something stopped."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [line for line in lines if line.strip()][-count:]


def running_parts(home: Path) -> dict[int, str]:
    """Every process that a stack in this state folder started and that still runs, but us and our parents: pid -> part."""
    wanted = f"{HOME_MARK}={home}".encode()
    ours = _own_line()
    found: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) in ours:
            continue
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # gone meanwhile, or another user's
            continue
        part = next((line for line in variables if line.startswith(PART_MARK.encode() + b"=")), None)
        if part is not None and wanted in variables:
            found[int(folder.name)] = part.split(b"=", 1)[1].decode()
    return found


def end_parts(home: Path, *, spare: frozenset[int] = frozenset(), grace_s: float = 8) -> dict[int, str]:
    """End every process that running_parts finds, the obedient ones gently. Returns what was there."""
    ended = {pid: part for pid, part in running_parts(home).items() if pid not in spare}
    for pid in ended:
        _signal(pid, signal.SIGCONT)
        _signal(pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline:
        if not any(pid not in spare for pid in running_parts(home)):
            return ended
        time.sleep(0.1)
    for _ in range(20):  # a dying parent may still have started a child
        left = [pid for pid in running_parts(home) if pid not in spare]
        if not left:
            break
        for pid in left:
            _signal(pid, signal.SIGKILL)
        time.sleep(0.1)
    return ended


def _own_line() -> set[int]:
    own = psutil.Process()
    return {own.pid, *(parent.pid for parent in own.parents())}


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
