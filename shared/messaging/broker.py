"""Two connections to RabbitMQ, one to publish and one to consume: an alarm blocks publishers, consumers go on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import aio_pika
import structlog
from aio_pika.abc import AbstractRobustChannel, AbstractRobustConnection
from yarl import URL

from shared.messaging import topology

log = structlog.get_logger(__name__)

HEARTBEAT_S = 10
CONNECT_TIMEOUT_S = 5
OPEN_TIMEOUT_S = 15
CLOSE_TIMEOUT_S = 5


class GivenUpByClient(OSError):
    """The client gave a connection up while we waited on it."""


@contextmanager
def only_our_cancel() -> Iterator[None]:
    """The client cancels whoever waits on a connection that it gives up. Raises GivenUpByClient then: taken for our being told
    to stop, it would end a relay or a consumer for good."""
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise GivenUpByClient from error


class Broker:
    """Connects in the background: a service starts, and its API works, while the broker is down."""

    def __init__(self, url: str, name: str, *, retry_delays_s: Sequence[int] = topology.RETRY_DELAYS_S) -> None:
        # an address may say its own heartbeat, where a line needs another
        self._url, self._name = URL(url).update_query({"heartbeat": HEARTBEAT_S, **URL(url).query}), name
        self.retry_delays_s = tuple(retry_delays_s)
        self._connections: dict[str, AbstractRobustConnection] = {}
        self._drop_signs: dict[str, asyncio.Event] = {}
        self._connecting = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()

    async def channel(self, purpose: str, *, on_return_raises: bool = False) -> AbstractRobustChannel:
        """A channel with publisher confirms on the connection for that purpose: publish or consume.

        Waits until the broker is there; topology is declared before the first channel is handed out.
        """
        connection = await self._connected(purpose)
        with only_our_cancel():
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                channel = await connection.channel(publisher_confirms=True, on_return_raises=on_return_raises)
        assert isinstance(channel, AbstractRobustChannel)  # noqa: S101 (aio-pika's own type is wider)
        return channel

    @asynccontextmanager
    async def brief_channel(self, purpose: str) -> AsyncIterator[AbstractRobustChannel]:
        """A channel for a question. It is closed behind the caller's back: over a dead line closing is never answered, and who
        had set himself a time would wait for ever all the same."""
        channel = await self.channel(purpose)
        try:
            yield channel
        finally:
            self._soon(channel.close())

    async def _connected(self, purpose: str) -> AbstractRobustConnection:
        async with self._connecting:
            while purpose not in self._connections:
                try:
                    with only_our_cancel():
                        self._connections[purpose] = await self._open(purpose)
                except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
                    log.warning("broker_not_reached", purpose=purpose, error=type(error).__name__)
                    await asyncio.sleep(1)
        return self._connections[purpose]

    async def _open(self, purpose: str) -> AbstractRobustConnection:
        connection = await aio_pika.connect_robust(
            self._url,
            timeout=CONNECT_TIMEOUT_S,
            reconnect_interval=1,
            client_properties={"connection_name": f"eshik {self._name} {purpose}"},
        )
        try:
            # bounded as a whole: a broker that is frozen accepts connections and then says nothing
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                channel = await connection.channel()
                await topology.declare(channel, self.retry_delays_s)
        except BaseException:
            self._soon(connection.close())  # left alone, it would stay and reconnect for ever
            raise
        self._soon(channel.close())
        return connection

    def is_connected(self, purpose: str) -> bool:
        connection = self._connections.get(purpose)
        return connection is not None and connection.connected.is_set()

    def drop_sign(self, purpose: str) -> asyncio.Event:
        """Set when the present connection is given up: whoever holds a channel of it must then ask for a new one."""
        return self._drop_signs.setdefault(purpose, asyncio.Event())

    @property
    def connected(self) -> bool:
        return bool(self._connections) and all(self.is_connected(purpose) for purpose in self._connections)

    def drop(self, purpose: str) -> None:
        """Give up a connection that no longer works although the client believes in it; the next channel opens a new one."""
        if connection := self._connections.pop(purpose, None):
            self._drop_signs.pop(purpose, asyncio.Event()).set()
            self._soon(connection.close())

    def _soon(self, closing: Awaitable[None]) -> None:
        task = asyncio.create_task(_quietly(closing))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        for purpose in list(self._connections):
            self.drop(purpose)
        if self._closing:
            await asyncio.wait(self._closing)


async def _quietly(closing: Awaitable[None]) -> None:
    with suppress(Exception):  # it is of no use any more, whatever it says
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await closing
