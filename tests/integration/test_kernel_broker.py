"""A broker that takes the connection and refuses the topology: no connection is left behind at each try."""

import asyncio

import aio_pika
import httpx

from shared.messaging import topology
from shared.messaging.broker import Broker
from tests.support.places import GUEST, Place
from tests.support.serving import eventually

TRIES_S = 4


async def test_a_refused_topology_leaves_no_connection_behind_at_each_try(place: Place) -> None:
    async with await aio_pika.connect(place.rabbit_url) as other:
        # a queue of our name that is another kind: declaring ours is refused
        await (await other.channel()).declare_queue(topology.inbox("documents"), durable=True)
        broker = Broker(place.rabbit_url, "documents")
        trying = asyncio.create_task(broker.channel("consume"))
        await asyncio.sleep(TRIES_S)  # several tries, one a second
        assert await eventually(lambda: few_connections(place), within_s=10)
        trying.cancel()
        await asyncio.gather(trying, return_exceptions=True)
        await broker.close()


async def few_connections(place: Place) -> bool:
    """The other one and at most one of ours, as the broker counts them."""
    async with httpx.AsyncClient(trust_env=False, auth=GUEST, base_url=place.servers.broker.management_url) as client:
        listed = (await client.get(f"/api/vhosts/{place.vhost}/connections")).json()
    return 1 <= len(listed) <= 2
