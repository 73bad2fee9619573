"""A line that is dead and says nothing: packets vanish both ways, and neither end is told."""

import asyncio

from yarl import URL

from shared.messaging import topology
from tests.fault.tcp_proxy import TcpProxy, tcp_proxy
from tests.support.faults import Child, Counts, Load, is_heard, more_acknowledged, more_effects, settle
from tests.support.places import Place
from tests.support.serving import eventually

QUICK_HEARTBEAT_S = 1  # production's 10 s only with --full: both ends need about 30 s then to see it


async def test_connections_that_went_half_open_are_replaced_by_consumers_and_publisher_and_nothing_is_lost(
    place: Place, child: Child, load: Load, counts: Counts
) -> None:
    async with tcp_proxy(place.servers.ports.amqp) as proxy:
        url = URL(proxy.in_url(place.rabbit_url))
        child.environment["ESHIK_RABBIT_URL"] = str(url if counts.full else url.update_query(heartbeat=QUICK_HEARTBEAT_S))
        await child.start()
        async with load.going_on(at_once=4, pause_s=0.05):
            await more_effects(load, 20)
            proxy.black_hole()
            await more_acknowledged(load, 20)  # a use case needs no broker
            await asyncio.sleep(counts.pick(1, 120))  # the outage itself
            proxy.end_black_hole()
            await more_effects(load, 20)
        await eventually(lambda: none_dead(proxy), within_s=90)  # or what the broker counts might be a consumer that is gone
        await eventually(lambda: is_heard(place), within_s=60)
        await eventually(lambda: is_heard(place, topology.dead_queue("documents")), within_s=60)
        await settle(load, counts, child, within_s=counts.pick(45, 600))  # a backlog of thousands, when full
    counts.redelivered = sum(times - 1 for times in child.handed().values())


async def none_dead(proxy: TcpProxy) -> bool:
    return proxy.dead_links == 0
