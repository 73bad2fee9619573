"""Which port each part of a stack listens on, counted from one base."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_BASE = 8400
LOOPBACK = "127.0.0.1"


class UnusablePortBase(Exception):
    """ESHIK_PORT_BASE is not a number that leaves room for all ports."""


@dataclass(frozen=True)
class Ports:
    """The ports of one stack; 30 numbers from base are reserved for it."""

    base: int = DEFAULT_BASE

    @property
    def identity(self) -> int:
        return self.base + 1

    @property
    def applications(self) -> int:
        return self.base + 2

    @property
    def documents(self) -> int:
        return self.base + 3

    @property
    def notifications(self) -> int:
        return self.base + 4

    @property
    def portal(self) -> int:
        """The pages: what a person opens."""
        return self.base + 5

    @property
    def mongo(self) -> int:
        return self.base + 20

    @property
    def amqp(self) -> int:
        return self.base + 21

    @property
    def rabbit_distribution(self) -> int:
        return self.base + 22

    @property
    def epmd(self) -> int:
        return self.base + 23

    @property
    def smtp(self) -> int:
        return self.base + 25

    @property
    def inbox(self) -> int:
        return self.base + 26

    @property
    def sms_gateway(self) -> int:
        return self.base + 27

    @property
    def rabbit_management(self) -> int:
        return self.base + 28

    @property
    def payments(self) -> int:
        """The simulated payment provider."""
        return self.base + 29

    @property
    def mongo_url(self) -> str:
        return f"mongodb://{LOOPBACK}:{self.mongo}/?replicaSet=secantus"

    @property
    def rabbit_url(self) -> str:
        return f"amqp://guest:guest@{LOOPBACK}:{self.amqp}/"

    @property
    def pages_url(self) -> str:
        return f"http://localhost:{self.portal}"  # by name: a passkey belongs to a name, and to no address

    def service(self, name: str) -> int:
        """The HTTP port of the service called name, or of the portal."""
        return self._by_name()[name]

    def service_at(self, url: str) -> str:
        """Which service answers at this address: an access token opens one only. Raises KeyError for none of ours."""
        names = {port: name for name, port in self._by_name().items()}
        return names[urlsplit(url).port or 0]

    def _by_name(self) -> dict[str, int]:
        return {
            "identity": self.identity,
            "applications": self.applications,
            "documents": self.documents,
            "notifications": self.notifications,
            "portal": self.portal,
        }


def ports_from_environment(environment: Mapping[str, str] = os.environ) -> Ports:
    """Ports at ESHIK_PORT_BASE. Raises UnusablePortBase."""
    text = environment.get("ESHIK_PORT_BASE") or str(DEFAULT_BASE)
    if not text.isdigit() or not 1024 <= int(text) <= 65000:
        raise UnusablePortBase(f"ESHIK_PORT_BASE={text} is not usable: give a number from 1024 to 65000.")
    return Ports(int(text))


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now (a socket in TIME_WAIT does not hinder one)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def holder(port: int) -> str | None:
    """Name and pid of the process that listens on the port, where the system tells us."""
    import psutil  # here: a container that reads this module for its other names has no psutil

    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return None
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
            except psutil.Error:
                return f"pid {connection.pid}"
    return None


def is_free_base(base: int) -> bool:
    """Whether a whole stack could listen there now."""
    return all(is_free(base + offset) for offset in (1, 2, 3, 4, 5, 20, 21, 22, 23, 25, 26, 27, 28, 29))


def free_base() -> int:
    """A base whose ports are all free now: for tests that run a stack of their own.

    Each process looks in a region of its own, below the ports that the system gives to outgoing connections; tests that run
    side by side are told theirs (ESHIK_TEST_PORT_REGION, 0 to 39).
    """
    start = 10_000 + int(os.environ.get("ESHIK_TEST_PORT_REGION") or os.getpid()) % 40 * 550
    for base in range(start, 32_000, 50):
        if is_free_base(base):
            return base
    raise UnusablePortBase(f"no free block of ports from {start} to 32000")
