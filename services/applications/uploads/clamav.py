"""ClamAV, asked over its own protocol (clamd, INSTREAM): a file is clean only where it says so in so many words."""

import asyncio
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import structlog

from shared.errors import Unavailable

log = structlog.get_logger(__name__)

CLEAN: Final = b"stream: OK"
FOUND: Final = b" FOUND"
CONNECT_S: Final = 5.0
ANSWER_S: Final = 60.0
_LONGEST_ANSWER: Final = 4096


class ScannerAway(Unavailable):
    """It cannot be asked, or its answer says neither clean nor found: then no file is taken."""


@dataclass(frozen=True, slots=True)
class ClamAV:
    host: str
    port: int

    @classmethod
    def at(cls, address: str) -> "ClamAV":
        """address: host:port."""
        host, _, port = address.rpartition(":")
        return cls(host, int(port))

    async def is_clean(self, pieces: AsyncIterator[bytes]) -> bool:
        """Raises ScannerAway for everything but a plain yes or no, and what pieces raises."""
        try:
            answer = await asyncio.wait_for(self._asked(pieces), ANSWER_S)
        except (OSError, TimeoutError, EOFError, asyncio.LimitOverrunError) as error:
            log.error("scanner_away", error=type(error).__name__)
            raise ScannerAway from None
        if answer == CLEAN:
            return True
        if answer.startswith(b"stream: ") and answer.endswith(FOUND):
            log.warning("upload_infected", signature=answer[8 : -len(FOUND)].decode("ascii", "replace")[:100])
            return False
        log.error("scanner_unsure", answer=answer[:100].decode("ascii", "replace"))
        raise ScannerAway

    async def _asked(self, pieces: AsyncIterator[bytes]) -> bytes:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(self.host, self.port), CONNECT_S)
        try:
            writer.write(b"zINSTREAM\0")
            async for piece in pieces:
                writer.write(struct.pack("!L", len(piece)) + piece)
                await writer.drain()
            writer.write(struct.pack("!L", 0))
            await writer.drain()
            return (await reader.readuntil(b"\0"))[:_LONGEST_ANSWER].rstrip(b"\0")
        finally:
            writer.close()
