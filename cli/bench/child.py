"""A process of a workload: python -m cli.bench.child FD MODULE:FUNCTION; it talks with the command over a socket.

Nothing of a turn may outlive it: when the command is gone, the socket ends, and so does the process.
"""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
import os
import socket
import sys
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import uvloop

END_S = 5.0  # for what a role does when it is cancelled
LONGEST_LINE = 64 * 1024 * 1024  # the times of all events of a turn go over in one line


_KEY = base64.b64encode(b"key-encryption key of the bench.").decode()
KEYS = json.dumps({"current": "bench", "keys": {"bench": _KEY}, "blind": _KEY})  # personal data is sealed here as anywhere


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn happens: its own virtual host, its own database names."""

    mongo_url: str
    rabbit_url: str
    vhost: str
    database_prefix: str

    @property
    def environment(self) -> dict[str, str]:
        """What the settings of a service read."""
        return {
            "ESHIK_MONGO_URL": self.mongo_url,
            "ESHIK_RABBIT_URL": self.rabbit_url,
            "ESHIK_DATABASE_PREFIX": self.database_prefix,
            "ESHIK_IDENTITY_URL": "http://127.0.0.1:9",
            "ESHIK_LOG_LEVEL": "warning",
            "ESHIK_KEY_ENCRYPTION_KEYS": KEYS,
        }


class Link:
    """The child's end: what it is told, what it says, and where it works."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.place: Place
        self.settings: dict[str, Any]

    def say(self, **what: Any) -> None:
        self._writer.write(json.dumps(what).encode() + b"\n")

    async def heard(self, word: str) -> Any:
        """The value that the command told under this word; other words are passed over."""
        while word not in (told := await self._told.get()):
            pass
        return told[word]

    async def begin(self) -> None:
        first = json.loads(await self._reader.readline())
        self.place, self.settings = Place(**first["place"]), first["settings"]

    async def listen(self) -> None:
        """Until the command has no more to tell, or is gone."""
        while line := await self._reader.readline():
            self._told.put_nowait(json.loads(line))


Role = Callable[[Link], Coroutine[Any, Any, None]]


async def play(descriptor: int, target: str) -> None:
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=descriptor), limit=LONGEST_LINE)
    link = Link(reader, writer)
    await link.begin()
    module, _, name = target.partition(":")
    role: Role = getattr(importlib.import_module(module), name)
    playing = asyncio.create_task(role(link))
    listening = asyncio.create_task(link.listen())
    await asyncio.wait([playing, listening], return_when=asyncio.FIRST_COMPLETED)
    if playing.done() and (error := playing.exception()):
        traceback.print_exception(error)  # before the socket ends: the command reads it then
        os._exit(1)
    await listening  # what it spent is read while it is still there
    playing.cancel()
    await asyncio.wait([playing], timeout=END_S)
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(play(int(sys.argv[1]), sys.argv[2]))
