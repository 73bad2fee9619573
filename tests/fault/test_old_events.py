"""Every form in which an event was ever published is still read, and so is one from a newer release with fields unknown here.

tests/fault/golden keeps each form, named by the hash of its bytes. When an example changes, its new form is added as a further
file; what was published once stays: messages of an older release may wait in queues, outboxes and dead letters.
"""

import hashlib
import importlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aio_pika
import pytest

import services.applications.schema
import services.documents.repository
import services.identity.schema
import services.notifications.schema
from services.applications.schema import MAPPER
from shared.contracts.base import EVENTS
from shared.messaging import topology
from shared.messaging.topology import SUBSCRIPTIONS
from shared.mongo.inbox import inbox_key
from shared.runtime import Runtime
from tests.contract.examples import FOLDER
from tests.support.faults import Counts, broker_channel
from tests.support.kept import as_kept
from tests.support.places import Place
from tests.support.serving import eventually
from tests.unit.applications import cases

GOLDEN = Path(__file__).parent / "golden"
UNKNOWN = {"new_field": {"of": ["any", "kind"]}, "another": None}
HASHED = 12
INDEXES = {
    "identity": services.identity.schema.INDEXES,
    "applications": services.applications.schema.INDEXES,
    "documents": services.documents.repository.INDEXES,
    "notifications": services.notifications.schema.INDEXES,
}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:HASHED]


def forms() -> list[tuple[str, dict[str, Any]]]:
    """(name, body) of every golden file as it is, from a newer release, and with all left out that may be missing."""
    found = []
    for path in sorted(GOLDEN.glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        contract = EVENTS[body["type"]]
        needed = {name for name, field in contract.model_fields.items() if field.is_required()}
        bare = {name: body[name] for name in ("specversion", "id", "source", "type", "data")}
        bare["data"] = {name: value for name, value in body["data"].items() if name in needed}
        newer = body | {"newattribute": "x", "data": body["data"] | UNKNOWN}
        found += [(f"{path.name} {how}", form | {"id": f"{body['id'][:-4]}{how}"})
                  for how, form in (("old", body), ("newer", newer), ("bare", bare))]  # fmt: skip
    return found


@asynccontextmanager
async def running(place: Place, service: str) -> AsyncIterator[Runtime]:
    """The service's own handlers on its own collections, without its API and without its jobs."""
    handlers = importlib.import_module(f"services.{service}.event_handlers").HANDLERS
    runtime = Runtime(service, place.settings(), handlers=handlers, jobs={}, indexes=INDEXES[service])
    await runtime.start()
    try:
        await runtime.prepared()
        yield runtime
    finally:
        await runtime.stop()


async def insert_case(runtime: Runtime, body: dict[str, Any]) -> None:
    """The application that the event is about, waiting for its document, with nothing yet in its journal."""
    application = replace(cases.approved(), id=body["data"]["application_id"], reference=body["data"]["application_id"][:20])
    db = runtime.database.db
    await db.journal.delete_many({"application_id": application.id})
    (kept,) = await as_kept(MAPPER, [application], db)
    await db.applications.replace_one({"_id": application.id}, kept, upsert=True)


@pytest.mark.parametrize("service", sorted(SUBSCRIPTIONS))
async def test_every_form_an_event_ever_had_and_one_with_unknown_fields_is_handled_by_who_hears_it_today(
    place: Place, counts: Counts, service: str
) -> None:
    handlers = importlib.import_module(f"services.{service}.event_handlers").HANDLERS
    heard = [(name, body) for name, body in forms() if EVENTS[body["type"]] in handlers]
    wanted = {inbox_key(handlers[EVENTS[body["type"]]].__name__, body["id"]): name for name, body in heard}
    async with AsyncExitStack() as stack:
        runtime = await stack.enter_async_context(running(place, service))
        db = runtime.database.db
        channel = await stack.enter_async_context(broker_channel(place))
        for _, body in heard:
            if service == "applications" and "application_id" in body["data"]:
                await insert_case(runtime, body)
            message = aio_pika.Message(json.dumps(body).encode(), type=body["type"], message_id=body["id"])
            await channel.default_exchange.publish(message, topology.inbox(service))
            key = inbox_key(handlers[EVENTS[body["type"]]].__name__, body["id"])
            await eventually(lambda key=key: db.inbox.find_one({"_id": key}), within_s=30)  # type: ignore[misc]
        effects = Counter([str(wanted.get(row["_id"], row["_id"])) async for row in db.inbox.find({})])
        assert await db.dead_letters.count_documents({}) == 0
    counts.compare(set(wanted.values()), set(wanted.values()), effects)
    counts.check()


def test_no_form_that_was_published_is_changed_or_forgotten_and_todays_example_is_among_them(counts: Counts) -> None:
    changed = [path.name for path in GOLDEN.glob("*.json") if path.name.split(".")[-2] != digest(path)]
    assert changed == [], "a golden file is history: take the change back and add a further file"
    kept = {path.name for path in GOLDEN.glob("*.json")}
    today = {f"{path.stem}.{digest(path)}.json" for path in FOLDER.glob("*.json")}
    assert today <= kept, f"copy the example to tests/fault/golden as {sorted(today - kept)}; leave the older ones"
    assert {EVENTS[json.loads(path.read_text())["type"]] for path in GOLDEN.glob("*.json")} == set(EVENTS.values())
    counts.compare(kept, kept, Counter(kept))
    counts.check()
