"""What the fault tests share: counters, a load of numbered events, a process to kill, and an ear at the exchange."""

import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import psutil
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved, ApplicationClearedForIssue, ApplicationEvent, OutcomeKind
from shared.contracts.base import Event
from shared.contracts.envelope import Envelope
from shared.errors import DatabaseUnavailable
from shared.messaging import topology
from shared.mongo.database import Database
from shared.mongo.operation import Operation
from shared.mongo.transactions import OnceOnly, Transactions, UnitOfWork
from tests.support.parent import the_parent
from tests.support.places import Place
from tests.support.serving import eventually

AT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)  # of today: news of three days ago is told to nobody
KILLED = 137
INBOX = topology.inbox("documents")


@dataclass
class Counts:
    """What Jepsen's checkers count, for one guarantee."""

    guarantee: str
    full: bool
    attempted: int = 0
    acknowledged: int = 0
    recovered: int = 0  # not acknowledged, and there all the same
    lost: int = 0  # acknowledged, and without effect
    doubled: int = 0  # more than one effect
    unexpected: int = 0  # an effect that nobody asked for
    redelivered: int = 0  # sent or handed over again, without effect: no fault while it is bounded by what was in flight
    notes: list[str] = field(default_factory=list)

    def pick(self, reduced: int, full: int) -> int:
        return full if self.full else reduced

    def compare(self, attempted: set[str], acknowledged: set[str], effects: Counter[str]) -> None:
        self.attempted += len(attempted)
        self.acknowledged += len(acknowledged)
        self.recovered += len((attempted - acknowledged) & effects.keys())
        self.lost += len(acknowledged - effects.keys())
        self.doubled += sum(1 for times in effects.values() if times > 1)
        self.unexpected += len(effects.keys() - attempted)

    def check(self) -> None:
        """Something was acknowledged, and nothing of it is lost, doubled or made up."""
        assert self.acknowledged > 0
        assert (self.lost, self.doubled, self.unexpected) == (0, 0, 0), self


def approved(number: int, *, reference: str = "YEK-26-AAAA") -> ApplicationApproved:
    return ApplicationApproved(
        sequence=4, occurred_at=AT, application_id=f"a{number}", citizen_id="c1", reference=reference,
        service_id="s", post_id="yek", outcome=OutcomeKind.DIGITAL_DOCUMENT,
    )  # fmt: skip


def cleared(number: int) -> ApplicationClearedForIssue:
    return ApplicationClearedForIssue(
        sequence=5, occurred_at=AT, application_id=f"c{number}", citizen_id="c1", reference="YEK-26-AAAA",
        service_id="s", post_id="yek", outcome=OutcomeKind.PRINT_ON_BLANK,
    )  # fmt: skip


def envelope_of(event: Event) -> Envelope:
    return Envelope(f"event-{key_of(event)}", "eshik/applications", event, "corr-1234", None, None)


def message_of(event: Event) -> aio_pika.Message:
    """The event as it travels, each time with a message id of its own."""
    envelope = envelope_of(event)
    return aio_pika.Message(
        json.dumps(envelope.to_body()).encode(), type=event.type, message_id=f"{envelope.event_id}.{uuid4().hex[:12]}",
        headers={"event-id": envelope.event_id}, delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )  # fmt: skip


def key_of(event: Event) -> str:
    return f"{event.subject_id}/{event.sequence}"


async def publish_it(event: Event, uow: UnitOfWork) -> str:
    return uow.publish(event)


def _answer(event_id: str) -> dict[str, Any]:
    return {"event_id": event_id}


class Load:
    """Transactions that publish one event each, as a request with an Idempotency-Key does; remembers which were attempted
    and which were acknowledged."""

    def __init__(self, database: Database, transactions: Transactions, event: Callable[[int], ApplicationEvent]) -> None:
        self.database, self._transactions, self._event = database, transactions, event
        self.attempted: set[str] = set()
        self.acknowledged: set[str] = set()
        self._next = 0

    async def commit(self) -> None:
        event = self._event(self._next)
        self._next += 1
        key = key_of(event)
        self.attempted.add(key)
        with suppress(DatabaseUnavailable):  # committed or not, nobody can say
            operation, once = Operation.now(SystemClock()), OnceOnly(key, "a-hash")
            await self._transactions.run_idempotently(publish_it, event, once, operation=operation, respond=_answer)
            self.acknowledged.add(key)

    async def run(self, count: int, *, at_once: int = 8) -> None:
        for start in range(0, count, at_once):
            await asyncio.gather(*(self.commit() for _ in range(min(at_once, count - start))))

    @asynccontextmanager
    async def going_on(self, *, at_once: int = 2, pause_s: float = 0.02) -> AsyncIterator[None]:
        """All the time until the block ends; what was begun then is still finished."""
        stopping = asyncio.Event()

        async def one() -> None:
            while not stopping.is_set():
                await self.commit()
                await asyncio.sleep(pause_s)

        tasks = [asyncio.create_task(one()) for _ in range(at_once)]
        try:
            yield
        finally:
            stopping.set()
            await asyncio.gather(*tasks)

    async def effects(self) -> Counter[str]:
        return Counter([row["key"] async for row in self.database.db.effects.find({}, {"key": 1})])

    async def is_handled(self) -> bool:
        """Nothing waits in the outbox, and all that was acknowledged has its effect."""
        if await self.database.db.outbox.count_documents({}):
            return False
        return not self.acknowledged - (await self.effects()).keys()


@dataclass
class Child:
    """A small service (tests/fault/child.py) in a process of its own, that can be killed, frozen and started again."""

    place: Place
    folder: Path
    role: str = "documents"
    environment: dict[str, str] = field(default_factory=dict)
    pid: int = field(default=0, init=False)  # 0: it does not run, as far as it was asked

    @property
    def journal(self) -> Path:
        return self.folder / f"{self.role}.journal"

    async def start(self, *, crash_at: str = "") -> None:
        """Until it is ready. It crashes at crash_at only once armed."""
        self.pid = await asyncio.to_thread(
            the_parent().start, self.role, journal=str(self.journal), log=str(self.folder / f"{self.role}.log"),
            crash_at=f"{crash_at}@{self._flag}" if crash_at else "", environment={**self.place.environment, **self.environment},
        )  # fmt: skip
        await eventually(self._is_ready, within_s=60)

    @property
    def _flag(self) -> Path:
        return self.folder / f"{self.role}.die"

    def arm(self) -> None:
        self._flag.touch()

    async def died(self) -> int:
        codes = await eventually(self._ended, within_s=90)
        self.pid = 0
        return codes[0]

    async def stop(self) -> int:
        if not self.pid:
            return 0
        os.kill(self.pid, signal.SIGTERM)
        return await self.died()

    async def kill9(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            await self.died()

    async def freeze(self) -> None:
        """Until it stands: the signal alone leaves it a moment."""
        os.kill(self.pid, signal.SIGSTOP)
        process = psutil.Process(self.pid)

        async def stands() -> bool:
            return process.status() == psutil.STATUS_STOPPED

        await eventually(stands)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def notes(self, name: str) -> list[Any]:
        """What the processes of this role wrote down under that name, one after the other."""
        if not self.journal.exists():
            return []
        return [note[name] for note in self.all_notes() if name in note]

    def all_notes(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.journal.read_text().splitlines()]

    def handed(self) -> Counter[str]:
        """How often each event was given to the handlers."""
        return Counter(event_id for batch in self.notes("handed") for event_id in batch)

    async def _is_ready(self) -> bool:
        ended = await self._ended()
        assert not ended, f"{self.role} ended with {ended[0]}; log in {self.folder}"
        return self.pid in self.notes("ready")

    async def _ended(self) -> list[int]:
        code = the_parent().exit_code(self.pid)
        return [] if code is None else [code]


class Tap:
    """A queue beside the subscribers' own: every message the broker accepted of an event type, in its order."""

    def __init__(self) -> None:
        self.event_ids: list[str] = []
        self.keys: list[str] = []

    @property
    def repeated(self) -> int:
        return len(self.event_ids) - len(set(self.event_ids))

    @property
    def published_twice(self) -> set[str]:
        return {event_id for event_id, times in Counter(self.event_ids).items() if times > 1}

    async def _note(self, message: AbstractIncomingMessage) -> None:
        event = json.loads(message.body)
        self.event_ids.append(event["id"])
        self.keys.append(f"{event['subject']}/{event['data']['sequence']}")


@asynccontextmanager
async def tapped(place: Place, *types: type[Event]) -> AsyncIterator[Tap]:
    tap = Tap()
    async with broker_channel(place) as channel:
        queue = await channel.declare_queue("tap", durable=True)
        for event in types:
            await queue.bind(topology.EXCHANGE, event.type)
        await queue.consume(tap._note, no_ack=True)
        yield tap


async def ready_in(place: Place, queue: str) -> tuple[int, int]:
    """(messages that wait, consumers) of a queue, as the broker counts them at this moment."""
    connection = await aio_pika.connect(place.rabbit_url, timeout=3)
    async with connection:
        channel = await connection.channel()
        counted = (await channel.declare_queue(queue, passive=True)).declaration_result
        return counted.message_count or 0, counted.consumer_count or 0


async def is_empty(place: Place, queue: str = INBOX) -> bool:
    return (await ready_in(place, queue))[0] == 0


async def is_heard(place: Place, queue: str = INBOX) -> bool:
    """Whether the broker is there and counts a consumer."""
    try:
        return (await ready_in(place, queue))[1] > 0
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError):
        return False


@asynccontextmanager
async def broker_channel(place: Place) -> AsyncIterator[AbstractChannel]:
    """A channel of the test's own, in a place where everything is declared."""
    connection = await aio_pika.connect(place.rabbit_url)
    async with connection:
        channel = await connection.channel()
        await topology.declare(channel, (1, 2))
        yield channel


async def more_acknowledged(load: Load, count: int) -> None:
    wanted = len(load.acknowledged) + count

    async def check() -> bool:
        return len(load.acknowledged) >= wanted

    await eventually(check, within_s=60)


async def more_effects(load: Load, count: int) -> None:
    wanted = len(await load.effects()) + count

    async def check() -> bool:
        return len(await load.effects()) >= wanted

    await eventually(check, within_s=60)


async def settle(load: Load, counts: Counts, *children: Child, within_s: float = 45) -> None:
    """Wait until nothing is left to do, or nothing more gets done; tell the children to end, leave no message behind; then
    count, and check the counts. within_s: for each next effects, however large the backlog."""
    first, place = children[0], children[0].place
    with suppress(AssertionError):  # what is still missing then is counted as lost
        while not await load.is_handled():
            had = len(await load.effects())
            await eventually(partial(_goes_on, load, had), within_s=within_s, every_s=0.2)
    for child in children:
        assert await child.stop() == 0
    while not await is_empty(place):  # handled, not yet acknowledged when its process ended: no second effect
        await first.start()
        await eventually(lambda: is_empty(place))
        assert await first.stop() == 0  # and what it had taken and not handled is back in its queue
    counts.compare(load.attempted, load.acknowledged, await load.effects())
    if counts.lost:
        waiting, given_up = [await load.database.db[name].count_documents({}) for name in ("outbox", "dead_letters")]
        counts.notes.append(f"of those without effect {waiting} wait in the outbox, {given_up} were given up")
    counts.check()


async def _goes_on(load: Load, had: int) -> bool:
    return await load.is_handled() or len(await load.effects()) >= had + 50
