"""Bringing the local stack up and taking it down; up, down, status and demo go through here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.local import broker
from deploy.local.environment import PORTAL
from deploy.local.file_tools import prepare_libmagic
from deploy.local.parts import chosen
from deploy.local.places import CHECKOUT, Places, places_from_environment
from deploy.local.ports import Ports, UnusablePortBase, ports_from_environment
from deploy.local.processes import end_parts, last_lines, marked, running_parts
from deploy.local.record import StackRecord, read_record, supervisor_pid
from deploy.local.supervisor import ALREADY_RUNNING
from deploy.local.system import Obstacle, check_free_space, install, kept_from_starting

NEEDED_MB = 300
POLL_S = 0.1
DOWN_WITHIN_S = 60
UP_WITHIN_S = 300
WITHOUT_PAGES = "Without the pages, only the APIs: ./eshik up --no-pages"
TOLD_TO_END = (0, -signal.SIGTERM, ALREADY_RUNNING)  # the last: it left the start to another's, which is gone now

Watcher = Callable[[StackRecord], None]


class StackFailed(Exception):
    """The stack could not be brought up; the text names the reason and the way out."""


@dataclass
class Stack:
    """The stack of one state folder, seen from outside its supervisor."""

    places: Places
    asked_ports: Ports
    _supervisor: subprocess.Popen[bytes] | None = None

    @property
    def supervisor_log(self) -> Path:
        return self.places.logs / "supervisor.log"

    @property
    def ports(self) -> Ports:
        """The ports it runs on, or would."""
        record = self.record()
        return Ports(record.port_base) if record else self.asked_ports

    def record(self) -> StackRecord | None:
        """What the living supervisor says; None when there is none."""
        pid = supervisor_pid(self.places)
        record = read_record(self.places) if pid else None
        return record if record and record.pid == pid else None

    def is_up(self) -> bool:
        record = self.record()
        return record is not None and record.phase == "ready"

    def bring_up(self, watch: Watcher, say: Callable[[str], None], *, foreground: bool = False, only: str = "") -> StackRecord:
        """Start whatever isn't running and wait until all is ready. Raises StackFailed, Obstacle."""
        self._wait_while_stopping()
        if supervisor_pid(self.places) is None:
            self.prepare_machine(say)
            assets = _assets(say) if not only or PORTAL in chosen(only) else None
            self._start_supervisor(foreground=foreground, only=only, assets=assets)
        return self._follow(watch)

    def take_down(self, watch: Watcher = lambda _record: None) -> dict[int, str]:
        """End everything. Returns what was found running without a supervisor."""
        pid = supervisor_pid(self.places)
        if pid is not None:
            _signal(pid, signal.SIGTERM)
            if not self._wait_for_end(pid, watch):
                _signal(pid, signal.SIGKILL)
        left = end_parts(self.places.home) if self.places.home.exists() else {}
        self.places.record.unlink(missing_ok=True)
        return left

    def end_at_once(self) -> dict[int, str]:
        """No more waiting: kill the supervisor and all it started."""
        pid = supervisor_pid(self.places)
        if pid is not None:
            _signal(pid, signal.SIGKILL)
        return end_parts(self.places.home, grace_s=0)

    def leftovers(self) -> dict[int, str]:
        """Processes of this stack that run although their supervisor is gone."""
        return {} if supervisor_pid(self.places) else running_parts(self.places.home)

    def prepare_machine(self, say: Callable[[str], None]) -> None:
        """Make the state folder, and install the broker where it is missing. Raises Obstacle."""
        self.places.make()
        check_free_space(self.places.home, NEEDED_MB)
        prepare_libmagic(say, self.places.logs / "apt.log")
        if os.environ.get("ESHIK_RABBIT_URL") or broker.is_installed():
            return
        with kept_from_starting("rabbitmq-server.service", "epmd.service", "epmd.socket"):
            install(["rabbitmq-server"], "the message broker", say, self.places.logs / "apt.log")
        if not broker.is_installed():
            raise Obstacle(f"rabbitmq-server was installed, but /{broker.SCRIPT} is not there: this system is untested")

    def _start_supervisor(self, *, foreground: bool, only: str, assets: Path | None) -> None:
        settings = {name: value for name, value in os.environ.items() if name.startswith("ESHIK_")}
        environment = {**settings, "ESHIK_ONLY": only, "ESHIK_PORT_BASE": str(self.asked_ports.base)}
        if assets:
            environment["ESHIK_PORTAL_ASSETS"] = str(assets)
        self.places.record.unlink(missing_ok=True)
        with self.supervisor_log.open("wb") as log:
            self._supervisor = subprocess.Popen(  # noqa: S603 (our own words, no shell). Lives on after us
                [sys.executable, "-m", "deploy.local.supervisor", *(["--end-with", str(os.getpid())] if foreground else [])],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=marked(self.places.home, "supervisor", environment),
                cwd=CHECKOUT,
                start_new_session=True,
            )

    def _follow(self, watch: Watcher) -> StackRecord:
        deadline = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < deadline:
            record = read_record(self.places)
            if record is not None:
                watch(record)
                if record.phase == "ready":
                    return record
                if record.phase == "failed":
                    self._wait_for_end(record.pid, watch)
                    raise StackFailed(record.reason)
            if supervisor_pid(self.places) is None and not self._is_being_born():
                raise StackFailed(self._why_it_ended(read_record(self.places)))
            time.sleep(POLL_S)
        raise StackFailed(f"not ready after {UP_WITHIN_S} s; see ./eshik status and {self.places.logs}")

    def _why_it_ended(self, last: StackRecord | None) -> str:
        if last and last.reason:
            return last.reason
        if self._supervisor is None or self._supervisor.poll() in TOLD_TO_END:
            return "it was taken down while it started; ./eshik up starts it anew"
        said = last_lines(self.supervisor_log)
        return "\n".join(["the supervisor ended at once:", *said] if said else ["the supervisor ended at once and said nothing"])

    def _is_being_born(self) -> bool:
        return self._supervisor is not None and self._supervisor.poll() is None

    def _wait_while_stopping(self) -> None:
        record = self.record()
        if record is not None and record.phase in ("stopping", "failed"):
            self._wait_for_end(record.pid, lambda _record: None)

    def _wait_for_end(self, pid: int, watch: Watcher) -> bool:
        deadline = time.monotonic() + DOWN_WITHIN_S
        while time.monotonic() < deadline:
            if supervisor_pid(self.places) != pid:
                return True
            record = read_record(self.places)
            if record is not None:
                watch(record)
            time.sleep(POLL_S)
        return False


def the_stack() -> Stack:
    """The stack that ESHIK_HOME and ESHIK_PORT_BASE name. Raises Obstacle."""
    try:
        return Stack(places_from_environment(), ports_from_environment())
    except UnusablePortBase as wrong:
        raise Obstacle(str(wrong)) from wrong


def _assets(say: Callable[[str], None]) -> Path:
    """The pages' styles and scripts, built where they are not. Raises Obstacle with the way out."""
    if given := os.environ.get("ESHIK_PORTAL_ASSETS"):
        return Path(given).expanduser().resolve()
    from cli.assets import ensure_assets  # here: most commands need none

    try:
        return ensure_assets(say)
    except Obstacle as obstacle:
        raise Obstacle(f"{obstacle}\n{WITHOUT_PAGES}") from obstacle


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
