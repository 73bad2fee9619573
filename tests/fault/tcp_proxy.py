"""A TCP proxy on a real port that treats what passes badly, on command: cuts, delays, black holes, swallowed confirms."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from yarl import URL

HOST = "127.0.0.1"
COMMIT = b"commitTransaction"
_FRAME_HEADER = struct.Struct(">BHI")  # AMQP 0-9-1: type, channel, size of what follows; an end mark of one byte after that
_METHOD, _BASIC_ACK = 1, struct.pack(">HH", 60, 80)


@dataclass(eq=False)
class _Link:
    """One connection through the proxy."""

    writer: asyncio.StreamWriter
    upstream: asyncio.StreamWriter
    answer_to_be_cut: bool = False
    dead: bool = False  # swallows both ways, and stays open: neither end is told
    frames: bytearray = field(default_factory=bytearray)

    def abort(self) -> None:
        self.writer.transport.abort()
        self.upstream.transport.abort()


class TcpProxy:
    """In front of a server's port. With amqp it knows the broker's frames, and can swallow its confirms one by one."""

    def __init__(self, port: int, *, amqp: bool = False) -> None:
        self._upstream_port, self._amqp = port, amqp
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self._swallowing_all = False
        self.port = 0
        self.delay_s = 0.0  # of each piece, both ways
        self.cuts_to_make = 0  # answers to a commit, in whose place the connection is cut
        self.cuts_made = 0
        self.confirms_to_swallow = 0  # frames; each confirms one message, or all up to one
        self.confirms_swallowed = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, HOST, self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def in_url(self, url: str) -> str:
        """The url by way of this proxy."""
        return str(URL(url).with_port(self.port))

    def close(self) -> None:
        """Refuse new connections and cut those that are open, as a server does that ends; start() opens the same port again."""
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self) -> None:
        for link in self._links:
            link.abort()

    def black_hole(self) -> None:
        """From now on nothing comes through, on connections old and new, and nobody is told."""
        self._swallowing_all = True
        for link in self._links:
            link.dead = True

    def end_black_hole(self) -> None:
        """New connections work. Those that were in it stay dead: what a gateway has forgotten does not come back."""
        self._swallowing_all = False

    @property
    def dead_links(self) -> int:
        return sum(1 for link in self._links if link.dead)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection(HOST, self._upstream_port)
        link = _Link(writer, upstream, dead=self._swallowing_all)
        self._links.add(link)
        pumps = [asyncio.create_task(self._requests(reader, link)), asyncio.create_task(self._answers(upstream_reader, link))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            if link.dead:
                await asyncio.wait(pumps)  # nor does one end hear that the other has given up
        finally:
            self._links.discard(link)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            writer.close()
            upstream.close()

    async def _requests(self, reader: asyncio.StreamReader, link: _Link) -> None:
        while data := await reader.read(65_536):
            if COMMIT in data and self.cuts_to_make:
                self.cuts_to_make -= 1
                link.answer_to_be_cut = True
            await self._pass_on(data, link, link.upstream)

    async def _answers(self, reader: asyncio.StreamReader, link: _Link) -> None:
        while data := await reader.read(65_536):
            if link.answer_to_be_cut:  # the database has answered, so it has done it; nobody will hear of it
                self.cuts_made += 1
                return
            await self._pass_on(self._without_confirms(data, link) if self._amqp else data, link, link.writer)

    async def _pass_on(self, data: bytes, link: _Link, writer: asyncio.StreamWriter) -> None:
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if link.dead or not data:
            return
        with suppress(ConnectionError):
            writer.write(data)
            await writer.drain()

    def _without_confirms(self, data: bytes, link: _Link) -> bytes:
        """Whole frames of the broker, but the confirms that are to be swallowed."""
        link.frames += data
        kept = bytearray()
        while len(link.frames) >= _FRAME_HEADER.size:
            kind, _, size = _FRAME_HEADER.unpack_from(link.frames)
            end = _FRAME_HEADER.size + size + 1
            if len(link.frames) < end:
                break
            frame = bytes(link.frames[:end])
            del link.frames[:end]
            if self.confirms_to_swallow and kind == _METHOD and frame[_FRAME_HEADER.size :].startswith(_BASIC_ACK):
                self.confirms_to_swallow -= 1
                self.confirms_swallowed += 1
            else:
                kept += frame
        return bytes(kept)


@asynccontextmanager
async def tcp_proxy(port: int, *, amqp: bool = False) -> AsyncIterator[TcpProxy]:
    proxy = TcpProxy(port, amqp=amqp)
    await proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()
