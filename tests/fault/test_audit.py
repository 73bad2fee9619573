"""The audit's sequencer killed at its named points and at random: no entry is skipped, and none gets two numbers."""

import asyncio
import os
import random
import sys
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
from tests.support.faults import Counts
from tests.support.places import Place
from tests.support.serving import eventually

CHECKOUT = Path(__file__).resolve().parents[2]
POINTS = ("audit.head_written", "audit.appended", "audit.checkpoint_signed", "audit.checkpoint_placed")
KILLED = 137


@pytest.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    async with audited_database(place) as database:
        yield database


class Auditor:
    """The process, started anew each time."""

    def __init__(self, place: Place, database: Database, folder: Path) -> None:
        new_key(folder / "audit.pem")
        self._said = [place.mongo_url, database.name, str(folder / "audit.pem"), str(folder / "kept")]
        self._flag = folder / "die"

    async def start(self, crash_at: str = "") -> asyncio.subprocess.Process:
        self._flag.touch()
        armed = {"ESHIK_CRASH_AT": f"{crash_at}@{self._flag}"} if crash_at else {}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.fault.auditor", *self._said, cwd=CHECKOUT, env=os.environ | armed
        )


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
        doomed = await auditor.start(crash_at=point)
        await write(database, range(done, done + 20))
        done += 20
        assert await asyncio.wait_for(doomed.wait(), 90) == KILLED
    await settle(auditor, database, done)
    await must_be_whole(database, place, tmp_path, counts)


async def test_sequencers_killed_at_random_while_entries_are_written_leave_one_whole_chain(
    place: Place, database: Database, tmp_path: Path, counts: Counts
) -> None:
    auditor, dice = Auditor(place, database, tmp_path), random.Random(7)
    kills, done = (100 if counts.full else 4), 0
    for _ in range(kills):
        two = [await auditor.start(), await auditor.start()]
        for _ in range(3):
            await write(database, range(done, done + 10))
            done += 10
            await asyncio.sleep(dice.uniform(0.2, 1.5))
        for process in two:
            process.kill()
            await process.wait()
    await settle(auditor, database, done)
    await must_be_whole(database, place, tmp_path, counts)


async def begun(auditor: Auditor, database: Database) -> int:
    """Let one run until it follows the stream: what is killed then goes on from a place that is stored. Out: entries written."""
    first = await auditor.start()
    for done in (5, 10):
        await write(database, range(done - 5, done))

        async def numbered(count: int = done) -> bool:
            return await size_of(database) == count

        await eventually(numbered, within_s=90)
    first.kill()
    await first.wait()
    return 10


async def settle(auditor: Auditor, database: Database, count: int) -> None:
    """Let one run in peace until all is numbered, under a checkpoint, and that is with who keeps it."""
    last = await auditor.start()

    async def covered() -> bool:
        newest = await database.db[CHECKPOINTS].find_one({}, sort=[("_id", -1)])
        return await size_of(database) == count and newest is not None and newest["size"] == count and "waits_for" not in newest

    try:
        await eventually(covered, within_s=120)
    finally:
        last.kill()
        await last.wait()
