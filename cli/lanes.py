"""Runs tests in lanes side by side, each a pytest process with servers, ports and folders of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from cli.lane_progress import OPTION, TAKEN, Progress, summary_of
from deploy.local.places import CHECKOUT
from deploy.local.processes import describe_exit

POLL_S = 0.2
SILENT_S = 20  # so long nothing is said before a line says what each lane is at
GRACE_S = 30  # for an interrupted lane to end its servers in good order
INTERRUPTED = 130
PASSED = (0, 5)  # 5: no tests collected
PARTS_OF_PORTS = 6  # lanes at most: a region of ports for each, see free_base() in deploy/local/ports.py


@dataclass
class Lane:
    """Some tests, and the pytest process that runs them."""

    name: str
    arguments: Sequence[str]
    progress: Progress = field(default_factory=Progress)
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def exit_code(self) -> int | None:
        return self.process.poll() if self.process else None

    @property
    def passed(self) -> bool:
        return self.exit_code in PASSED and self.progress.failures == 0


class Lanes:
    """All lanes of one run, below one folder; say prints one line."""

    def __init__(self, lanes: Sequence[Lane], variables: Mapping[str, str], say: Callable[[str], None]) -> None:
        if len(lanes) > PARTS_OF_PORTS:
            raise ValueError(f"no more than {PARTS_OF_PORTS} lanes have ports of their own")
        self._lanes, self._variables, self._say = lanes, variables, say
        self._folder = Path(tempfile.mkdtemp(prefix="eshik-test-"))
        (self._folder / "taken").mkdir()
        self._folder.chmod(0o711)  # some tests become another user, who must be able to pass
        self._started = self._spoken = time.monotonic()

    def run(self) -> int:
        """The exit code: 0 when all passed, 1 when not, 130 when interrupted. Nothing that was started is left."""
        interrupted = False
        with _interruptible():
            try:
                for number, lane in enumerate(self._lanes):
                    self._start(number, lane)
                self._follow()
            except KeyboardInterrupt:
                interrupted = True
                self._interrupt()
            finally:
                end_processes_of(self._folder)
        self._tell()
        passed = not interrupted and all(lane.passed for lane in self._lanes)
        if passed:
            shutil.rmtree(self._folder, ignore_errors=True)
        else:
            self._say(f"What the lanes and their servers left behind: {self._folder}")
        took_s = time.monotonic() - self._started
        counts = sum((lane.progress.counts for lane in self._lanes), Counter[str]())
        self._say(f"{'interrupted: ' if interrupted else ''}{summary_of(counts)} in {took_s:.2f}s ({_clock(took_s)})")
        return INTERRUPTED if interrupted else 0 if passed else 1

    def _start(self, number: int, lane: Lane) -> None:
        home = self._folder / lane.name
        (home / "tmp").mkdir(parents=True)
        own = {
            "TMPDIR": str(home / "tmp"),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(CHECKOUT / ".hypothesis" / lane.name),
            "ESHIK_TEST_PORT_REGION": str(os.getpid() % 6 * PARTS_OF_PORTS + number),
        }
        options = [f"--basetemp={home / 'base'}", "-o", f"cache_dir={home / 'cache'}", "-p", "cli.lane_report"]
        color = "yes" if sys.stdout.isatty() else "no"
        ours = [f"{OPTION}={home / 'report'}", f"{TAKEN}={self._folder / 'taken'}"]
        command = [sys.executable, "-m", "pytest", "-q", *options, *ours, f"--color={color}"]
        with (home / "log").open("wb") as log:
            lane.process = subprocess.Popen(  # noqa: S603 (our own words, no shell). In a session of its own: an interrupt is handed on by us, and once
                [*command, *lane.arguments],
                cwd=CHECKOUT,
                env={**_with_bytecode(os.environ), **self._variables, **own},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _follow(self) -> None:
        while True:
            running = [lane for lane in self._lanes if lane.exit_code is None]  # asked before the last lines are read
            self._read_reports()
            if not running:
                return
            if time.monotonic() - self._spoken > SILENT_S:
                self._speak(", ".join(f"{lane.name}: {lane.progress.where()}" for lane in running))
            time.sleep(POLL_S)

    def _read_reports(self) -> None:
        for lane in self._lanes:
            over = lane.exit_code is not None
            for line in lane.progress.read(self._folder / lane.name / "report", over=over):
                self._speak(f"{lane.name:<10} {line}")

    def _speak(self, text: str) -> None:
        self._spoken = time.monotonic()
        self._say(f"{_clock(self._spoken - self._started)}  {text}")

    def _interrupt(self) -> None:
        """As Ctrl-C does to pytest. A second one ends all at once."""
        running = [lane.process for lane in self._lanes if lane.process and lane.exit_code is None]
        self._say("interrupted: ending the tests and their servers")
        with suppress(KeyboardInterrupt):
            for process in running:
                process.send_signal(signal.SIGINT)
            deadline = time.monotonic() + GRACE_S
            while any(process.poll() is None for process in running) and time.monotonic() < deadline:
                time.sleep(POLL_S)

    def _tell(self) -> None:
        """All that each lane printed; those that failed come last, near the summary."""
        for lane in sorted(self._lanes, key=lambda lane: not lane.passed):
            if lane.process is None:
                continue
            printed = (self._folder / lane.name / "log").read_text(encoding="utf-8", errors="replace")
            ended = "" if lane.exit_code in (*PASSED, 1) else f", {describe_exit(lane.exit_code)}"
            self._say(f"\n──── {lane.name}: {summary_of(lane.progress.counts)}{ended} ────\n{printed.rstrip()}\n")


def _with_bytecode(environment: Mapping[str, str]) -> dict[str, str]:
    """Some machines ask Python to keep no compiled files: then each of some hundred processes would compile all that it imports.
    They are kept below .eshik/, apart from the sources."""
    kept = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(CHECKOUT / ".eshik" / "bytecode")}


def end_processes_of(folder: Path) -> None:
    """Kill all that a lane started and that still runs: its folder is in their environment, as ESHIK_HOME or TMPDIR."""
    for _ in range(50):  # one that dies may still have started another
        left = list(_processes_of(folder))
        if not left:
            return
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def _processes_of(folder: Path) -> Iterator[int]:
    mark = f"={folder}/".encode()
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            with suppress(OSError):  # gone meanwhile, or another user's
                if mark in (process / "environ").read_bytes():
                    yield int(process.name)


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM and SIGHUP end a run as Ctrl-C does, and Ctrl-C does so in a shell's background too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
