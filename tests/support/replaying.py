"""Dead letters for tests: put where RabbitMQ would put them, and ./eshik dead run on them as an operator does."""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import aio_pika
from bson import json_util

from deploy.local.places import CHECKOUT
from shared.contracts.envelope import Envelope
from shared.messaging import topology
from shared.mongo.audit import CHECKPOINTS, HEAD, LOG, TILES
from shared.mongo.database import Db
from shared.mongo.replaying import REPLAY_DEAD_LETTER
from tests.support.faults import broker_channel
from tests.support.places import Place

AUDITED = ("audit", LOG, HEAD, TILES, CHECKPOINTS)  # entries of operators, and the log that numbers all entries a little later
OWN_TRACES = ("dead_letters", *AUDITED, "leases", "ledger", "idempotency_keys")


async def let_die(place: Place, service: str, envelopes: Sequence[Envelope], *, reason: str = "KeyError") -> None:
    """As a consumer gives them up: in the service's dead queue, with the reason."""
    async with broker_channel(place) as channel:
        for envelope in envelopes:
            message = aio_pika.Message(
                json.dumps(envelope.to_body()).encode(), type=envelope.event.type, message_id=f"{envelope.event_id}.dead",
                headers={"event-id": envelope.event_id, "x-attempt": 2, "x-dead-reason": reason},
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )  # fmt: skip
            await channel.default_exchange.publish(message, topology.dead_queue(service))


async def deliver(place: Place, service: str, envelopes: Sequence[Envelope]) -> None:
    """As the exchange does: into the service's inbox."""
    async with broker_channel(place) as channel:
        for envelope in envelopes:
            body = json.dumps(envelope.to_body()).encode()
            message = aio_pika.Message(body, type=envelope.event.type, headers={"event-id": envelope.event_id})
            await channel.default_exchange.publish(message, topology.inbox(service))


async def eshik(place: Place, *arguments: str, expect: int = 0) -> str:
    """Run ./eshik on the databases of this place. Out: what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", *arguments, cwd=CHECKOUT, env={**os.environ, **place.environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, said = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == expect, f"{printed.decode()[-1500:]}\n{said.decode()[-1500:]}"
    return printed.decode()


async def dead(place: Place, *arguments: str, expect: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await eshik(place, "dead", *arguments, "--json", expect=expect))
    return found


async def state_hash(db: Db, *, leaving_out: Sequence[str] = OWN_TRACES) -> str:
    """Of everything in the database but the letters, the audit and what replay jobs leave: the effects."""
    digest = hashlib.sha256()
    for name in sorted(set(await db.list_collection_names()) - set(leaving_out)):
        query = {"kind": {"$ne": REPLAY_DEAD_LETTER}} if name == "jobs" else {}
        rows = [json_util.dumps(row, sort_keys=True) async for row in db[name].find(query)]
        digest.update(f"{name}:{sorted(rows)}".encode())
    return digest.hexdigest()
