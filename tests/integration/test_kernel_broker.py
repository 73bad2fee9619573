"""Connections at their worst: a broker that refuses our topology leaves none behind, and a dead line keeps nobody from ending."""

import asyncio
from collections.abc import Sequence

import aio_pika
from yarl import URL

from shared.contracts.envelope import Envelope
from shared.messaging import topology
from shared.messaging.broker import Broker
from shared.messaging.consumer import PURPOSE, Consumer
from shared.messaging.publisher import Publisher
from tests.fault.tcp_proxy import tcp_proxy
from tests.support.places import Place, managing
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


async def test_a_publisher_ends_over_a_line_that_is_dead_and_says_nothing(place: Place) -> None:
    async with tcp_proxy(place.servers.ports.amqp) as proxy:
        broker = Broker(str(URL(proxy.in_url(place.rabbit_url)).update_query(heartbeat=0)), "documents")  # nobody notices
        publisher = Publisher(broker)
        await publisher.open()
        proxy.black_hole()
        async with asyncio.timeout(60):
            await publisher.close()
            await broker.close()


async def few_connections(place: Place) -> bool:
    """The other one and at most one of ours, as the broker counts them."""
    async with managing(place.servers) as client:
        listed = (await client.get(f"/api/vhosts/{place.vhost}/connections")).json()
    return 1 <= len(listed) <= 2


async def test_a_consumer_told_to_stop_while_its_broker_is_gone_ends(place: Place) -> None:
    async with tcp_proxy(place.servers.ports.amqp) as proxy:
        broker = Broker(proxy.in_url(place.rabbit_url), "documents")
        consumer = Consumer(broker, Publisher(broker), "documents", _nothing)
        running = asyncio.create_task(consumer.run())
        await eventually(consumer.attached)
    await eventually(lambda: _not_connected(broker))  # the proxy is closed: nobody listens there any more
    async with asyncio.timeout(60):
        await consumer.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await broker.close()


async def _not_connected(broker: Broker) -> bool:
    return not broker.is_connected(PURPOSE)


async def _nothing(_envelopes: Sequence[Envelope]) -> None: ...
