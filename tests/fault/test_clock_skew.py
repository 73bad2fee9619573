"""Processes whose clocks are twenty minutes apart: who holds what is told by the database, what comes first by the version."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.clock import SystemClock
from shared.contracts.applications import ApplicationApproved, ApplicationSubmitted
from shared.jobs.job import NewJob
from shared.mongo.database import Database
from shared.mongo.transactions import Transactions, UnitOfWork
from tests.fault.applications import CITIZEN, database_of, environment_of, insert_drafts
from tests.fault.conftest import load_of
from tests.fault.forked import ForkedService, forks
from tests.fault.test_several_relays import AGGREGATES, in_order, step_of_an_aggregate
from tests.integration.applications_client import act, keyed
from tests.support.faults import Child, Counts, Tap, settle, tapped
from tests.support.places import Place
from tests.support.serving import eventually
from tests.support.tokens import TestTokens

SKEWS = {"ahead": 600, "behind": -600}


def clock_of(folder: Path, skew: str) -> str:
    path = folder / f"clock-{skew}"
    path.write_text(str(SKEWS[skew]))
    return str(path)


@pytest.fixture
async def skewed(place: Place, tmp_path: Path) -> AsyncIterator[list[Child]]:
    """Two of the child's kind, of which the role is to be set; each with a clock of its own."""
    both = []
    for skew in SKEWS:
        (tmp_path / skew).mkdir()
        environment = {"ESHIK_CLOCK_FILE": clock_of(tmp_path, skew), "FAULT_SLOW_S": "0.01", "FAULT_LEASE_TTL_S": "3"}
        both.append(Child(place, tmp_path / skew, environment=environment))
    yield both
    for each in both:
        await each.kill9()


async def test_relays_with_clocks_twenty_minutes_apart_hand_over_and_keep_the_order(
    place: Place, child: Child, documents: Database, skewed: list[Child], counts: Counts
) -> None:
    load = load_of(documents, step_of_an_aggregate)
    for number, relay in enumerate(skewed):
        relay.role = f"relay-{number}"
    async with tapped(place, ApplicationApproved) as tap:
        await asyncio.gather(*(relay.start() for relay in skewed))
        for number in range(counts.pick(2, 40)):  # each time the one that is at work is killed, so that the other takes over
            await load.run(AGGREGATES * 4, at_once=AGGREGATES)
            before = len(tap.keys)
            await skewed[number % 2].kill9()
            await eventually(lambda before=before: is_told(tap, before, load.database))  # type: ignore[misc]
            await skewed[number % 2].start()
        assert [await relay.stop() for relay in skewed] == [0, 0]
    counts.redelivered = tap.repeated
    assert in_order(tap)
    await child.start()
    await settle(load, counts, child)


async def is_told(tap: Tap, before: int, database: Database) -> bool:
    return len(tap.keys) > before and not await database.db.outbox.count_documents({})


async def note_job(_command: None, uow: UnitOfWork, *, jobs: list[NewJob]) -> None:
    for job in jobs:
        uow.schedule(job)


async def test_workers_with_clocks_twenty_minutes_apart_run_each_job_once(
    documents: Database, skewed: list[Child], counts: Counts
) -> None:
    transactions, due = Transactions(documents, SystemClock()), datetime.now(UTC) - timedelta(minutes=15)
    jobs = [NewJob("note", f"job-{number}", due) for number in range(counts.pick(80, 2_000))]
    for number, worker in enumerate(skewed):
        worker.role = f"worker-{number}"
        worker.environment["FAULT_SLOW_S"] = "0.3"  # so that the other has the time to take it for abandoned
    await asyncio.gather(*(worker.start() for worker in skewed))
    for start in range(0, len(jobs), 40):
        await transactions.run(partial(note_job, jobs=jobs[start : start + 40]), None)
    await eventually(lambda: all_done(documents, len(jobs)), within_s=60 + len(jobs) / 4)
    assert [await worker.stop() for worker in skewed] == [0, 0]
    names = {job.id for job in jobs}
    ran = Counter([job_id for worker in skewed for job_id in worker.notes("ran")])
    counts.compare(names, names, ran)
    counts.compare(names, names, Counter([row["key"] async for row in documents.db.effects.find({})]))
    counts.notes.append(f"ran by each: {[len(worker.notes('ran')) for worker in skewed]}")
    assert all(worker.notes("ran") for worker in skewed), "only one worked: nothing was tried"
    counts.check()


async def all_done(documents: Database, count: int) -> bool:
    return await documents.db.jobs.count_documents({"state": "done"}) == count


@dataclass
class Pair:
    """Two processes of the applications service, and how to ask either."""

    ahead: httpx.AsyncClient
    behind: httpx.AsyncClient
    database: Database


@pytest.fixture
async def pair(place: Place, tokens: TestTokens, tmp_path: Path) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        environment = await stack.enter_async_context(environment_of(place, tokens))
        database = await stack.enter_async_context(database_of(place))
        parent = await stack.enter_async_context(forks("applications", environment, log=tmp_path / "applications.log"))
        clients = {}
        for skew in SKEWS:
            service = ForkedService(parent)
            await service.start(ESHIK_CLOCK_FILE=clock_of(tmp_path, skew))
            made = httpx.AsyncClient(base_url=service.address, trust_env=False, timeout=30)
            clients[skew] = await stack.enter_async_context(made)
        yield Pair(clients["ahead"], clients["behind"], database)


def long_lived() -> dict[str, Any]:
    """Claims of a token that both clocks hold to be valid now."""
    now = datetime.now(UTC)
    return {"iat": now - timedelta(minutes=11), "exp": now + timedelta(minutes=15)}


async def test_a_case_that_two_processes_with_clocks_twenty_minutes_apart_work_on_keeps_its_due_date_and_its_order(
    place: Place, pair: Pair, tokens: TestTokens, counts: Counts
) -> None:
    people = [tokens.officer(name, "intake", "deciding", **long_lived()) for name in ("first", "second")]
    citizen, effects = tokens.citizen(CITIZEN, **long_lived()), Counter[str]()
    async with tapped(place, ApplicationSubmitted, ApplicationApproved) as tap:
        cases = await insert_drafts(pair.database.db, counts.pick(5, 200))
        for case in cases:
            path = f"/api/applications/{case}"
            assert (await pair.ahead.post(f"{path}/submission", headers=keyed(citizen))).status_code == 200
            due = {(await each.get(path, headers=citizen)).json()["due"]["on"] for each in (pair.ahead, pair.behind)}
            steps = [(pair.behind, 0, "claim"), (pair.ahead, 0, "release"), (pair.behind, 0, "claim"),
                     (pair.ahead, 0, "proposal"), (pair.behind, 1, "decision")]  # fmt: skip
            for api, who, noun in steps:
                body = {"outcome": "approve"} if noun in ("proposal", "decision") else None
                assert (await act(api, people[who], case, noun, body)).status_code == 200
            due |= {row["due_on"] async for row in pair.database.db.applications.find({"_id": case}, {"due_on": 1})}
            assert len(due) == 1
            entries = await pair.database.db.journal.find({"application_id": case}).sort("sequence", 1).to_list()
            assert [entry["action"].partition(":")[2] for entry in entries] == [
                "submit", "claim", "release", "claim", "propose_approval", "approve",
            ]  # fmt: skip
            times = [entry["at"] for entry in entries]
            assert times != sorted(times), "the clocks agree: nothing was tried"
            effects[case] += 1
        await eventually(lambda: _sent(tap, 2 * len(cases)))
    assert in_order(tap)
    counts.compare(set(cases), set(cases), effects)
    counts.check()


async def _sent(tap: Tap, count: int) -> bool:
    return len(set(tap.event_ids)) >= count


async def test_a_token_lives_by_the_clock_of_the_service_that_is_asked_and_by_no_other(
    pair: Pair, tokens: TestTokens, counts: Counts
) -> None:
    asked: Counter[str] = Counter()
    for skew, api in (("ahead", pair.ahead), ("behind", pair.behind)):
        there = datetime.now(UTC) + timedelta(seconds=SKEWS[skew])
        for left_s, status in ((120, 200), (-120, 401)):  # half a minute of leeway, and a machine that stalls
            claims: dict[str, Any] = {"iat": there - timedelta(minutes=15), "exp": there + timedelta(seconds=left_s)}
            answer = await api.get("/api/applications", headers=tokens.citizen(CITIZEN, **claims))
            assert answer.status_code == status, (skew, left_s)
            asked[f"{skew} {left_s}"] += 1
    counts.compare(set(asked), set(asked), asked)
    counts.check()
