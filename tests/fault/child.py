"""A small service to be killed, forked by tests/fault/forked.py: relay... for a relay, worker... for a worker alone.

It keeps what it hears as rows of `effects`, with an id of their own each, so that an effect that happens twice is seen.
"""

import asyncio
import json
import os
import signal
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import shared.mongo.transactions
import shared.runtime
from shared.clock import SystemClock, clock_from
from shared.config import Settings
from shared.contracts.applications import ApplicationEvent
from shared.contracts.base import Event
from shared.contracts.envelope import Envelope
from shared.jobs.job import Finish, Job, JobKind
from shared.jobs.worker import Worker
from shared.logs import configure_logs
from shared.messaging.broker import Broker
from shared.messaging.publisher import Publisher
from shared.messaging.topology import SUBSCRIPTIONS
from shared.mongo.database import Database
from shared.mongo.leases import Lease
from shared.mongo.relay import OutboxRelay
from shared.mongo.transactions import Handler, Transactions, UnitOfWork
from shared.runtime import Runtime
from tests.fault.auditor import audit
from tests.fault.sealing_child import rewrapper
from tests.support.faults import key_of
from tests.support.serving import eventually

POISON = "POISON"
LONG = "LONG"  # the reference that makes a handler take long
SECONDS = {"SLOW": 0.0, "LONG": 8.0, "PATIENCE": 30.0, "LEASE_TTL": 2.0}


def seconds(what: str) -> float:
    """As the environment says, which a forked process has only after this module was read: FAULT_SLOW_S and the others."""
    return float(os.environ.get(f"FAULT_{what}_S", SECONDS[what]))


class Journal:
    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def note(self, **what: object) -> None:
        self._file.write(json.dumps(what).encode() + b"\n")


class WatchedTransactions(Transactions):
    """Writes down which events are handed over, before anything is done with them."""

    def __init__(self, database: Database, journal: Journal) -> None:
        super().__init__(database, SystemClock())
        self._journal = journal

    async def run_batch(self, handlers: Mapping[type[Event], Handler], envelopes: Sequence[Envelope]) -> None:
        self._journal.note(handed=[envelope.event_id for envelope in envelopes])
        await super().run_batch(handlers, envelopes)


async def record_effect(event: ApplicationEvent, uow: UnitOfWork) -> None:
    if event.reference == POISON:
        raise RuntimeError("a person's name might stand here")
    if slow_s := seconds("SLOW"):
        await asyncio.sleep(slow_s)
    if event.reference == LONG:
        await asyncio.sleep(seconds("LONG"))
    await uow.db.effects.insert_one({"key": key_of(event), "type": event.type}, session=uow.session)


class WatchedLease(Lease):
    """Writes down, before it is said, that somebody asks whether the lease is still held."""

    journal: Journal

    @property
    def held(self) -> bool:
        self.journal.note(asks="held")
        return super().held


class WatchedPublisher(Publisher):
    """Writes down what is about to be published, and takes its time after."""

    def __init__(self, broker: Broker, journal: Journal) -> None:
        super().__init__(broker)
        self._journal = journal

    async def publish(self, event_id: str, *rest: Any) -> None:
        self._journal.note(published=event_id)
        await super().publish(event_id, *rest)
        await asyncio.sleep(seconds("SLOW"))


async def service(name: str, journal: Journal, stopping: asyncio.Event) -> None:
    handlers: dict[type[Event], Handler] = dict.fromkeys(SUBSCRIPTIONS[name], record_effect)
    # a killed relay's lease must run out first: shorter than in production, so that a test need not wait 10 s for it
    vars(shared.runtime)["OutboxRelay"] = partial(OutboxRelay, lease_ttl_s=seconds("LEASE_TTL"))
    vars(shared.mongo.transactions)["BACKGROUND_TIMEOUT_S"] = seconds("PATIENCE")
    runtime = Runtime(name, Settings(), handlers=handlers, jobs={}, indexes={"effects": []})
    await runtime.start()
    runtime.transactions = WatchedTransactions(runtime.database, journal)

    async def ready() -> bool:
        return set((await runtime.parts()).values()) == {"ok"}

    await eventually(ready, within_s=50)
    journal.note(ready=os.getpid())
    await stopping.wait()
    await runtime.stop()


async def relay(journal: Journal, stopping: asyncio.Event) -> None:
    settings = Settings()
    database = Database(settings.mongo_url, f"{settings.database_prefix}documents")
    broker = Broker(settings.rabbit_url, "relay", retry_delays_s=settings.retry_delays_s)
    publisher = WatchedPublisher(broker, journal)
    await publisher.open()
    part = OutboxRelay(database, publisher, clock_from(settings.clock_file), lease_ttl_s=seconds("LEASE_TTL"))
    part.lease = WatchedLease(database.db.leases, "outbox-relay", ttl_s=seconds("LEASE_TTL"))
    part.lease.journal = journal
    running = asyncio.create_task(part.run())
    journal.note(ready=os.getpid())
    await stopping.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await publisher.close()
    await broker.close()
    await database.close()


async def record_job(job_id: str, uow: UnitOfWork) -> None:
    await uow.db.effects.insert_one({"key": job_id}, session=uow.session)


async def worker(journal: Journal, stopping: asyncio.Event) -> None:
    settings = Settings()
    clock = clock_from(settings.clock_file)
    database = Database(settings.mongo_url, f"{settings.database_prefix}documents")
    database.prepared = True  # by the test

    async def run(job: Job) -> Finish:
        journal.note(ran=job.id)
        await asyncio.sleep(seconds("SLOW"))
        return Finish(record_job, job.id)

    kinds = {"note": JobKind(run, lease_s=20)}
    running = asyncio.create_task(Worker(database, Transactions(database, clock), clock, kinds).run())
    journal.note(ready=os.getpid())
    await stopping.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.close()


async def auditor(journal: Journal, _stopping: asyncio.Event) -> None:
    journal.note(ready=os.getpid())
    await audit(Settings().mongo_url)


async def rotation(journal: Journal, _stopping: asyncio.Event) -> None:
    rotating = rewrapper()
    journal.note(ready=os.getpid())
    await rotating.run()


PARTS = {"relay": relay, "worker": worker, "auditor": auditor, "rotation": rotation}


async def main(role: str, journal: Journal) -> None:
    stopping = asyncio.Event()
    journal.note(began=os.getpid())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    configure_logs(role, os.environ.get("ESHIK_LOG_LEVEL", "warning"))
    kind = role.partition("-")[0]
    await (PARTS[kind](journal, stopping) if kind in PARTS else service(kind, journal, stopping))
