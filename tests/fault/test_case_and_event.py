"""A case and its event are one: whenever the service is killed, both are there or neither."""

import asyncio
import time
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random

import httpx

from shared.contracts.applications import ApplicationSubmitted
from shared.mongo.database import Database
from tests.fault.applications import (
    CITIZEN,
    Caller,
    database_of,
    environment_of,
    insert_drafts,
    submitted_cases,
    unsent_events,
)
from tests.fault.forked import ForkedService, forks
from tests.support.faults import KILLED, Counts, Tap, tapped
from tests.support.places import Place
from tests.support.serving import eventually
from tests.support.tokens import TestTokens

BEFORE = ("transaction.before", "transaction.state_written", "transaction.before_commit")  # the second: between two writes
AFTER = ("transaction.committed", "request.before_reply")
TRIES = 3
AT_ONCE = 3  # one meets the point, the others are hit wherever they are
ABANDONED_S = 12.0  # so long the database of the tests keeps the locks of a transaction whose client is gone


async def test_no_case_without_its_event_and_no_event_without_its_case_wherever_the_service_is_killed(
    place: Place, tokens: TestTokens, counts: Counts, tmp_path: Path
) -> None:
    kills, chance = counts.pick(2, 200), Random(1)
    points = list((BEFORE + AFTER) * kills)
    chance.shuffle(points)
    async with (
        environment_of(place, tokens) as environment,
        database_of(place) as database,
        tapped(place, ApplicationSubmitted) as tap,
        forks("applications", environment, log=tmp_path / "applications.log") as parent,
    ):
        service = ForkedService(parent)
        async with httpx.AsyncClient(base_url=service.address, trust_env=False, timeout=30) as api:
            caller = Caller(api, tokens.citizen(CITIZEN))
            drafts = await insert_drafts(database.db, len(points) * AT_ONCE)
            killed = await kill_at_each(points, drafts, service, caller, database, tap, tmp_path / "die", full=counts.full)
            await service.start()
            await asyncio.gather(*(caller.submit(application_id) for application_id in killed))
            await eventually(lambda: all_told(database, tap, drafts))
            await service.stop()
        await count(counts, database, tap, set(drafts), caller)


async def kill_at_each(
    points: list[str], drafts: list[str], service: ForkedService, caller: Caller, database: Database, tap: Tap, flag: Path,
    *, full: bool,
) -> list[str]:  # fmt: skip
    """Out: the applications whose repeat is still to come. Each round begins with the repeats of earlier ones."""
    repeats: list[tuple[float, str]] = []
    for number, point in enumerate(points):
        batch = drafts[number * AT_ONCE : (number + 1) * AT_ONCE]
        await service.start(crash_at=f"{point}@{flag}")
        due = [application_id for at, application_id in repeats if at < time.monotonic()]
        await asyncio.gather(*(caller.submit(application_id) for application_id in due))
        repeats = [repeat for repeat in repeats if repeat[1] not in due]
        for tries_left in reversed(range(TRIES)):
            arm(flag)
            await asyncio.gather(*(caller.try_once(application_id) for application_id in batch))
            assert await service.died() == KILLED
            found = await eventually(partial(both_or_neither, database, tap, batch))
            assert found
            both = found[0]
            assert both.issuperset(caller.acknowledged.intersection(batch))
            if both or point not in AFTER:
                break
            assert tries_left, "killed after the commit, and nothing is committed"
            await service.start(crash_at=f"{point}@{flag}")  # a job of the service committed first, and died in their place
        if not full:
            await database.client.admin.command("killAllSessions", [])
        wait_s = ABANDONED_S if full else 0.0
        repeats += [(time.monotonic() + wait_s, each) for each in batch if each not in caller.acknowledged]
    return [application_id for _, application_id in repeats]


def arm(flag: Path) -> None:
    flag.touch()


async def both_or_neither(database: Database, tap: Tap, batch: list[str]) -> tuple[set[str]] | None:
    """The cases of the batch that are submitted, where exactly they have their event."""
    waiting = await unsent_events(database.db)
    told = {key.partition("/")[0] for key in tap.keys}
    there = await submitted_cases(database.db, batch)
    return (there,) if there == {each for each in batch if each in waiting or each in told} else None


async def all_told(database: Database, tap: Tap, drafts: list[str]) -> bool:
    return not await database.db.outbox.count_documents({}) and len(set(tap.event_ids)) >= len(drafts)


async def count(counts: Counts, database: Database, tap: Tap, drafts: set[str], caller: Caller) -> None:
    counts.compare(drafts, caller.acknowledged, Counter(await submitted_cases(database.db)))
    event_of = dict(zip(tap.event_ids, (key.partition("/")[0] for key in tap.keys), strict=True))
    counts.compare(drafts, caller.acknowledged, Counter(event_of.values()))
    entries = database.db.journal.find({"action": "application:submit"})
    written = [(entry["application_id"], entry["event_ids"]) async for entry in entries]
    counts.compare(drafts, caller.acknowledged, Counter([application_id for application_id, _ in written]))
    assert {event_id: application_id for application_id, event_ids in written for event_id in event_ids} == event_of
    counts.redelivered, counts.recovered = tap.repeated, len(caller.replayed)
    counts.notes.append(f"submissions broken off by kills: {caller.broken_off}")
    assert caller.acknowledged == drafts
    assert caller.replayed, "no kill hit between commit and reply"
    counts.check()
