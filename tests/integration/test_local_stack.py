"""./eshik up and down as a person meets them: what is taken, stale, killed or left behind. Each stack here is its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil
import pytest

from deploy.local.places import CHECKOUT, Places
from deploy.local.ports import LOOPBACK, Ports, free_base
from deploy.local.processes import end_parts, running_parts
from deploy.local.record import StackRecord, read_record, supervisor_pid

pytestmark = pytest.mark.timeout(120)
T = TypeVar("T")
BROKER_AND_DATABASE = "rabbitmq,mongo"


def eventually(look: Callable[[], T | None], within_s: float = 30) -> T:
    """What look() finds as soon as it finds something."""
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.05)
    return found


@dataclass
class OwnStack:
    """A stack in a state folder and on ports of its own, driven by the command."""

    home: Path
    ports: Ports
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def places(self) -> Places:
        return Places(self.home)

    def environment(self, **more: str) -> dict[str, str]:
        own = {"ESHIK_HOME": str(self.home), "ESHIK_PORT_BASE": str(self.ports.base), "PYTHONPATH": str(CHECKOUT)}
        return {"PATH": os.environ["PATH"], **own, **more}

    def command(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "-m", "cli", *words]
        return subprocess.run(
            call, env=self.environment(**more), cwd="/", capture_output=True, text=True, check=False, timeout=100
        )

    def up(self, only: str = "sms-sink", **more: str) -> subprocess.CompletedProcess[str]:
        return self.command("up", "--detach", "--only", only, **more)

    def in_foreground(self, only: str = "sms-sink") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "up", "--only", only],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        assert process.stdout
        for line in process.stdout:
            if "Ctrl-C takes it down" in line:
                return process
        raise AssertionError("it ended before it was up")

    def record(self) -> StackRecord:
        record = read_record(self.places)
        assert record is not None
        return record

    def pid(self, part: str) -> int:
        pid = next(one.pid for one in self.record().parts if one.name == part)
        assert pid is not None
        return pid

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.command("status", "--json").stdout)
        return found


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[OwnStack]:
    own = OwnStack(tmp_path / "эшик in a folder", Ports(free_base()))
    yield own
    for process in own.started:
        process.kill()
        process.wait()
    pid = supervisor_pid(own.places)
    if pid:
        os.kill(pid, signal.SIGKILL)
    end_parts(own.home, grace_s=0)


def why(done: subprocess.CompletedProcess[str]) -> str:
    """The reason that a failed start gave."""
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return next(line for line in done.stderr.splitlines() if line.startswith("eshik:"))


def test_up_starts_a_broker_and_a_database_and_down_leaves_no_process(stack: OwnStack) -> None:
    first = stack.up(BROKER_AND_DATABASE)
    assert first.returncode == 0, first.stderr
    assert stack.ports.mongo_url in first.stdout
    assert "Demo accounts" in first.stdout

    again = stack.up(BROKER_AND_DATABASE)
    assert again.returncode == 0
    assert "already up" in again.stdout

    old = stack.pid("rabbitmq")
    os.kill(old, signal.SIGKILL)
    eventually(lambda: any(one.name == "rabbitmq" and one.pid != old and one.state == "ready" for one in stack.record().parts))

    down = stack.command("down")
    assert down.returncode == 0
    assert "Eshik is down." in down.stdout
    assert running_parts(stack.home) == {}
    assert [process for process in psutil.process_iter(["cmdline"]) if str(stack.home) in str(process.info["cmdline"])] == []
    assert stack.command("down").stdout.strip() == "Nothing was running."


def test_status_says_so_when_nothing_runs(stack: OwnStack) -> None:
    done = stack.command("status")
    assert done.returncode == 1
    assert "Eshik is not running: ./eshik up starts it." in done.stdout
    assert stack.status()["running"] is False


def test_a_taken_port_is_named_with_its_holder_and_the_way_out(stack: OwnStack) -> None:
    with socket.create_server((LOOPBACK, stack.ports.sms_gateway)):
        reason = why(stack.up())
    assert f"port {stack.ports.sms_gateway}, needed by sms-sink, is taken by" in reason
    assert str(os.getpid()) in reason
    assert f"ESHIK_PORT_BASE={stack.ports.base + 1000} ./eshik up" in reason
    assert running_parts(stack.home) == {}


def test_a_port_base_that_makes_no_sense_is_refused(stack: OwnStack) -> None:
    assert "ESHIK_PORT_BASE=web is not usable" in why(stack.up(ESHIK_PORT_BASE="web"))


def test_a_stale_pid_and_record_do_not_count_as_running(stack: OwnStack) -> None:
    stack.places.make()
    stack.places.lock.write_text(str(os.getpid()))
    stack.places.record.write_text(StackRecord(pid=os.getpid(), phase="ready", port_base=stack.ports.base).model_dump_json())
    assert stack.status()["running"] is False
    done = stack.up()
    assert done.returncode == 0, done.stderr
    assert "already up" not in done.stdout


def test_two_starts_at_once_make_one_stack(stack: OwnStack) -> None:
    call = [sys.executable, "-m", "cli", "up", "--detach", "--only", "sms-sink"]
    both = [
        subprocess.Popen(call, env=stack.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    assert [process.wait(60) for process in both] == [0, 0], [process.communicate()[0] for process in both]
    assert sorted(running_parts(stack.home).values()) == ["sms-sink", "supervisor"]


def test_a_killed_supervisor_leaves_its_parts_working_and_the_next_up_replaces_them(stack: OwnStack) -> None:
    stack.up()
    left = stack.pid("sms-sink")
    supervisor = supervisor_pid(stack.places)
    assert supervisor
    os.kill(supervisor, signal.SIGKILL)
    eventually(lambda: supervisor_pid(stack.places) is None)

    assert httpx.get(f"http://{LOOPBACK}:{stack.ports.sms_gateway}/health/ready").status_code == 200
    assert "sms-sink" in stack.status()["problems"][0]

    assert stack.up().returncode == 0
    assert stack.pid("sms-sink") != left
    assert left not in running_parts(stack.home)
    assert stack.status()["parts"][0]["state"] == "ready"


def test_down_ends_what_a_killed_supervisor_left(stack: OwnStack) -> None:
    stack.up()
    supervisor = supervisor_pid(stack.places)
    assert supervisor
    os.kill(supervisor, signal.SIGKILL)
    done = stack.command("down")
    assert "Ended what had been left without a supervisor: sms-sink" in done.stderr
    assert running_parts(stack.home) == {}


def test_a_part_that_dies_is_started_again_and_its_last_lines_are_kept(stack: OwnStack) -> None:
    stack.up()
    old = stack.pid("sms-sink")
    os.kill(old, signal.SIGKILL)
    eventually(lambda: stack.record().parts[0].restarts == 1 and stack.record().parts[0].state == "ready")
    assert stack.pid("sms-sink") != old
    log = (stack.places.logs / "supervisor.log").read_text()
    assert "sms-sink ended (killed by SIGKILL); starts again in 0.2 s" in log


def test_a_part_that_cannot_start_fails_the_start_with_its_last_lines(stack: OwnStack) -> None:
    stack.places.make()
    (stack.places.inbox / "sms").write_text("in the way")
    done = stack.up()
    assert "sms-sink ended 3 times before it was ready (exit code 1)" in why(done)
    assert "FileExistsError" in done.stderr
    assert running_parts(stack.home) == {}
    assert supervisor_pid(stack.places) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ending_the_foreground_command_takes_everything_down(stack: OwnStack, number: signal.Signals) -> None:
    process = stack.in_foreground()
    process.send_signal(number)
    assert process.wait(30) == 0
    assert process.stdout
    assert "Eshik is down." in process.stdout.read()
    assert running_parts(stack.home) == {}


def test_a_killed_foreground_command_takes_everything_with_it(stack: OwnStack) -> None:
    process = stack.in_foreground()
    process.kill()
    eventually(lambda: running_parts(stack.home) == {})


def test_the_foreground_shows_what_died_and_why(stack: OwnStack) -> None:
    process = stack.in_foreground()
    os.kill(stack.pid("sms-sink"), signal.SIGKILL)
    assert process.stdout
    assert any("sms-sink ended (killed by SIGKILL)" in line for line in process.stdout)


def test_the_sms_gateway_keeps_a_message_once_and_counts_its_deliveries(stack: OwnStack) -> None:
    stack.up("mail-sink,sms-sink")
    gateway = f"http://{LOOPBACK}:{stack.ports.sms_gateway}/messages"
    message = {"id": "n-1:sms", "to": "+79120000101", "text": "Документ даяр"}
    answers = [httpx.post(gateway, json=message) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json() == {"id": "n-1:sms", "status": "accepted"}
    assert httpx.get(f"{gateway}/n-1:sms").json()["deliveries"] == 2
    assert httpx.get(f"{gateway}/n-2").status_code == 404
    listed = httpx.get(f"http://{LOOPBACK}:{stack.ports.inbox}/messages?channel=sms").json()
    assert [(one["to"], one["text"], one["deliveries"]) for one in listed] == [(["+79120000101"], "Документ даяр", 2)]


def test_the_mail_sink_keeps_mail_across_a_restart_and_misbehaves_when_told(stack: OwnStack) -> None:
    stack.up("mail-sink")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "no-reply@eshik.example", "aigerim@citizen.example", "Арыз кабыл алынды"
    mail.set_content("Саламатсызбы")
    with smtplib.SMTP(LOOPBACK, stack.ports.smtp) as smtp:
        smtp.send_message(mail)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.send_message(mail, to_addrs=["refused@citizen.example"])
        httpx.put(f"http://{LOOPBACK}:{stack.ports.inbox}/behaviour", json={"mode": "busy", "times": 1})
        with pytest.raises(smtplib.SMTPDataError, match="451"):
            smtp.send_message(mail)
        smtp.send_message(mail)
    os.kill(stack.pid("mail-sink"), signal.SIGKILL)
    eventually(lambda: stack.record().parts[0].restarts == 1 and stack.record().parts[0].state == "ready")
    listed = httpx.get(f"http://{LOOPBACK}:{stack.ports.inbox}/messages").json()
    assert [(one["subject"], one["text"].strip()) for one in listed] == [("Арыз кабыл алынды", "Саламатсызбы")] * 2
    assert "Арыз кабыл алынды" in stack.command("inbox").stdout


def test_servers_that_already_run_are_used_instead_of_own_ones(stack: OwnStack) -> None:
    done = stack.up("sms-sink", ESHIK_RABBIT_URL="amqp://elsewhere/", ESHIK_MONGO_URL="mongodb://elsewhere/")
    assert done.returncode == 0, done.stderr
    notes = {part.name: part.note for part in stack.record().parts if part.state == "absent"}
    assert "your broker is used" in notes["rabbitmq"]
    assert "your database is used" in notes["mongo"]


def test_up_says_how_to_go_on_where_the_pages_cannot_be_built(stack: OwnStack, tmp_path: Path) -> None:
    copy, tools = tmp_path / "checkout", tmp_path / "tools"
    for folder in ("cli", "deploy", "services", "shared", "locks"):
        shutil.copytree(CHECKOUT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "*.ttf", "node_modules"))
    tools.mkdir()
    for name, script in {"node": "echo v24.0.0", "npm": "echo npm error code ENOTFOUND >&2; exit 1"}.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    done = stack.command("up", "--detach", PYTHONPATH=str(copy), PATH=f"{tools}:{os.environ['PATH']}")
    assert "the package registry does not answer" in why(done)
    assert "./eshik up --no-pages" in done.stderr
    assert running_parts(stack.home) == {}
