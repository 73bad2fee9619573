"""A TCP proxy that lets a commit through to the database and cuts the connection in place of the answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

COMMIT = b"commitTransaction"


class CuttingProxy:
    def __init__(self, port: int) -> None:
        self._upstream_port = port
        self._server: asyncio.Server | None = None
        self.cuts_to_make = 0
        self.cuts_made = 0

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)

    def close(self) -> None:
        assert self._server is not None
        self._server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        committing = asyncio.Event()
        pumps = [
            asyncio.create_task(self._requests(reader, upstream_writer, committing)),
            asyncio.create_task(self._answers(upstream_reader, writer, committing)),
        ]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        writer.close()
        upstream_writer.close()

    async def _requests(self, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter, committing: asyncio.Event) -> None:
        while data := await reader.read(65_536):
            if COMMIT in data and self.cuts_to_make:
                self.cuts_to_make -= 1
                committing.set()
            upstream.write(data)
            await upstream.drain()

    async def _answers(self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter, committing: asyncio.Event) -> None:
        while data := await upstream.read(65_536):
            if committing.is_set():  # the database has answered, so it has done it; nobody will hear of it
                self.cuts_made += 1
                return
            writer.write(data)
            with suppress(ConnectionError):
                await writer.drain()


@asynccontextmanager
async def cutting_proxy(port: int) -> AsyncIterator[CuttingProxy]:
    proxy = CuttingProxy(port)
    await proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()
