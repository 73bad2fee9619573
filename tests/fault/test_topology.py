"""What the broker really has is what was declared, with every limit said: RabbitMQ's own defaults differ between 3.10 and 4."""

from typing import Any

from shared.messaging import topology
from tests.support.faults import Child, Counts
from tests.support.places import Place, managing

RETRY_DELAYS_S = (1, 2)  # what tests have in place of production's


async def queues_of_the_broker(place: Place) -> list[dict[str, Any]]:
    async with managing(place.servers) as client:
        listed: list[dict[str, Any]] = (await client.get(f"/api/queues/{place.vhost}")).raise_for_status().json()
        return listed


async def test_every_queue_says_its_delivery_limit_its_dead_letter_exchange_and_what_it_does_when_full(
    place: Place, child: Child, counts: Counts
) -> None:
    await child.start()  # any process declares all of it
    declared = {queue["name"]: queue for queue in await queues_of_the_broker(place)}
    assert await child.stop() == 0
    wanted = {spec.name: spec.arguments for spec in topology.queues(RETRY_DELAYS_S)}
    assert {name: queue["arguments"] for name, queue in declared.items()} == wanted
    for name, queue in declared.items():
        counts.attempted += 1
        check_limits(name, queue)
        counts.acknowledged += 1
    counts.check()


def check_limits(name: str, queue: dict[str, Any]) -> None:
    """Nothing is left to a default or a policy, so that each version of the broker does the same."""
    arguments = queue["arguments"]
    assert (queue["type"], queue["durable"], queue["auto_delete"], queue["exclusive"]) == ("quorum", True, False, False), name
    assert not queue.get("policy"), name
    assert not queue.get("effective_policy_definition"), name
    assert arguments["x-overflow"] == "reject-publish", name
    is_dead, delay = name.endswith(".dead"), arguments.get("x-message-ttl")
    limit = topology.NO_DELIVERY_LIMIT if is_dead or delay else topology.DELIVERY_LIMIT
    assert arguments["x-delivery-limit"] == limit, name
    assert ("x-dead-letter-exchange" in arguments) != is_dead, name
    if not is_dead:
        inbox = name.partition(".")[0] + ".inbox"
        assert arguments["x-dead-letter-strategy"] == "at-least-once", name
        assert arguments["x-dead-letter-routing-key"] == (inbox if delay else f"{inbox}.dead"), name
