"""The purge is killed in its middle, again and again: nothing is left by halves, nothing is counted twice, and it ends."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from deploy.local.places import CHECKOUT
from services.applications.domain.status import Status
from services.applications.retention import REMEMBERED, retention
from shared.jobs.job import JobState, NewJob
from shared.mongo.audit import AUDIT
from shared.mongo.database import Database
from shared.mongo.ledger import settled
from shared.mongo.purge_account import PurgeAccount
from shared.mongo.purge_job import PURGE
from shared.mongo.purging import PURGED
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.support.faults import KILLED
from tests.support.keeping import DUE, RUN, Still, case, database_of, left, purge_of, put, report
from tests.support.places import Place
from tests.support.serving import eventually

POINTS = ("retention.batch_committed", "transaction.state_written", "transaction.committed")
COUNT = 260  # of which each kill leaves some to do


async def order(run: str, uow: UnitOfWork) -> None:
    uow.schedule(NewJob(PURGE, run, DUE))


async def purger(place: Place, database: Database, armed: dict[str, str]) -> asyncio.subprocess.Process:
    said = [place.mongo_url, database.name, (DUE + timedelta(minutes=1)).isoformat()]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.purger", *said, cwd=CHECKOUT, env=os.environ | armed
    )


async def test_a_purge_that_is_killed_on_the_way_leaves_nothing_by_halves_and_counts_each_case_once(
    place: Place, tmp_path: Path
) -> None:
    keys = {f"c{number:03d}" for number in range(COUNT)}
    async with database_of(place) as database:
        await put(database, [case(key, Status.REFUSED) for key in sorted(keys)])
        await purge_of(database, retention(), DUE)._begin()
        await Transactions(database, Still(DUE)).run(order, RUN)
        for point in POINTS:
            flag = tmp_path / point
            flag.touch()
            doomed = await purger(place, database, {"ESHIK_CRASH_AT": f"{point}@{flag}"})
            assert await asyncio.wait_for(doomed.wait(), 120) == KILLED
            await database.db.jobs.update_one({"_id": f"{PURGE}:{RUN}"}, {"$set": {"leased_until_ms": 0}})  # its lease is over
            there = await left(database)
            assert all(found == there["applications"] for found in there.values())  # a case is there whole, or not at all
            assert {row["_id"] async for row in database.db[PURGED].find()} == keys - there["applications"]
        last = await purger(place, database, {})

        async def done() -> bool:
            return bool(await database.db.jobs.count_documents({"_id": f"{PURGE}:{RUN}", "state": JobState.DONE}))

        try:
            await eventually(done, within_s=120)
        finally:
            last.kill()
            await last.wait()
        line = (await report(database))["case"]
        entries = await database.db[AUDIT].find({"about.kind": "case"}).to_list()
        assert line["deleted"] == sum(row["about"]["count"] for row in entries) == COUNT
        assert sorted(key for row in entries for key in row["about"]["ids"]) == sorted(keys)
        assert line["tries"] >= 2
        assert not any((await left(database)).values())
        [verdict] = await settled(database.client, PurgeAccount(database.db, REMEMBERED))
        assert verdict.holds
