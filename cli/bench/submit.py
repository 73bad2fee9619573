"""W1: handing in an application over HTTP, beside a PyMongo transaction with the same reads and writes."""

from __future__ import annotations

import os
from typing import Any

import httpx
import uvicorn
from pymongo import AsyncMongoClient

from cli.bench import bare_submit
from cli.bench.child import Link, Role
from cli.bench.documents import everything_in, keep
from cli.bench.drafts import put_drafts
from cli.bench.frame import Better, Figure, Turn, Workload, expect, percentile
from cli.bench.load import submit_over_http
from cli.bench.settled import queue_length, until
from cli.bench.stage import Child, Measured, Stage

NOWHERE = "amqp://guest:guest@127.0.0.1:9/"
LEVELS = {1: (20, 300), 8: (60, 900), 32: (60, 1200)}  # at once: in a quick run, and in a full one
WARM_UP = (10, 150)


async def serve(link: Link) -> None:
    """The applications service as it is in production: its app under uvicorn, with relay, consumer and worker."""
    os.environ |= link.settings["environment"]
    from services.applications.app import create_app  # here: settings are read from what was just said

    config = uvicorn.Config(create_app(), host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    link.say(ready=True, port=server.servers[0].sockets[0].getsockname()[1])
    try:
        await server.main_loop()
    finally:
        await server.shutdown()


async def learn(stage: Stage) -> str:
    """One submission, with the broker away so that its outbox row stays. Out: the file with all that it left."""
    await put_drafts(stage.place.mongo_url, stage.place.database_prefix, 1)
    asking = await _service_and_load(stage, ESHIK_RABBIT_URL=NOWHERE)
    await _level(asking, 0, 1, 1)
    async with AsyncMongoClient[dict[str, Any]](stage.place.mongo_url, tz_aware=True) as client:
        return keep(await everything_in(stage.database(client, "applications")), stage.folder)


async def ours(stage: Stage, role: Role = serve) -> Turn:
    """role: what serves, where it is not the service as it is."""
    await put_drafts(stage.place.mongo_url, stage.place.database_prefix, _drafts(stage))
    return await _all_levels(stage, await _service_and_load(stage, role), relayed=True)


async def without_relay(stage: Stage) -> Turn:
    await put_drafts(stage.place.mongo_url, stage.place.database_prefix, _drafts(stage))
    return await _all_levels(stage, await _service_and_load(stage, ESHIK_RABBIT_URL=NOWHERE), relayed=False)


async def floor(stage: Stage) -> Turn:
    await put_drafts(stage.place.mongo_url, stage.place.database_prefix, _drafts(stage))
    process = await stage.child("driver", bare_submit.submit, learned=stage.prepared)
    return await _all_levels(stage, process, relayed=False)


async def _service_and_load(stage: Stage, role: Role = serve, **environment: str) -> Child:
    """Out: the load; it knows where the service is."""
    load = await stage.child("load", submit_over_http)
    keys = await load.heard("identity")
    service = await stage.child("service", role, environment=environment | {"ESHIK_IDENTITY_URL": keys})
    port = await service.heard("port")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

        async def ready() -> bool:
            parts = (await client.get("/health/ready")).json()["parts"]
            return all(state == "ok" for name, state in parts.items() if environment == {} or name == "database")

        await until(ready, "the service is ready")
    await load.tell(port=port)
    return load


async def _all_levels(stage: Stage, asking: Child, *, relayed: bool) -> Turn:
    figures: dict[str, float] = {}
    warm_up = stage.pick(*WARM_UP)
    await _level(asking, 0, warm_up, 8)
    first, spent = warm_up, Measured()
    for at_once, (few, many) in LEVELS.items():
        count = stage.pick(few, many)
        async with stage.measured() as measured:
            done = await _level(asking, first, count, at_once)
            if relayed:
                await _published(stage)  # what a submission causes is spent by it, and not by the next level
        figures[f"rate_{at_once}"] = count / done["seconds"]
        figures[f"p50_{at_once}"] = 1000 * percentile(done["took"], 0.5)
        spent.cpu_s = {name: spent.cpu_s.get(name, 0) + seconds for name, seconds in measured.cpu_s.items()}
        first += count
    await _verify(stage, first, relayed=relayed)
    return spent.turn(figures, events=first - warm_up)


async def _level(asking: Child, first: int, count: int, at_once: int) -> Any:
    await asking.tell(level={"first": first, "count": count, "at_once": at_once})
    await asking.heard("set_up")
    await asking.tell(begin=True)
    return await asking.heard("done")


async def _published(stage: Stage) -> None:
    async with AsyncMongoClient[dict[str, Any]](stage.place.mongo_url) as client:
        db = stage.database(client, "applications")

        async def empty() -> bool:
            return await db.outbox.find_one({}) is None

        await until(empty, "the outbox is empty")


async def _verify(stage: Stage, wanted: int, *, relayed: bool) -> None:
    """Every submission left its case, journal entry, stored response and event, once."""
    async with AsyncMongoClient[dict[str, Any]](stage.place.mongo_url) as client:
        db = stage.database(client, "applications")
        expect("submitted applications", await db.applications.count_documents({"status": "submitted"}), wanted)
        for name in ("journal", "idempotency_keys", "published_events"):
            expect(name, await db[name].count_documents({}), wanted)
        expect("rows of the outbox", await db.outbox.count_documents({}), 0 if relayed else wanted)
    if relayed:
        expect("messages of notifications", await queue_length(stage.place, "notifications.inbox"), wanted)


def _drafts(stage: Stage) -> int:
    return stage.pick(*WARM_UP) + sum(stage.pick(few, many) for few, many in LEVELS.values())


FIGURES = [
    *(Figure(f"w1-submit-c{n}", f"submissions, {n} at once", "submits/s", f"rate_{n}", target=0.75) for n in LEVELS),
    *(Figure(f"w1-submit-c{n}-p50", f"half take no longer, {n} at once", "ms", f"p50_{n}", better=Better.LOWER) for n in LEVELS),
    *(
        Figure(
            f"w1-submit-c{n}-no-relay", f"submissions, {n} at once, events stay", "submits/s", f"rate_{n}", ours="without relay"
        )
        for n in LEVELS
    ),
]
VARIANTS = {"floor": floor, "ours": ours, "without relay": without_relay}
WORKLOADS = [Workload("w1-submit", "POST of a complete draft, with token and key", VARIANTS, FIGURES, prepare=learn)]
