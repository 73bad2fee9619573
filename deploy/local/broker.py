"""A private RabbitMQ node: its own name, folders, ports and epmd, on 127.0.0.1 only."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

from deploy.local.places import write_whole
from deploy.local.ports import LOOPBACK, Ports, is_free
from deploy.local.processes import Program, end_parts, running_parts

SCRIPT = Path("usr/lib/rabbitmq/bin/rabbitmq-server")
EPMD = Path("usr/bin/epmd")
PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME = b"\x01"
NAMES = '{host, {127,0,0,1}, ["localhost"]}.\n{lookup, [file, native]}.\n'  # a bare chroot has no /etc/hosts
# mounts of its own, so that nothing stays mounted whatever happens to the process; all exec, so that the pid is the node's
IN_OTHER_ROOT = (
    "unshare",
    "--mount",
    "sh",
    "-ec",
    'root=$1 home=$2; shift 2; mkdir -p "$root$home"; mount --bind "$home" "$root$home"; '
    'mount --bind /dev "$root/dev"; mount -t proc proc "$root/proc"; exec chroot "$root" "$@"',
    "in-other-root",
)


def is_installed(root: Path = Path("/")) -> bool:
    """Whether RabbitMQ's own start script lies under root."""
    return (root / SCRIPT).exists() and (root / EPMD).exists()


def answers(port: int, timeout_s: float = 1) -> bool:
    """Whether a broker on the port opens an AMQP 0-9-1 conversation."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout_s) as connection:
            connection.settimeout(timeout_s)
            connection.sendall(PROTOCOL_HEADER)
            return connection.recv(1) == METHOD_FRAME
    except OSError:
        return False


class RabbitNode:
    """One node under home. With root it is the broker of that other Debian (see trixie.py), which needs us to be root."""

    def __init__(self, home: Path, ports: Ports, *, root: Path = Path("/"), marks_home: Path | None = None) -> None:
        self.home = home.resolve()
        self.ports = ports
        self.root = root
        self._marks_home = marks_home or self.home
        self.epmd = self._program("epmd", [f"/{EPMD}", "-port", str(ports.epmd), "-address", LOOPBACK])
        self.node = self._program("rabbitmq", [f"/{SCRIPT}"])

    @property
    def url(self) -> str:
        return self.ports.rabbit_url

    @property
    def management_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports.rabbit_management}"

    def start(self) -> None:
        """Start epmd and the node; returns before it is ready."""
        self.prepare()
        self.start_epmd()
        self.node.start()

    def start_epmd(self) -> None:
        """epmd runs as our own child: as a daemon started by Erlang it would outlive the node."""
        if not self.epmd.is_running:
            self.epmd.start()
            self.epmd.wait_until(lambda: not is_free(self.ports.epmd), 5)

    def wait_ready(self, timeout_s: float = 60) -> None:
        """Wait until it answers AMQP. Raises NotReady."""
        self.node.wait_until(self.is_ready, timeout_s)

    def is_ready(self) -> bool:
        return answers(self.ports.amqp)

    def stop(self) -> None:
        """End the node in good order, then its epmd and whatever they leave."""
        self.node.stop(grace_s=30)
        self.epmd.stop(grace_s=2)
        self._end_helpers()

    def discard(self) -> None:
        """End it at once, when its data is not needed any more: good order takes the management plugin 5 s."""
        self.node.kill9()
        self.epmd.stop(grace_s=1)
        self._end_helpers()

    def kill9(self) -> None:
        """The node is gone at once; epmd stays, as after a real crash."""
        self.node.kill9()

    def freeze(self) -> None:
        self.node.freeze()

    def thaw(self) -> None:
        self.node.thaw()

    def prepare(self) -> None:
        """Write the node's settings and its secret cookie."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        cookie = self.home / ".erlang.cookie"
        if not cookie.exists():
            write_whole(cookie, secrets.token_hex(20), 0o400)
        write_whole(self.home / "enabled_plugins", "[rabbitmq_management].\n")
        write_whole(self.home / "inetrc", NAMES)
        write_whole(self.home / "rabbitmq.conf", self._settings())

    def _settings(self) -> str:
        return "\n".join(
            [
                f"listeners.tcp.1 = {LOOPBACK}:{self.ports.amqp}",
                f"management.tcp.ip = {LOOPBACK}",
                f"management.tcp.port = {self.ports.rabbit_management}",
                "collect_statistics_interval = 2000",
                "cluster_name = eshik-local",
                "log.file.level = warning",
                "log.console = false",
                "",
            ]
        )

    def _program(self, name: str, command: list[str]) -> Program:
        own_system = self.root == Path("/")
        return Program(
            name=name,
            home=self._marks_home,
            command=command if own_system else [*IN_OTHER_ROOT, str(self.root), str(self.home), *command],
            environment=self._environment(),
            log=self.home / "log" / f"{name}.out.log",
            cwd=Path("/"),
        )

    def _environment(self) -> dict[str, str]:
        home = self.home
        return {
            "HOME": str(home),
            "ERL_EPMD_PORT": str(self.ports.epmd),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "LC_ALL": "C",  # with UTF-8 its management plugin fails in a folder whose name is not Latin
            "ERL_CRASH_DUMP_BYTES": "0",
            "ERL_INETRC": str(home / "inetrc"),
            # makes the script become the Erlang process instead of waiting for it: one pid to watch and to signal
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": f"eshik{self.ports.base}@localhost",
            "RABBITMQ_CONF_ENV_FILE": str(home / "no-system-settings"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "data" / "config"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_LOGS": str(home / "log" / "rabbitmq.log"),
            "RABBITMQ_PID_FILE": str(home / "node.pid"),
            "RABBITMQ_DIST_PORT": str(self.ports.rabbit_distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        }

    def _end_helpers(self) -> None:
        """Erlang's own small helpers notice the node's end by themselves; this is for those that did not."""
        parts = running_parts(self._marks_home)
        spare = frozenset(pid for pid, part in parts.items() if part not in ("rabbitmq", "epmd"))
        if len(spare) < len(parts):
            end_parts(self._marks_home, spare=spare, grace_s=3)
