"""A desk for whoever drives a browser: its requests run in a thread of their own, and each is waited for."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from cli.casework.desk import Desk
from deploy.local.ports import Ports

T = TypeVar("T")


@dataclass(frozen=True)
class Aside:
    desk: Desk
    _portal: BlockingPortal

    def do(self, work: Awaitable[T]) -> T:
        """Out: what it came to. Raises what it raises."""

        async def awaited() -> T:
            return await work

        return self._portal.call(awaited)


@contextmanager
def aside(ports: Ports, inbox: Path) -> Iterator[Aside]:
    """inbox: as for the desk itself."""
    with start_blocking_portal() as portal:
        desk = Desk(ports, inbox)
        with portal.wrap_async_context_manager(desk):
            yield Aside(desk, portal)
