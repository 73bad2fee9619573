"""Marked personal data goes through the whole stack, failures included, and is found nowhere but where it lies sealed."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import bson
import httpx
import pytest
from pymongo import MongoClient

from cli.casework.case import Case
from cli.casework.desk import Desk
from cli.casework.files import SMALLEST_PNG
from cli.casework.one import SHORT, case_of
from deploy.local.environment import SERVICES
from deploy.local.ports import LOOPBACK
from services.applications.catalogue import the_catalogue
from tests.support.canary import Leak, Marks
from tests.support.collector import Collector, collector
from tests.support.faults import Counts
from tests.support.serving import eventually
from tests.support.stacks import RunningStack, running_stack

pytestmark = pytest.mark.timeout(900)
CITIZEN, FIRST, SECOND = "aigerim", "nurlan", "gulnara"
GUEST = ("guest", "guest")
ON_THE_STACK = {"name of the account": "Айгерим Токтобекова", "e-mail": "aigerim@citizen.example", "phone": "79120000101"}
TYPED = {
    "name": "Канарейбек Жылдыркечов",
    "name in Latin": "KANAREIBEK ZHYLDYRKECHOV",
    "PIN": "29903199911117",
    "passport": "ZQ7391846",
    "phone abroad": "79127391846",
    "address": "Канарейка көчөсү, 7391-үй",
    "file": "canary-inside-the-picture-7391846",
    "what was refused": "Канарейка42канарейка",
}
FILE = SMALLEST_PNG + TYPED["file"].encode() * 20
CRASHES = ("transaction.before_commit", "consumer.before_commit", "documents.signed", "notifications.after_fence")
HOLDER = {
    "full_name": TYPED["name"],
    "full_name_latin": TYPED["name in Latin"],
    "birth_date": "1999-03-19",
    "pin": TYPED["PIN"],
    "document_number": TYPED["passport"],
    "phone_abroad": f"+{TYPED['phone abroad']}",
    "address_abroad": TYPED["address"],
    "attorney_name": TYPED["name"],
    "powers": TYPED["address"],
    "birth_place": TYPED["address"],
}


@dataclass
class Canary:
    """A stack of its own whose citizens are marked, and the ways to look into it."""

    stack: RunningStack
    spans: Collector
    flags: Path
    desk: Desk
    marks: Marks

    async def do(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await asyncio.to_thread(work, *args, **kwargs)

    async def begun(self, service: str) -> Case:
        """A draft with all that is marked, the file too."""
        case = case_of(self.desk, the_catalogue().service(SHORT[service]), datetime.now(UTC).date())
        case.given = {**case.given, **HOLDER}
        await case.begin()
        png = {"Content-Type": "image/png"}
        await self.desk.put(CITIZEN, f"{case.own}/attachment", content=FILE, headers=png)
        return case

    async def sent(self, service: str) -> Case:
        case = await self.begun(service)
        await case.submit()
        return case

    async def lived(self, service: str) -> None:
        """To the document in the citizen's hands, with all that can be looked at looked at."""
        case = await self.sent(service)
        await case.claim(FIRST)
        await case.propose(FIRST)
        await case.decide(SECOND)
        await case.at_the_counter(FIRST)
        seen, officer = await case.until("ready"), case.at_post
        for who, service, path in (
            (CITIZEN, "applications", "/api/applications"),
            (CITIZEN, "applications", f"{case.own}/attachment"),
            (FIRST, "applications", officer),
            (FIRST, "applications", f"{officer}/journal"),
            (FIRST, "applications", f"{officer}/attachment"),
            (FIRST, "applications", "/api/officer/applications?status=ready&sort=name"),
            (CITIZEN, "documents", f"/api/documents/{seen['document_id']}/file"),
        ):
            assert (await self.ask("GET", service, path, who)).is_success, path

    async def ask(self, method: str, service: str, path: str, who: str, **content: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {await self.desk.token(who, service)}", "Eshik-Access-Reason": "supervision"}
        headers |= {"Idempotency-Key": os.urandom(8).hex(), **content.pop("headers", {})}
        base = f"http://{LOOPBACK}:{self.stack.ports.service(service)}"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=30) as client:
            return await client.request(method, path, headers=headers, **content)

    # failures

    async def types_wrongly(self) -> None:
        """What is refused, and what nobody should do: personal data in an address."""
        case, wrong, name = await self.begun("registration"), TYPED["what was refused"], TYPED["name"]
        answers, attachment = f"{case.own}/answers", f"{case.own}/attachment"
        people, png = "/api/officer/searches/people", {"Content-Type": "image/png"}
        for refused in (
            await self.ask("PUT", "applications", answers, CITIZEN, json={"answers": dict.fromkeys(HOLDER, wrong)}),
            await self.ask("PUT", "applications", answers, CITIZEN, json={"answers": {"full_name": [name]}, wrong: name}),
            await self.ask("PUT", "applications", answers, CITIZEN, content=f'{{"answers": "{name}'.encode()),
            await self.ask("PUT", "applications", attachment, CITIZEN, content=TYPED["file"].encode(), headers=png),
            await self.ask("PUT", "applications", attachment, CITIZEN, content=FILE * 9_000, headers=png),
            await self.ask(
                "POST", "applications", people, FIRST, json={"pin": wrong, "phone": wrong, "name": wrong, wrong: wrong}
            ),
            await self.ask("POST", "applications", people, FIRST, json={"pin": wrong}),
            await self.ask("POST", "documents", "/api/verifications", FIRST, json={"number": name, "check_code": name}),
            await self.ask("GET", "applications", f"/api/applications/{quote(name)}", CITIZEN),
            await self.ask("GET", "applications", f"/api/applications?after={quote(name)}", CITIZEN),
            await self.ask("GET", "documents", f"/api/documents?application_id={quote(name)}{'x' * 64}", CITIZEN),
            await self.ask("POST", "identity", "/api/demo/sign-in", CITIZEN, json={"account": name}),
        ):
            assert refused.is_client_error, (refused.status_code, refused.request.method)
        for asked in ({"name": name}, {"pin": TYPED["PIN"]}, {"phone": f"+{TYPED['phone abroad']}"}):
            found = await self.ask("POST", "applications", people, FIRST, json=asked)
            assert found.json()["applications"], found.text

    async def crashes(self) -> None:
        """A process dies at each of these places, with a marked case in its hands, and comes again."""
        for point in CRASHES:
            (self.flags / point).touch()
            await self.lived("registration")

            async def died(flag: Path = self.flags / point) -> bool:
                return not await asyncio.to_thread(flag.exists)

            await eventually(died, within_s=60)

    async def dies_as_a_message(self) -> None:
        """What cannot be read is parked as it came: here an event without its data."""
        broken = {"specversion": "1.0", "id": "canary-1", "source": "eshik/documents", "type": "document.issued.v1", "data": {}}
        await self._publish("applications.inbox", json.dumps(broken), type="document.issued.v1")

        async def parked() -> bool:
            return bool(await self.do(self.stack.rows, "applications", "dead_letters"))

        await eventually(parked, within_s=60)

    # looking

    async def leaks(self) -> set[Leak]:
        looks = (self.in_databases, self.in_queues, self.in_what_is_told, self.in_commands, self.in_files)
        return set().union(*[await look() for look in looks])

    async def in_files(self) -> set[Leak]:
        """The raw files of broker and database, and all logs. But for the keys, and the messages that the sinks received."""
        places = self.stack.places
        return await self.do(self.marks.in_files, places.home, but=[places.keys, places.inbox])  # type: ignore[no-any-return]

    async def in_databases(self) -> set[Leak]:
        def read() -> set[Leak]:
            found: set[Leak] = set()
            with MongoClient[dict[str, Any]](self.stack.ports.mongo_url) as client:
                for name in SERVICES:
                    for collection in client[name].list_collection_names():
                        for row in client[name][collection].find({}):
                            found |= self.marks.in_bytes(bson.encode(row), f"{name}.{collection}")
            return found

        return await self.do(read)  # type: ignore[no-any-return]

    async def in_queues(self) -> set[Leak]:
        """Bodies and headers of all that waits."""
        found: set[Leak] = set()
        async with self._management() as client:
            for queue in (await client.get("/api/queues/%2F")).json():
                body = {"count": 1000, "ackmode": "ack_requeue_true", "encoding": "base64"}
                waiting = (await client.post(f"/api/queues/%2F/{queue['name']}/get", json=body)).json()
                for message in waiting:
                    found |= self.marks.in_bytes(json.dumps(message, ensure_ascii=False).encode(), f"queue {queue['name']}")
        return found

    async def in_what_is_told(self) -> set[Leak]:
        """Metrics and traces."""
        found = {leak for span in self.spans.spans for leak in self.marks.in_bytes(span.text.encode(), f"span {span.name}")}
        for name in SERVICES:
            told = await eventually(lambda name=name: self._metrics(name), within_s=60)  # type: ignore[misc]
            found |= self.marks.in_bytes(told, f"metrics of {name}")
        return found

    async def _metrics(self, service: str) -> bytes:
        """Empty: it comes again after a crash."""
        try:
            return (await self.ask("GET", service, "/metrics", CITIZEN)).content
        except httpx.TransportError:
            return b""

    async def in_commands(self) -> set[Leak]:
        found: set[Leak] = set()
        for words in (("status",), ("jobs",), ("dead", "list"), ("ledger",)):
            said = await self.do(self.stack.eshik, *words)
            found |= self.marks.in_bytes((said.stdout + said.stderr).encode(), f"./eshik {' '.join(words)}")
        return found

    async def plant(self) -> dict[str, str]:
        """A leak in each kind of place. Out: by mark, how the place is called where it must be found."""
        planted = dict(zip(("name", "PIN", "address"), ("mongo", "queue planted", "logs"), strict=True))

        def write() -> None:
            with MongoClient[dict[str, Any]](self.stack.ports.mongo_url) as client:
                client.applications.planted.insert_one({"said": f"of {TYPED['name']} alone"})
            with (self.stack.places.logs / "applications.log").open("a") as log:
                log.write(f"request failed: {TYPED['address']}\n")

        await self.do(write)
        async with self._management() as client:
            (await client.put("/api/queues/%2F/planted", json={"durable": True})).raise_for_status()
        await self._publish("planted", json.dumps({"pin": TYPED["PIN"]}), type="planted")
        return planted

    async def _publish(self, queue: str, payload: str, **properties: str) -> None:
        body = {"routing_key": queue, "payload": payload, "payload_encoding": "string", "properties": properties}
        async with self._management() as client:
            done = await client.post("/api/exchanges/%2F/amq.default/publish", json=body)
            assert done.json() == {"routed": True}

    def _management(self) -> httpx.AsyncClient:
        url = f"http://{LOOPBACK}:{self.stack.ports.rabbit_management}"
        return httpx.AsyncClient(base_url=url, auth=GUEST, trust_env=False, timeout=60)


@asynccontextmanager
async def canary_in(folder: Path) -> AsyncIterator[Canary]:
    flags = folder / "flags"
    flags.mkdir()
    crash_at = ",".join(f"{point}@{flags / point}" for point in CRASHES)
    async with collector() as spans:
        running = running_stack(folder / "home", ESHIK_CRASH_AT=crash_at, ESHIK_OTLP_URL=spans.url)
        stack = await asyncio.to_thread(running.__enter__)
        try:
            async with Desk(stack.ports, stack.places.inbox) as desk:
                yield Canary(stack, spans, flags, desk, Marks(ON_THE_STACK | TYPED))
        finally:
            await asyncio.to_thread(running.__exit__, None, None, None)


async def test_marked_personal_data_is_found_nowhere_outside_its_seals_and_a_planted_leak_is(
    tmp_path: Path, counts: Counts
) -> None:
    async with canary_in(tmp_path) as canary:
        for service in SHORT:
            await canary.lived(service)
        await canary.types_wrongly()
        await canary.crashes()
        await canary.dies_as_a_message()
        os.kill(canary.stack.pid_of("notifications"), signal.SIGSTOP)  # its messages wait, and are looked into
        try:
            for service in SHORT:
                await canary.sent(service)
            leaks = await canary.in_queues()
        finally:
            os.kill(canary.stack.pid_of("notifications"), signal.SIGCONT)
        leaks |= await canary.leaks()
        assert {span.service for span in canary.spans.spans} == set(SERVICES)
        assert leaks == set()

        planted = await canary.plant()

        async def is_found() -> bool:
            found = await canary.in_files() | await canary.in_queues() | await canary.in_databases()
            wanted = {(what, place) for what, place in planted.items()}
            return wanted <= {(leak.what, place) for leak in found for place in planted.values() if leak.where.startswith(place)}

        await eventually(is_found, within_s=90, every_s=2)
    marks = set(TYPED | ON_THE_STACK)
    counts.compare(marks, marks, Counter(marks))
    counts.notes.append(f"{len(marks)} marks, {len(canary.spans.spans)} spans, {len(CRASHES)} crashes: no leak")
    counts.check()
