"""The parts of a stack: what is started, after what, and how each shows that it is ready."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from deploy.local import broker, database
from deploy.local.broker import RabbitNode
from deploy.local.database import SecantusServer
from deploy.local.environment import PROCESSES, SERVICES, service_environment
from deploy.local.keys import Keys
from deploy.local.places import CHECKOUT, Places
from deploy.local.ports import LOOPBACK, Ports, is_free
from deploy.local.processes import Program

NOT_READY = "does not answer yet"
# as in deploy/Dockerfile. The limit is the last resort, for what costs memory before it is read: uvicorn then answers 503 in
# plain text. Each service refuses much sooner by itself (shared/web/overload.py)
# as in the Dockerfile; a request that hangs must not keep a process from ending
HOW_TO_SERVE = (
    *("--no-access-log", "--http", "shared.web.draining:Draining"),
    # who asks is told by shared/web/limiting.py (TellAddress), which believes only ESHIK_TRUSTED_PROXIES
    *("--no-proxy-headers", "--h11-max-incomplete-event-size", "32768"),
    *("--limit-concurrency", "2000", "--timeout-graceful-shutdown", "15"),
)


@dataclass(frozen=True)
class Part:
    """One process of the stack. unready() says what is missing, or None when it is ready."""

    name: str
    program: Program
    address: str
    ports: tuple[int, ...]
    unready: Callable[[], str | None]
    needs: tuple[str, ...] = ()
    ready_within_s: float = 60
    grace_s: float = 12
    prepare: Callable[[], None] | None = None


@dataclass(frozen=True)
class Absent:
    """A part that this stack does not start, and why."""

    name: str
    why: str
    address: str = ""


def parts_of_stack(places: Places, ports: Ports, keys: Keys, outer: Mapping[str, str]) -> tuple[list[Part], list[Absent]]:
    """Every part that `up` starts, and those it leaves out."""
    parts: list[Part] = []
    absent: list[Absent] = []
    if outer.get("ESHIK_RABBIT_URL"):
        absent.append(Absent("rabbitmq", "ESHIK_RABBIT_URL is set: your broker is used"))
    else:
        parts += _broker_parts(places, ports)
    if outer.get("ESHIK_MONGO_URL"):
        absent.append(Absent("mongo", "ESHIK_MONGO_URL is set: your database is used"))
    else:
        parts.append(_database_part(places, ports))
    parts += [_mail_part(places, ports), _sms_part(places, ports), _payments_part(places, ports, keys)]
    for name in PROCESSES:
        if (CHECKOUT / "services" / name / "app.py").exists():
            parts.append(_service_part(name, places, ports, service_environment(name, places, ports, keys, outer)))
        else:
            absent.append(Absent(name, f"services/{name}/app.py does not exist yet"))
    return _only(outer.get("ESHIK_ONLY", ""), parts), absent


def _only(names: str, parts: list[Part]) -> list[Part]:
    """The chosen parts with all they need; every part when nothing is chosen."""
    by_name = {part.name: part for part in parts}
    wanted = chosen(names) & set(by_name) or set(by_name)
    while missing := {need for name in wanted for need in by_name[name].needs if need in by_name} - wanted:
        wanted |= missing
    started = [part for part in parts if part.name in wanted]
    return [replace(part, needs=tuple(need for need in part.needs if need in wanted)) for part in started]


def chosen(names: str) -> set[str]:
    """What was written after --only."""
    return set(names.replace(",", " ").split())


def unready_over_http(url: str) -> Callable[[], str | None]:
    """A probe of a health address: 200 is ready; a 503's JSON names what is missing."""

    def unready() -> str | None:
        try:
            with urlopen(url, timeout=2):  # noqa: S310 (http on this machine)
                return None
        except HTTPError as refusal:
            return _what_is_missing(refusal.read())
        except (URLError, OSError):
            return NOT_READY

    return unready


def _what_is_missing(body: bytes) -> str:
    try:
        content = json.loads(body)
    except ValueError:
        return NOT_READY
    missing = content.get("parts", content) if isinstance(content, dict) else {}
    names = [f"{name} {state}" for name, state in missing.items() if state not in ("ok", True) and name != "status"]
    return "waits for " + ", ".join(names) if names else NOT_READY


def _broker_parts(places: Places, ports: Ports) -> list[Part]:
    node = RabbitNode(places.rabbitmq, ports, marks_home=places.home)
    return [
        Part(
            name="epmd",
            program=node.epmd,
            address=f"{LOOPBACK}:{ports.epmd}",
            ports=(ports.epmd,),
            unready=lambda: NOT_READY if is_free(ports.epmd) else None,
            prepare=node.prepare,
            grace_s=2,
        ),
        Part(
            name="rabbitmq",
            program=node.node,
            address=ports.rabbit_url,
            ports=(ports.amqp, ports.rabbit_distribution, ports.rabbit_management),
            unready=lambda: None if broker.answers(ports.amqp) else NOT_READY,
            needs=("epmd",),
            grace_s=30,
        ),
    ]


def _database_part(places: Places, ports: Ports) -> Part:
    server = SecantusServer(places.mongo, ports.mongo, marks_home=places.home, log=places.logs / "mongo.log")
    return Part(
        name="mongo",
        program=server.program,
        address=server.url,
        ports=(ports.mongo,),
        unready=lambda: None if database.answers(server.url, 0.5) else NOT_READY,
        prepare=server.prepare,
    )


def _mail_part(places: Places, ports: Ports) -> Part:
    arguments: list[str | Path] = ["--inbox", places.inbox, "--smtp-port", str(ports.smtp), "--http-port", str(ports.inbox)]
    return Part(
        name="mail-sink",
        program=_python("mail-sink", places, ["deploy.local.sinks.mail", *arguments]),
        address=f"http://{LOOPBACK}:{ports.inbox}/messages",
        ports=(ports.smtp, ports.inbox),
        unready=unready_over_http(f"http://{LOOPBACK}:{ports.inbox}/health/ready"),
        grace_s=4,
    )


def _sms_part(places: Places, ports: Ports) -> Part:
    arguments: list[str | Path] = ["--inbox", places.inbox, "--port", str(ports.sms_gateway)]
    return Part(
        name="sms-sink",
        program=_python("sms-sink", places, ["deploy.local.sinks.sms", *arguments]),
        address=f"http://{LOOPBACK}:{ports.sms_gateway}/messages",
        ports=(ports.sms_gateway,),
        unready=unready_over_http(f"http://{LOOPBACK}:{ports.sms_gateway}/health/ready"),
        grace_s=4,
    )


def _payments_part(places: Places, ports: Ports, keys: Keys) -> Part:
    words = f"http://{LOOPBACK}:{ports.applications}/api/payments/words"
    kept: list[str | Path] = ["--file", places.home / "payments.json", "--secret-file", keys.payment_secret]
    where: list[str | Path] = ["--words-url", words, "--clock-file", places.clock, "--port", str(ports.payments)]
    return Part(
        name="payments",
        program=_python("payments", places, ["deploy.local.sinks.payments", *kept, *where]),
        address=f"http://{LOOPBACK}:{ports.payments}",
        ports=(ports.payments,),
        unready=unready_over_http(f"http://{LOOPBACK}:{ports.payments}/health/ready"),
        grace_s=4,
    )


def _service_part(name: str, places: Places, ports: Ports, environment: Mapping[str, str]) -> Part:
    port = ports.service(name)
    server = ["uvicorn", "--factory", f"services.{name}.app:create_app", "--host", LOOPBACK, "--port", str(port)]
    return Part(
        name=name,
        program=_python(name, places, [*server, *HOW_TO_SERVE], environment),
        address=f"http://{LOOPBACK}:{port}",
        ports=(port,),
        unready=unready_over_http(f"http://{LOOPBACK}:{port}/health/ready"),
        needs=("rabbitmq", "mongo") if name in SERVICES else SERVICES,
    )


def _python(name: str, places: Places, module: list[str | Path], environment: Mapping[str, str] | None = None) -> Program:
    return Program(
        name=name,
        home=places.home,
        command=[sys.executable, "-m", *module],
        environment=environment or {"HOME": str(places.home), "PYTHONUNBUFFERED": "1"},
        log=places.logs / f"{name}.log",
        cwd=CHECKOUT,
    )
