"""A corner of the test servers for one test: its own virtual host and database names."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import aio_pika
import httpx
from aio_pika.exceptions import ChannelNotFoundEntity
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from shared.config import Settings
from shared.messaging import topology
from shared.web.tls import authorities
from tests.support.sealing import KEYS_OF_TESTS
from tests.support.servers import Servers

GUEST = ("guest", "guest")
RETRY_DELAYS_S = (1, 2)


@dataclass
class Place:
    servers: Servers
    mongo_url: str
    rabbit_url: str
    vhost: str
    database_prefix: str
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a service needs to work in this place, as environment variables."""
        return {
            "ESHIK_MONGO_URL": self.mongo_url,
            "ESHIK_RABBIT_URL": self.rabbit_url,
            "ESHIK_DATABASE_PREFIX": self.database_prefix,
            "ESHIK_IDENTITY_URL": "http://127.0.0.1:9",
            "ESHIK_LOG_LEVEL": "warning",
            "ESHIK_RETRY_DELAYS_S": json.dumps(RETRY_DELAYS_S),
            "ESHIK_KEY_ENCRYPTION_KEYS": KEYS_OF_TESTS,
            **self.extra,
        }

    def settings(self, *, clock_file: Path | None = None) -> Settings:
        aliases = {name: value for name, value in self.environment.items() if name != "ESHIK_RETRY_DELAYS_S"}
        return Settings.model_validate({**aliases, "ESHIK_RETRY_DELAYS_S": RETRY_DELAYS_S, "ESHIK_CLOCK_FILE": clock_file})

    async def queue_depth(self, queue: str) -> int:
        """Messages ready and unacknowledged, as the broker counts them (every 2 s)."""
        async with managing(self.servers) as client:
            response = await client.get(f"/api/queues/{self.vhost}/{queue}")
            return int(response.json().get("messages", 0))

    async def emptied(self) -> bool:
        """Messages and documents are gone, queues and collections stay. False: it is no place to be had again, since the broker
        was not asked for its queues, or not for all of them."""
        connection = await aio_pika.connect(self.rabbit_url)
        try:
            channel = await connection.channel()
            for spec in reversed(list(topology.queues(RETRY_DELAYS_S))):  # a delay queue before the inbox that it empties into
                await (await channel.get_queue(spec.name, ensure=False)).purge()
        except ChannelNotFoundEntity:
            return False
        finally:
            await connection.close()
        async with self._databases() as databases:
            for database in databases:
                for name in await database.list_collection_names():
                    await database[name].delete_many({})
        return True

    async def clear(self) -> None:
        async with managing(self.servers) as client:
            await client.delete(f"/api/vhosts/{self.vhost}")
        async with self._databases() as databases:
            for database in databases:
                await database.client.drop_database(database.name)

    @asynccontextmanager
    async def _databases(self) -> AsyncIterator[list[AsyncDatabase[dict[str, object]]]]:
        async with AsyncMongoClient[dict[str, object]](self.mongo_url, serverSelectionTimeoutMS=5_000) as mongo:
            yield [mongo[name] for name in await mongo.list_database_names() if name.startswith(self.database_prefix)]


def managing(servers: Servers) -> httpx.AsyncClient:
    """Asks the broker's management. verify: else each client reads all authorities, 15 ms of CPU, and some tests ask often."""
    return httpx.AsyncClient(
        trust_env=False, auth=GUEST, base_url=servers.broker.management_url, timeout=20, verify=authorities()
    )


async def new_place(servers: Servers) -> Place:
    name = f"t{uuid4().hex[:10]}"
    async with managing(servers) as client:
        for _ in range(100):  # the management listener opens a moment after AMQP's
            try:
                made = await client.put(f"/api/vhosts/{name}")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.2)
        made.raise_for_status()
        allowed = {"configure": ".*", "write": ".*", "read": ".*"}
        (await client.put(f"/api/permissions/{name}/guest", json=allowed)).raise_for_status()
    url = servers.broker.url.rstrip("/") + f"/{name}"
    return Place(servers, servers.database.url, url, name, f"{name}_")
