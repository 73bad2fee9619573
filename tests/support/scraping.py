"""What GET /metrics tells of all five processes after one whole case, a poisoned message, a duplicate and some refusals."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import aio_pika
import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from pymongo import AsyncMongoClient

from deploy.local.keys import make_keys
from shared.clock import SystemClock
from shared.contracts.envelope import CONTENT_TYPE
from shared.messaging import topology
from shared.messaging.asyncapi import EXAMPLES
from shared.mongo.database import Document
from tests.support.house import House, whole_house
from tests.support.places import Place
from tests.support.serving import eventually
from tests.unit.portal.portal import portal, visiting

SUBMITTED = "application.submitted.v1"
FAULTS = {"journal's events": 1, "events": 2}
LEDGER = {"_id": "last", "holds": False, "faults": FAULTS}  # as the job of the ledger writes it


@dataclass(frozen=True)
class Driven:
    """texts: by process. routes, job_kinds: all that the apps declare. known: ids and words that must not be told."""

    texts: Mapping[str, str]
    routes: frozenset[str]
    job_kinds: frozenset[str]
    known: tuple[str, ...]

    def families(self) -> Iterator[Metric]:
        for text in self.texts.values():
            yield from text_string_to_metric_families(text)

    def samples(self, process: str | None = None) -> Iterator[Sample]:
        for name, text in self.texts.items():
            if process in (None, name):
                for family in text_string_to_metric_families(text):
                    yield from family.samples


_kept: list[Driven] = []


async def driven(place: Place, folder: Path) -> Driven:
    """Once for all tests of a run: it takes a while."""
    if not _kept:
        _kept.append(await _drive(place, folder))
    return _kept[0]


def value(samples: Iterable[Sample], name: str, **labels: str) -> float | None:
    """The sum over what has these labels; None where there is nothing."""
    found = [one.value for one in samples if one.name == name and labels.items() <= one.labels.items()]
    return sum(found) if found else None


async def scrape(client: httpx.AsyncClient) -> str:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


async def _drive(place: Place, folder: Path) -> Driven:
    keys = make_keys(folder / "keys")
    async with whole_house(place, keys, folder) as house:
        application_id = await house.one_case()
        await _spoil(house, place, application_id)
        texts = {name: await scrape(client) for name, client in house.doors.items()}
        texts["applications"] = await _with_a_ledger(house.doors["applications"], place)
        routes = {route for app in house.apps.values() for route in templates(app)}
        kinds = {kind for app in house.apps.values() for kind in app.state.runtime.job_kinds}
    async with visiting(portal()) as visitor:
        await visitor.get("/?name=aigerim")
        await visitor.get(f"/nowhere/{application_id}")
        await visitor.get("/assets/none.css")
        texts["portal"] = await scrape(visitor)
    known = (application_id, "aigerim", "citizen.example", "Токтобекова", "AC1234567", place.vhost)
    return Driven(texts, frozenset(routes | set(templates(portal()))), frozenset(kinds), known)


def templates(app: FastAPI) -> Iterator[str]:
    return (str(route.path) for route in iter_route_contexts(app.routes))


async def _spoil(house: House, place: Place, application_id: str) -> None:
    door = house.doors["applications"]
    assert (await door.get(f"/nowhere/{application_id}")).status_code == 404
    assert (await door.get(f"/api/applications/{application_id}")).status_code == 401
    assert (await door.request("AIGERIM", f"/api/applications/{application_id}")).status_code == 405
    connection = await aio_pika.connect(place.rabbit_url)
    async with connection:
        channel = await connection.channel()
        for body in (b"no JSON, and a name: aigerim", await _again(place)):
            message = aio_pika.Message(body, content_type=CONTENT_TYPE, message_id=str(uuid4()))
            await channel.default_exchange.publish(message, topology.inbox("notifications"))

    async def all_is_counted() -> bool:
        text = await scrape(house.doors["notifications"])
        samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
        dead = value(samples, "eshik_dead_letters_stored_total", reason="unreadable")
        return bool(dead and value(samples, "eshik_inbox_duplicates_total"))

    await eventually(all_is_counted)


async def _again(place: Place) -> bytes:
    """An event that notifications has handled already, as if it were sent once more."""
    async with AsyncMongoClient[Document](place.mongo_url) as mongo:
        published = await mongo[f"{place.database_prefix}applications"].published_events.find_one({"type": SUBMITTED})
    assert published is not None
    example = json.loads((EXAMPLES / f"{SUBMITTED}.json").read_text(encoding="utf-8"))
    return json.dumps(example | {"id": published["_id"]}).encode()


async def _with_a_ledger(client: httpx.AsyncClient, place: Place) -> str:
    """With what a last check found: written anew until it is told, for a check of its own may come between."""
    async with AsyncMongoClient[Document](place.mongo_url) as mongo:
        ledger = mongo[f"{place.database_prefix}applications"].ledger

        async def told() -> str:
            await ledger.replace_one({"_id": "last"}, {**LEDGER, "at": SystemClock().now()}, upsert=True)
            text = await scrape(client)
            return text if all(f'rule="{rule}"' in text for rule in FAULTS) else ""

        return await eventually(told)


def table_of(seen: Driven) -> str:
    """All metrics of ours, for docs/observability.md."""
    rows: dict[str, tuple[str, set[str], str]] = {}
    for family in seen.families():
        if family.name.startswith("eshik_"):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = rows.setdefault(name, (family.type, set(), family.documentation))[1]
            labels |= {label for sample in family.samples for label in sample.labels} - {"le"}
    lines = [
        f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in sorted(labels))} | {told} |"
        for name, (kind, labels, told) in sorted(rows.items())
    ]
    return "\n".join(["| metric | kind | labels | what it tells |", "|---|---|---|---|", *lines])
