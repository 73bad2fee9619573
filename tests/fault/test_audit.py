"""The audit's sequencer killed at its named points and at random: no entry is skipped, and none gets two numbers."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from cli.audit_export import write_export
from shared.audit.verifying import Kept, judge
from shared.mongo.audit import AUDIT, CHECKPOINTS
from shared.mongo.database import Database, Document
from tests.support.auditing import audited_database, log_of, new_key, size_of, write
from tests.support.faults import KILLED, Child, Counts
from tests.support.places import Place
from tests.support.serving import eventually

POINTS = ("audit.head_written", "audit.appended", "audit.checkpoint_signed", "audit.checkpoint_placed")


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    async with audited_database(place) as database:
        yield database


class Auditor(Child):
    """Numbers the database's audit until it is killed: tests/fault/auditor.py."""

    def __init__(self, place: Place, database: Database, folder: Path, number: int = 1) -> None:
        key = folder / "audit.pem"
        if not key.exists():
            new_key(key)
        said = {"FAULT_AUDITED": database.name, "FAULT_AUDIT_KEY": str(key), "FAULT_AUDIT_KEPT": str(folder / "kept")}
        super().__init__(place, folder, f"auditor-{number}", said)


async def must_be_whole(database: Database, place: Place, folder: Path, counts: Counts) -> None:
    """Every row has one number, and the export verifies against what the folder holds."""
    rows = {f"{AUDIT}:{row['_id']}" async for row in database.db[AUDIT].find({}, {"_id": 1})}
    logged = await log_of(database)
    counts.compare(rows, rows, Counter(row["id"] for row in logged))
    assert [row["_id"] for row in logged] == list(range(1, len(rows) + 1))
    with MongoClient[Document](place.mongo_url, tz_aware=True) as client:
        write_export(client[database.name], "applications", folder / "audit.jsonl")
    with (folder / "audit.jsonl").open("rb") as lines:
        judged = judge(lines, Kept.in_folder(folder / "kept", "applications"))
    assert (judged.broken, judged.entries) == (None, len(rows))
    counts.check()


@pytest.mark.parametrize("point", POINTS)
async def test_a_sequencer_killed_at_a_named_point_neither_skips_an_entry_nor_numbers_one_twice(
    place: Place, database: Database, tmp_path: Path, counts: Counts, point: str
) -> None:
    auditor = Auditor(place, database, tmp_path)
    done = await begun(auditor, database)
    for _ in range(20 if counts.full else 2):
        await auditor.start(crash_at=point)
        auditor.arm()
        await write(database, range(done, done + 20))
        done += 20
        assert await auditor.died() == KILLED
    await settle(auditor, database, done)
    await must_be_whole(database, place, tmp_path, counts)


async def test_sequencers_killed_at_random_while_entries_are_written_leave_one_whole_chain(
    place: Place, database: Database, tmp_path: Path, counts: Counts
) -> None:
    two, dice = [Auditor(place, database, tmp_path, number) for number in (1, 2)], random.Random(7)
    kills, done = (100 if counts.full else 4), 0
    for _ in range(kills):
        await asyncio.gather(*(one.start() for one in two))
        for _ in range(3):
            await write(database, range(done, done + 10))
            done += 10
            await asyncio.sleep(dice.uniform(0.2, 1.5))
        for one in two:
            await one.kill9()
    await settle(two[0], database, done)
    await must_be_whole(database, place, tmp_path, counts)


async def begun(auditor: Auditor, database: Database) -> int:
    """Let one run until it follows the stream: what is killed then goes on from a place that is stored. Out: entries written."""
    await auditor.start()
    for done in (5, 10):
        await write(database, range(done - 5, done))

        async def numbered(count: int = done) -> bool:
            return await size_of(database) == count

        await eventually(numbered, within_s=90)
    await auditor.kill9()
    return 10


async def settle(auditor: Auditor, database: Database, count: int) -> None:
    """Let one run in peace until all is numbered, under a checkpoint, and that is with who keeps it."""
    await auditor.start()

    async def covered() -> bool:
        newest = await database.db[CHECKPOINTS].find_one({}, sort=[("_id", -1)])
        return await size_of(database) == count and newest is not None and newest["size"] == count and "waits_for" not in newest

    try:
        await eventually(covered, within_s=120)
    finally:
        await auditor.kill9()
