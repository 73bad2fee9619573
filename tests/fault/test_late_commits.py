"""Transactions commit in another order than they began: the relay goes by what lies in the outbox, never by a position."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest

from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved
from shared.contracts.envelope import Envelope
from shared.mongo.database import Database
from shared.mongo.outbox import outbox_row
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.support.faults import AT, Child, Counts, Tap, approved, key_of, tapped
from tests.support.places import Place
from tests.support.serving import eventually

MOST_AT_ONCE = 5


@dataclass
class Held:
    """A transaction that is open, with its event written or not yet, until it is told to commit."""

    event: ApplicationApproved
    written_first: bool
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    may_commit: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    async def body(self, _command: None, uow: UnitOfWork) -> None:
        await uow.db.effects.insert_one({"key": key_of(self.event)}, session=uow.session)
        if self.written_first:
            row = outbox_row(Envelope(str(uuid4()), "eshik/applications", self.event, "corr-1234", None, None), 0)
            await uow.db.outbox.insert_one(row, session=uow.session)
        else:
            uow.publish(self.event)
        self.opened.set()
        await self.may_commit.wait()

    async def open(self, transactions: Transactions) -> None:
        self.task = asyncio.create_task(transactions.run(self.body, None))
        await self.opened.wait()

    async def commit(self) -> None:
        assert self.task is not None
        self.may_commit.set()
        await self.task


@pytest.fixture
def relays(place: Place, tmp_path: Path) -> list[Child]:
    return [Child(place, tmp_path, role=f"relay-{number}") for number in (1, 2)]


async def test_an_event_that_was_written_first_and_is_committed_last_is_published_all_the_same(
    place: Place, documents: Database, relays: list[Child], counts: Counts
) -> None:
    chance, transactions = Random(5), Transactions(documents, SystemClock())
    keys: set[str] = set()
    async with tapped(place, ApplicationApproved) as tap:
        try:
            await asyncio.gather(*(relay.start() for relay in relays))
            for _ in range(counts.pick(8, 200)):
                keys |= await overtaken(transactions, tap, chance, first=len(keys))
            await eventually(lambda: is_empty(documents))
            assert [await relay.stop() for relay in relays] == [0, 0]
        finally:
            for relay in relays:
                await relay.kill9()
    counts.compare(keys, keys, Counter(dict(zip(tap.event_ids, tap.keys, strict=True)).values()))
    counts.redelivered = tap.repeated
    counts.check()


async def overtaken(transactions: Transactions, tap: Tap, chance: Random, *, first: int) -> set[str]:
    """A few transactions that open one after the other and commit in any order. The one that opened first commits last, after
    the events of all others were seen at the broker."""
    held = []
    for number in range(first, first + chance.randint(2, MOST_AT_ONCE)):
        # what a position could be made of rises as they open: time and sequence
        event = approved(number).model_copy(update={"sequence": number, "occurred_at": AT + timedelta(seconds=number)})
        held.append(Held(event, written_first=chance.random() < 0.5))
        await held[-1].open(transactions)
    late, *others = held
    chance.shuffle(others)
    for other in others:
        await other.commit()
        if chance.random() < 0.5:
            await published(tap, key_of(other.event))
    for other in others:
        await published(tap, key_of(other.event))
    assert key_of(late.event) not in tap.keys
    await late.commit()
    await published(tap, key_of(late.event))
    return {key_of(each.event) for each in held}


async def published(tap: Tap, key: str) -> None:
    async def check() -> bool:
        return key in tap.keys

    await eventually(check)


async def is_empty(documents: Database) -> bool:
    return not await documents.db.outbox.count_documents({})
