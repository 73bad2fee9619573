"""Two connections to RabbitMQ, one to publish and one to consume: an alarm blocks publishers, consumers go on."""

import asyncio
from collections.abc import Sequence

import aio_pika
import structlog
from aio_pika.abc import AbstractRobustChannel, AbstractRobustConnection
from yarl import URL

from shared.messaging import topology

log = structlog.get_logger(__name__)

HEARTBEAT_S = 10
CONNECT_TIMEOUT_S = 5


class Broker:
    """Connects in the background: a service starts, and its API works, while the broker is down."""

    def __init__(self, url: str, name: str, *, retry_delays_s: Sequence[int] = topology.RETRY_DELAYS_S) -> None:
        self._url, self._name = URL(url).update_query(heartbeat=HEARTBEAT_S), name
        self.retry_delays_s = tuple(retry_delays_s)
        self._connections: dict[str, AbstractRobustConnection] = {}
        self._connecting = asyncio.Lock()

    async def channel(self, purpose: str, *, on_return_raises: bool = False) -> AbstractRobustChannel:
        """A channel with publisher confirms on the connection for that purpose: publish or consume.

        Waits until the broker is there; topology is declared before the first channel is handed out.
        """
        connection = await self._connected(purpose)
        channel = await connection.channel(publisher_confirms=True, on_return_raises=on_return_raises)
        assert isinstance(channel, AbstractRobustChannel)  # noqa: S101 (aio-pika's own type is wider)
        return channel

    async def _connected(self, purpose: str) -> AbstractRobustConnection:
        async with self._connecting:
            while purpose not in self._connections:
                try:
                    connection = await aio_pika.connect_robust(
                        self._url,
                        timeout=CONNECT_TIMEOUT_S,
                        reconnect_interval=1,
                        client_properties={"connection_name": f"eshik {self._name} {purpose}"},
                    )
                    async with connection.channel() as channel:
                        await topology.declare(channel, self.retry_delays_s)
                    self._connections[purpose] = connection
                except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
                    log.warning("broker_not_reached", purpose=purpose, error=type(error).__name__)
                    await asyncio.sleep(1)
        return self._connections[purpose]

    @property
    def connected(self) -> bool:
        return bool(self._connections) and all(connection.connected.is_set() for connection in self._connections.values())

    async def close(self) -> None:
        for connection in self._connections.values():
            await connection.close()
        self._connections.clear()
